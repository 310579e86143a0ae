terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
}

# Credentials and the project come from the environment: GOOGLE_APPLICATION_CREDENTIALS or gcloud's own, GOOGLE_PROJECT.
provider "google" {
  region = var.region
}
