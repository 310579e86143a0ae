locals {
  registry = azurerm_container_registry.app.login_server
}

resource "azurerm_container_registry" "app" {
  # Letters and digits alone.
  name                   = replace(var.name, "-", "")
  resource_group_name    = azurerm_resource_group.this.name
  location               = var.region
  sku                    = "Standard"
  admin_enabled          = false
  anonymous_pull_enabled = false
  tags                   = local.tags
}
