data "aws_iam_policy_document" "instances" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "tier" {
  for_each = local.tiers

  name               = "${var.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.instances.json
  tags               = local.tags
}

resource "aws_iam_instance_profile" "tier" {
  for_each = local.tiers

  name = "${var.name}-${each.key}"
  role = aws_iam_role.tier[each.key].name
  tags = local.tags
}

# The hosts that run containers may pull ours, and nobody else's.
data "aws_iam_policy_document" "pull" {
  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [for repository in aws_ecr_repository.app : repository.arn]
  }

  # Signing in knows no resource: AWS takes nothing else here.
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "pull" {
  for_each = toset(["edge", "app", "manager", "worker"])

  name   = "pull"
  role   = aws_iam_role.tier[each.key].name
  policy = data.aws_iam_policy_document.pull.json
}

# Backups are written and read, never removed: what a break-in on the host cannot do either.
data "aws_iam_policy_document" "backup" {
  statement {
    actions   = ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${aws_s3_bucket.backups.arn}/*"]
  }

  statement {
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetBucketLocation"]
    resources = [aws_s3_bucket.backups.arn]
  }

  statement {
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [aws_kms_key.backups.arn]
  }
}

resource "aws_iam_role_policy" "backup" {
  name   = "backup"
  role   = aws_iam_role.tier["db"].name
  policy = data.aws_iam_policy_document.backup.json
}
