terraform {
  required_version = ">= 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.55"
    }
  }
}

# Credentials come from `az login` or the environment, the subscription from ARM_SUBSCRIPTION_ID.
provider "azurerm" {
  # Storage accounts here have no keys: who may is by identity alone.
  storage_use_azuread = true

  features {}
}
