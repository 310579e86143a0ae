# Where the state is: a container with versions, made by bootstrap/azure. Its account and group come by -backend-config.
# The lock is a lease on the blob.
terraform {
  backend "azurerm" {
    container_name   = "state"
    key              = "terraform.tfstate"
    use_azuread_auth = true
  }
}
