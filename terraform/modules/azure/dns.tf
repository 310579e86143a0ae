locals {
  # /subscriptions/…/resourceGroups/GROUP/providers/Microsoft.Network/dnsZones/ZONE
  zone_words = split("/", coalesce(var.dns_zone, "/"))
}

resource "azurerm_dns_a_record" "edge" {
  for_each = var.dns_zone == null ? toset([]) : var.dns_names

  zone_name           = local.zone_words[8]
  resource_group_name = local.zone_words[4]
  name                = each.value == local.zone_words[8] ? "@" : trimsuffix(each.value, ".${local.zone_words[8]}")
  ttl                 = 60
  records             = values(local.public_addresses)
  tags                = local.tags
}
