# The bucket of an environment's state, made once and before all else. Its own small state stays beside it, or is brought
# into the bucket: docs/infrastructure.md

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
}

provider "google" {
  region = var.region
}

resource "google_storage_bucket" "state" {
  name                        = "${var.name}-state"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false
  labels                      = { project = var.name, made-by = "quayside" }

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = 365
      num_newer_versions         = 20
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

output "backend" {
  description = "What terraform init is given by -backend-config."
  value       = { bucket = google_storage_bucket.state.name }
}
