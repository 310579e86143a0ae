terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }
}

# Credentials come from the environment, a profile, or the role of the machine: never from a file here.
provider "aws" {
  region = var.region
}
