resource "google_service_account" "tier" {
  for_each = local.tiers

  account_id   = "${var.name}-${each.key}"
  display_name = "Hosts of ${var.name}'s tier ${each.key}"
}

resource "google_artifact_registry_repository_iam_member" "pull" {
  for_each = toset(["edge", "app", "manager", "worker"])

  location   = google_artifact_registry_repository.app.location
  repository = google_artifact_registry_repository.app.name
  role       = "roles/artifactregistry.reader"
  member     = "serviceAccount:${google_service_account.tier[each.key].email}"
}

resource "google_service_account" "backup" {
  account_id   = "${var.name}-backup"
  display_name = "Writes ${var.name}'s backups"
}

# Backups are written and read, never removed: what a break-in on the host cannot do either.
resource "google_project_iam_custom_role" "backup" {
  role_id = replace("${var.name}_backup", "-", "_")
  title   = "Write and read backups, remove none"
  permissions = [
    "storage.buckets.get",
    "storage.multipartUploads.abort",
    "storage.multipartUploads.create",
    "storage.multipartUploads.list",
    "storage.multipartUploads.listParts",
    "storage.objects.create",
    "storage.objects.get",
    "storage.objects.list",
  ]
}

resource "google_storage_bucket_iam_member" "backup" {
  bucket = google_storage_bucket.backups.name
  role   = google_project_iam_custom_role.backup.id
  member = "serviceAccount:${google_service_account.backup.email}"
}

# What speaks S3 signs with a key of this kind.
resource "google_storage_hmac_key" "backup" {
  service_account_email = google_service_account.backup.email
}
