terraform {
  # Write-only arguments, by which a database's password stays out of the state: Terraform 1.11, OpenTofu 1.11.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }
}
