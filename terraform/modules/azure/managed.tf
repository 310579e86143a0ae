locals {
  database_types = { small = "GP_Standard_D2ds_v5", medium = "GP_Standard_D4ds_v5", large = "GP_Standard_D8ds_v5" }
  cache_sizes    = { small = 1, medium = 2, large = 3 }
  # Only these sizes can be had.
  database_gb = [for gb in [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384] : gb if gb >= var.data_disk_gb][0]

  managed_groups = var.managed.postgres || var.managed.redis ? 1 : 0

  postgres = var.managed.postgres ? {
    host = azurerm_postgresql_flexible_server.postgres[0].fqdn
    port = 5432
    user = azurerm_postgresql_flexible_server.postgres[0].administrator_login
  } : null
  redis = var.managed.redis ? {
    host = azurerm_redis_cache.redis[0].hostname
    port = azurerm_redis_cache.redis[0].ssl_port
  } : null
  redis_password = var.managed.redis ? azurerm_redis_cache.redis[0].primary_access_key : null
}

resource "azurerm_network_security_group" "managed" {
  count = local.managed_groups

  name                = "${var.name}-managed"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.region
  tags                = local.tags
}

resource "azurerm_network_security_rule" "managed" {
  count = local.managed_groups

  name                                  = "from-app"
  resource_group_name                   = azurerm_resource_group.this.name
  network_security_group_name           = azurerm_network_security_group.managed[0].name
  priority                              = 100
  direction                             = "Inbound"
  access                                = "Allow"
  protocol                              = "Tcp"
  source_application_security_group_ids = [for tier in local.clients : azurerm_application_security_group.tier[tier].id]
  source_port_range                     = "*"
  destination_address_prefix            = "*"
  destination_port_ranges               = ["5432", "6380"]
}

# The two halves of a database that is held twice speak to each other.
resource "azurerm_network_security_rule" "managed_itself" {
  count = local.managed_groups

  name                        = "from-itself"
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.managed[0].name
  priority                    = 110
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "*"
  source_address_prefix       = local.managed_cidrs[0]
  source_port_range           = "*"
  destination_address_prefix  = local.managed_cidrs[0]
  destination_port_range      = "*"
}

resource "azurerm_network_security_rule" "managed_nothing_else" {
  count = local.managed_groups

  name                        = "nothing-else-in"
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.managed[0].name
  priority                    = 4096
  direction                   = "Inbound"
  access                      = "Deny"
  protocol                    = "*"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}

resource "azurerm_subnet" "postgres" {
  count = var.managed.postgres ? 1 : 0

  name                 = "postgres"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = [local.managed_cidrs[0]]
  service_endpoints    = ["Microsoft.Storage"]

  delegation {
    name = "postgres"

    service_delegation {
      name    = "Microsoft.DBforPostgreSQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet_network_security_group_association" "postgres" {
  count = var.managed.postgres ? 1 : 0

  subnet_id                 = azurerm_subnet.postgres[0].id
  network_security_group_id = azurerm_network_security_group.managed[0].id
}

resource "azurerm_private_dns_zone" "postgres" {
  count = var.managed.postgres ? 1 : 0

  name                = "${var.name}.postgres.database.azure.com"
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "postgres" {
  count = var.managed.postgres ? 1 : 0

  name                  = "postgres"
  resource_group_name   = azurerm_resource_group.this.name
  private_dns_zone_name = azurerm_private_dns_zone.postgres[0].name
  virtual_network_id    = azurerm_virtual_network.this.id
  tags                  = local.tags
}

resource "azurerm_postgresql_flexible_server" "postgres" {
  count = var.managed.postgres ? 1 : 0

  name                              = var.name
  resource_group_name               = azurerm_resource_group.this.name
  location                          = var.region
  version                           = "17"
  sku_name                          = local.database_types[var.managed.size]
  storage_mb                        = local.database_gb * 1024
  auto_grow_enabled                 = true
  administrator_login               = "quayside"
  administrator_password_wo         = var.postgres_password
  administrator_password_wo_version = var.postgres_password_version
  delegated_subnet_id               = azurerm_subnet.postgres[0].id
  private_dns_zone_id               = azurerm_private_dns_zone.postgres[0].id
  public_network_access_enabled     = false
  backup_retention_days             = 7
  zone                              = "1"
  tags                              = local.tags

  dynamic "high_availability" {
    for_each = var.zones > 1 ? ["2"] : []

    content {
      mode                      = "ZoneRedundant"
      standby_availability_zone = high_availability.value
    }
  }

  lifecycle {
    prevent_destroy = true
    # After a failover the two have changed places.
    ignore_changes = [zone, high_availability[0].standby_availability_zone]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.postgres]
}

resource "azurerm_postgresql_flexible_server_database" "app" {
  count = var.managed.postgres ? 1 : 0

  name      = "app"
  server_id = azurerm_postgresql_flexible_server.postgres[0].id
  charset   = "UTF8"

  lifecycle {
    prevent_destroy = true
  }
}

# An extension that is not named here cannot be created.
resource "azurerm_postgresql_flexible_server_configuration" "extensions" {
  count = var.managed.postgres ? 1 : 0

  name      = "azure.extensions"
  server_id = azurerm_postgresql_flexible_server.postgres[0].id
  value     = "VECTOR"
}

resource "azurerm_subnet" "redis" {
  count = var.managed.redis ? 1 : 0

  name                              = "redis"
  resource_group_name               = azurerm_resource_group.this.name
  virtual_network_name              = azurerm_virtual_network.this.name
  address_prefixes                  = [local.managed_cidrs[1]]
  private_endpoint_network_policies = "Enabled"
}

resource "azurerm_subnet_network_security_group_association" "redis" {
  count = var.managed.redis ? 1 : 0

  subnet_id                 = azurerm_subnet.redis[0].id
  network_security_group_id = azurerm_network_security_group.managed[0].id
}

resource "azurerm_redis_cache" "redis" {
  count = var.managed.redis ? 1 : 0

  name                          = var.name
  resource_group_name           = azurerm_resource_group.this.name
  location                      = var.region
  sku_name                      = "Standard"
  family                        = "C"
  capacity                      = local.cache_sizes[var.managed.size]
  minimum_tls_version           = "1.2"
  non_ssl_port_enabled          = false
  public_network_access_enabled = false
  tags                          = local.tags
}

resource "azurerm_private_dns_zone" "redis" {
  count = var.managed.redis ? 1 : 0

  name                = "privatelink.redis.cache.windows.net"
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "redis" {
  count = var.managed.redis ? 1 : 0

  name                  = "redis"
  resource_group_name   = azurerm_resource_group.this.name
  private_dns_zone_name = azurerm_private_dns_zone.redis[0].name
  virtual_network_id    = azurerm_virtual_network.this.id
  tags                  = local.tags
}

resource "azurerm_private_endpoint" "redis" {
  count = var.managed.redis ? 1 : 0

  name                = "${var.name}-redis"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.region
  subnet_id           = azurerm_subnet.redis[0].id
  tags                = local.tags

  private_service_connection {
    name                           = "redis"
    private_connection_resource_id = azurerm_redis_cache.redis[0].id
    subresource_names              = ["redisCache"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "redis"
    private_dns_zone_ids = [azurerm_private_dns_zone.redis[0].id]
  }
}
