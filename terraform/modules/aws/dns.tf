resource "aws_route53_record" "edge" {
  for_each = var.dns_zone == null ? toset([]) : var.dns_names

  zone_id = var.dns_zone
  name    = each.value
  type    = "A"
  ttl     = 60
  records = values(local.public_addresses)
}
