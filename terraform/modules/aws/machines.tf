# Debian 13, of Debian's own account.
data "aws_ami" "debian" {
  most_recent = true
  owners      = ["136693071363"]

  filter {
    name   = "name"
    values = ["debian-13-amd64-*"]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
  }
}

locals {
  machine_types = { small = "t3.medium", medium = "t3.large", large = "t3.xlarge" }

  # By the volume's id, since a name like /dev/sdf is not what the host calls it.
  data_devices = { for name, volume in aws_ebs_volume.data : name => "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(volume.id, "-", "")}" }

  public_addresses = { for name, address in aws_eip.edge : name => address.public_ip }
}

resource "aws_key_pair" "this" {
  key_name   = var.name
  public_key = var.ssh_public_keys[0]
  tags       = local.tags
}

resource "aws_instance" "host" {
  for_each = local.hosts

  ami                    = data.aws_ami.debian.id
  instance_type          = local.machine_types[each.value.size]
  subnet_id              = each.value.public ? aws_subnet.public[each.value.zone].id : aws_subnet.private[each.value.zone].id
  private_ip             = each.value.address
  vpc_security_group_ids = [aws_security_group.tier[each.value.tier].id]
  key_name               = aws_key_pair.this.key_name
  iam_instance_profile   = aws_iam_instance_profile.tier[each.value.tier].name
  user_data              = local.cloud_init
  # Nobody's slip of the hand takes a database's host.
  disable_api_termination = each.value.tier == "db"
  tags                    = merge(local.tags, { Name = "${var.name}-${each.key}", tier = each.value.tier })

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
    # A container on a network of its own is one hop further: the instance's identity is the host's, not a container's.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted   = true
    volume_type = "gp3"
    volume_size = each.value.disk_gb
  }

  lifecycle {
    # A newer image, or another key, is no reason to make a running host anew.
    ignore_changes = [ami, user_data]
  }
}

resource "aws_eip" "edge" {
  for_each = local.edges

  domain   = "vpc"
  instance = aws_instance.host[each.key].id
  tags     = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_ebs_volume" "data" {
  for_each = local.db_hosts

  availability_zone = local.zone_names[each.value.zone]
  size              = var.data_disk_gb
  type              = "gp3"
  encrypted         = true
  final_snapshot    = true
  tags              = merge(local.tags, { Name = "${var.name}-${each.key}-data" })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_volume_attachment" "data" {
  for_each = local.db_hosts

  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.data[each.key].id
  instance_id                    = aws_instance.host[each.key].id
  stop_instance_before_detaching = true
}
