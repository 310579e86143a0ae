# Where the state is: a bucket with versions, made by bootstrap/aws. Its name and region come by -backend-config. The lock
# is an object beside it, written only where there is none.
terraform {
  backend "s3" {
    key          = "terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
