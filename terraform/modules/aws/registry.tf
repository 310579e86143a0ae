locals {
  registry = "${split("/", aws_ecr_repository.app["api"].repository_url)[0]}/${var.name}"
}

resource "aws_ecr_repository" "app" {
  for_each = toset(["api", "web"])

  name = "${var.name}/${each.key}"
  # A release is its tag: what was deployed yesterday is what a rollback pulls.
  image_tag_mutability = "IMMUTABLE"
  tags                 = local.tags

  encryption_configuration {
    encryption_type = "KMS"
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}
