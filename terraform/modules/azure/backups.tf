# Azure speaks no S3: Quayside's own backups go elsewhere, and the container is for what else there is to keep.
locals {
  backup_bucket   = azurerm_storage_container.backups.name
  backup_endpoint = null
  backup_key      = null
}

resource "azurerm_storage_account" "backups" {
  # 24 letters and digits at the most.
  name                              = "${replace(var.name, "-", "")}bak"
  resource_group_name               = azurerm_resource_group.this.name
  location                          = var.region
  account_tier                      = "Standard"
  account_replication_type          = var.zones > 1 ? "ZRS" : "LRS"
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true
  allow_nested_items_to_be_public   = false
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  tags                              = local.tags

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = min(365, var.backup.older_days)
    }

    container_delete_retention_policy {
      days = min(365, var.backup.older_days)
    }
  }

  network_rules {
    default_action             = "Deny"
    bypass                     = ["AzureServices"]
    virtual_network_subnet_ids = azurerm_subnet.private[*].id
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "backups" {
  name                  = "backups"
  storage_account_id    = azurerm_storage_account.backups.id
  container_access_type = "private"

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container_immutability_policy" "backups" {
  count = var.backup.lock_days == null ? 0 : 1

  storage_container_resource_manager_id = azurerm_storage_container.backups.id
  immutability_period_in_days           = var.backup.lock_days
  locked                                = true
}

resource "azurerm_storage_management_policy" "backups" {
  storage_account_id = azurerm_storage_account.backups.id

  rule {
    name    = "what-was-replaced"
    enabled = true

    filters {
      blob_types = ["blockBlob"]
    }

    actions {
      version {
        delete_after_days_since_creation = var.backup.older_days
      }
    }
  }
}
