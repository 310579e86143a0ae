resource "aws_security_group" "tier" {
  for_each = local.tiers

  name        = "${var.name}-${each.key}"
  description = "Hosts of tier ${each.key}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  for_each = local.public_ports

  security_group_id = aws_security_group.tier["edge"].id
  description       = each.key
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each = var.ssh_from

  security_group_id = aws_security_group.tier["edge"].id
  description       = "ssh"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_vpc_security_group_ingress_rule" "inner" {
  for_each = local.inner_rules

  security_group_id            = aws_security_group.tier[each.value.to].id
  referenced_security_group_id = aws_security_group.tier[each.value.from].id
  description                  = each.value.why
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.first
  to_port                      = each.value.last
}

resource "aws_vpc_security_group_egress_rule" "inside" {
  for_each = local.tiers

  security_group_id = aws_security_group.tier[each.key].id
  description       = "to the hosts of this network"
  cidr_ipv4         = var.network_cidr
  ip_protocol       = "-1"
}

locals {
  ways_out = { for pair in setproduct(local.tiers, keys(local.public_ports)) : "${pair[0]}-${pair[1]}" => { tier = pair[0], port = local.public_ports[pair[1]] } }
}

resource "aws_vpc_security_group_egress_rule" "world" {
  for_each = local.ways_out

  security_group_id = aws_security_group.tier[each.value.tier].id
  description       = "packages, images, providers"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
