locals {
  backup_bucket   = google_storage_bucket.backups.name
  backup_endpoint = "https://storage.googleapis.com"
  backup_key = {
    access_key = google_storage_hmac_key.backup.access_id
    secret_key = google_storage_hmac_key.backup.secret
  }
}

# Google encrypts every object, with keys of its own, and has no way to leave it.
resource "google_storage_bucket" "backups" {
  name                        = "${var.name}-backups"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false
  labels                      = local.tags

  # A bucket that keeps what it holds for a time cannot have versions: nothing in it can be replaced.
  versioning {
    enabled = var.backup.lock_days == null
  }

  dynamic "retention_policy" {
    for_each = var.backup.lock_days == null ? [] : [var.backup.lock_days]

    content {
      retention_period = retention_policy.value * 86400
      is_locked        = true
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = var.backup.older_days
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }

    condition {
      age = 7
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}
