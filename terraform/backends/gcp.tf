# Where the state is: a bucket with versions, made by bootstrap/gcp. Its name comes by -backend-config. The lock is an
# object beside it, written only where there is none.
terraform {
  backend "gcs" {
    prefix = "terraform"
  }
}
