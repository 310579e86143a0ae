# The container of an environment's state, made once and before all else. Its own small state stays beside it, or is brought
# into the container: docs/infrastructure.md

terraform {
  required_version = ">= 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.55"
    }
  }
}

provider "azurerm" {
  storage_use_azuread = true

  features {}
}

# Apart from the hosts' group: who removes that one keeps the state.
resource "azurerm_resource_group" "state" {
  name     = "${var.name}-state"
  location = var.region
  tags     = { project = var.name, made-by = "quayside" }
}

resource "azurerm_storage_account" "state" {
  # 24 letters and digits at the most.
  name                              = "${replace(var.name, "-", "")}tfs"
  resource_group_name               = azurerm_resource_group.state.name
  location                          = var.region
  account_tier                      = "Standard"
  account_replication_type          = "ZRS"
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true
  allow_nested_items_to_be_public   = false
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  tags                              = azurerm_resource_group.state.tags

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = 90
    }

    container_delete_retention_policy {
      days = 90
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "state" {
  name                  = "state"
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"

  lifecycle {
    prevent_destroy = true
  }
}

output "backend" {
  description = "What terraform init is given by -backend-config."
  value       = { resource_group_name = azurerm_resource_group.state.name, storage_account_name = azurerm_storage_account.state.name }
}
