resource "azurerm_application_security_group" "tier" {
  for_each = local.tiers

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.region
  tags                = local.tags
}

resource "azurerm_network_security_group" "hosts" {
  name                = "${var.name}-hosts"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.region
  tags                = local.tags
}

resource "azurerm_network_security_rule" "public" {
  for_each = local.public_ports

  name                                       = "public-${each.key}"
  resource_group_name                        = azurerm_resource_group.this.name
  network_security_group_name                = azurerm_network_security_group.hosts.name
  priority                                   = 100 + each.value
  direction                                  = "Inbound"
  access                                     = "Allow"
  protocol                                   = "Tcp"
  source_address_prefix                      = "Internet"
  source_port_range                          = "*"
  destination_application_security_group_ids = [azurerm_application_security_group.tier["edge"].id]
  destination_port_range                     = tostring(each.value)
}

resource "azurerm_network_security_rule" "ssh" {
  count = length(var.ssh_from) > 0 ? 1 : 0

  name                                       = "ssh"
  resource_group_name                        = azurerm_resource_group.this.name
  network_security_group_name                = azurerm_network_security_group.hosts.name
  priority                                   = 100
  direction                                  = "Inbound"
  access                                     = "Allow"
  protocol                                   = "Tcp"
  source_address_prefixes                    = var.ssh_from
  source_port_range                          = "*"
  destination_application_security_group_ids = [azurerm_application_security_group.tier["edge"].id]
  destination_port_range                     = "22"
}

resource "azurerm_network_security_rule" "inner" {
  for_each = local.inner_rules

  name                                       = each.key
  resource_group_name                        = azurerm_resource_group.this.name
  network_security_group_name                = azurerm_network_security_group.hosts.name
  priority                                   = 1000 + each.value.index
  direction                                  = "Inbound"
  access                                     = "Allow"
  protocol                                   = title(each.value.protocol)
  source_application_security_group_ids      = [azurerm_application_security_group.tier[each.value.from].id]
  source_port_range                          = "*"
  destination_application_security_group_ids = [azurerm_application_security_group.tier[each.value.to].id]
  destination_port_range                     = "${each.value.first}-${each.value.last}"
}

# Azure lets every host of a network reach every other where no rule speaks of it.
resource "azurerm_network_security_rule" "nothing_else_in" {
  name                        = "nothing-else-in"
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.hosts.name
  priority                    = 4096
  direction                   = "Inbound"
  access                      = "Deny"
  protocol                    = "*"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}

resource "azurerm_network_security_rule" "inside" {
  name                        = "out-inside"
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.hosts.name
  priority                    = 100
  direction                   = "Outbound"
  access                      = "Allow"
  protocol                    = "*"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = var.network_cidr
  destination_port_range      = "*"
}

resource "azurerm_network_security_rule" "world" {
  for_each = local.public_ports

  name                        = "out-${each.key}"
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.hosts.name
  priority                    = 100 + each.value
  direction                   = "Outbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = "Internet"
  destination_port_range      = tostring(each.value)
}

# Azure lets everything out that no rule speaks of.
resource "azurerm_network_security_rule" "nothing_else_out" {
  name                        = "nothing-else-out"
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.hosts.name
  priority                    = 4096
  direction                   = "Outbound"
  access                      = "Deny"
  protocol                    = "*"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}

resource "azurerm_subnet_network_security_group_association" "public" {
  count = var.zones

  subnet_id                 = azurerm_subnet.public[count.index].id
  network_security_group_id = azurerm_network_security_group.hosts.id
}

resource "azurerm_subnet_network_security_group_association" "private" {
  count = var.zones

  subnet_id                 = azurerm_subnet.private[count.index].id
  network_security_group_id = azurerm_network_security_group.hosts.id
}
