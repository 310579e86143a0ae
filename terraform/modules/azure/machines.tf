locals {
  machine_types    = { small = "Standard_B2s", medium = "Standard_B2ms", large = "Standard_B4ms" }
  data_devices     = { for name, host in local.db_hosts : name => "/dev/disk/azure/scsi1/lun0" }
  public_addresses = { for name, address in azurerm_public_ip.edge : name => address.ip_address }
}

resource "azurerm_public_ip" "edge" {
  for_each = local.edges

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.region
  allocation_method   = "Static"
  sku                 = "Standard"
  zones               = [local.zone_names[each.value.zone]]
  tags                = local.tags
}

resource "azurerm_network_interface" "host" {
  for_each = local.hosts

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.region
  tags                = local.tags

  ip_configuration {
    name                          = "private"
    subnet_id                     = each.value.public ? azurerm_subnet.public[each.value.zone].id : azurerm_subnet.private[each.value.zone].id
    private_ip_address_allocation = "Static"
    private_ip_address            = each.value.address
    public_ip_address_id          = each.value.public ? azurerm_public_ip.edge[each.key].id : null
  }
}

resource "azurerm_network_interface_application_security_group_association" "host" {
  for_each = local.hosts

  network_interface_id          = azurerm_network_interface.host[each.key].id
  application_security_group_id = azurerm_application_security_group.tier[each.value.tier].id
}

resource "azurerm_linux_virtual_machine" "host" {
  for_each = local.hosts

  name                            = "${var.name}-${each.key}"
  computer_name                   = each.key
  resource_group_name             = azurerm_resource_group.this.name
  location                        = var.region
  zone                            = local.zone_names[each.value.zone]
  size                            = local.machine_types[each.value.size]
  network_interface_ids           = [azurerm_network_interface.host[each.key].id]
  admin_username                  = var.ssh_user
  disable_password_authentication = true
  allow_extension_operations      = false
  secure_boot_enabled             = true
  vtpm_enabled                    = true
  custom_data                     = base64encode(local.cloud_init)
  tags                            = merge(local.tags, { tier = each.value.tier })

  dynamic "admin_ssh_key" {
    for_each = toset(var.ssh_public_keys)

    content {
      username   = var.ssh_user
      public_key = admin_ssh_key.value
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.tier[each.value.tier].id]
  }

  # Azure encrypts every managed disk, with keys of its own, and has no way to leave it.
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "StandardSSD_LRS"
    disk_size_gb         = max(30, each.value.disk_gb)
  }

  source_image_reference {
    publisher = "Debian"
    offer     = "debian-13"
    sku       = "13-gen2"
    version   = "latest"
  }

  lifecycle {
    # Another key is no reason to make a running host anew.
    ignore_changes = [custom_data, admin_ssh_key]
  }
}

resource "azurerm_managed_disk" "data" {
  for_each = local.db_hosts

  name                          = "${var.name}-${each.key}-data"
  resource_group_name           = azurerm_resource_group.this.name
  location                      = var.region
  zone                          = local.zone_names[each.value.zone]
  storage_account_type          = "Premium_LRS"
  create_option                 = "Empty"
  disk_size_gb                  = var.data_disk_gb
  network_access_policy         = "DenyAll"
  public_network_access_enabled = false
  tags                          = local.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_virtual_machine_data_disk_attachment" "data" {
  for_each = local.db_hosts

  managed_disk_id    = azurerm_managed_disk.data[each.key].id
  virtual_machine_id = azurerm_linux_virtual_machine.host[each.key].id
  lun                = 0
  caching            = "ReadOnly"
}
