resource "azurerm_user_assigned_identity" "tier" {
  for_each = local.tiers

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.region
  tags                = local.tags
}

resource "azurerm_role_assignment" "pull" {
  for_each = toset(["edge", "app", "manager", "worker"])

  scope                = azurerm_container_registry.app.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.tier[each.key].principal_id
}

# Backups are written and read, never removed: what a break-in on the host cannot do either.
resource "azurerm_role_definition" "backup" {
  name        = "${var.name}: write and read backups, remove none"
  scope       = azurerm_resource_group.this.id
  description = "For the db hosts' identity"

  permissions {
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    data_actions = [
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
    ]
  }

  assignable_scopes = [azurerm_resource_group.this.id]
}

resource "azurerm_role_assignment" "backup" {
  scope              = azurerm_storage_container.backups.id
  role_definition_id = azurerm_role_definition.backup.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.tier["db"].principal_id
}
