locals {
  registry = "${var.region}-docker.pkg.dev/${google_artifact_registry_repository.app.project}/${var.name}"
}

resource "google_artifact_registry_repository" "app" {
  location      = var.region
  repository_id = var.name
  format        = "DOCKER"
  labels        = local.tags

  # A release is its tag: what was deployed yesterday is what a rollback pulls.
  docker_config {
    immutable_tags = true
  }
}
