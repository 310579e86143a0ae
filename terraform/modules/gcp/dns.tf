resource "google_dns_record_set" "edge" {
  for_each = var.dns_zone == null ? toset([]) : var.dns_names

  managed_zone = var.dns_zone
  name         = "${each.value}."
  type         = "A"
  ttl          = 60
  rrdatas      = values(local.public_addresses)
}
