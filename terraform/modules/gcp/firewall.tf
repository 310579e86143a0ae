locals {
  # What a firewall's rule knows a host's tier by.
  tags_of = { for tier in local.tiers : tier => "${var.name}-${tier}" }
}

resource "google_compute_firewall" "public" {
  for_each = local.public_ports

  name          = "${var.name}-public-${each.key}"
  network       = google_compute_network.this.id
  direction     = "INGRESS"
  source_ranges = ["0.0.0.0/0"]
  target_tags   = [local.tags_of["edge"]]

  allow {
    protocol = "tcp"
    ports    = [each.value]
  }
}

# A rule with no source would be open to all: where nobody may, there is none.
resource "google_compute_firewall" "ssh" {
  count = length(var.ssh_from) > 0 ? 1 : 0

  name          = "${var.name}-ssh"
  network       = google_compute_network.this.id
  direction     = "INGRESS"
  source_ranges = var.ssh_from
  target_tags   = [local.tags_of["edge"]]

  allow {
    protocol = "tcp"
    ports    = [22]
  }
}

resource "google_compute_firewall" "inner" {
  for_each = local.inner_rules

  name        = "${var.name}-${each.key}"
  network     = google_compute_network.this.id
  direction   = "INGRESS"
  source_tags = [local.tags_of[each.value.from]]
  target_tags = [local.tags_of[each.value.to]]

  allow {
    protocol = each.value.protocol
    ports    = [each.value.first == each.value.last ? "${each.value.first}" : "${each.value.first}-${each.value.last}"]
  }
}

resource "google_compute_firewall" "inside" {
  name               = "${var.name}-out-inside"
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  destination_ranges = [var.network_cidr]

  allow {
    protocol = "all"
  }
}

# The managed services have no tag that a rule could let app in by: so the others are kept from going there.
resource "google_compute_firewall" "managed" {
  name               = "${var.name}-out-managed"
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = 900
  destination_ranges = [local.managed_cidrs[0]]
  target_tags        = [for tier in setsubtract(local.tiers, local.clients) : local.tags_of[tier]]

  deny {
    protocol = "all"
  }
}

resource "google_compute_firewall" "world" {
  for_each = local.public_ports

  name               = "${var.name}-out-${each.key}"
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  destination_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "tcp"
    ports    = [each.value]
  }
}

# Google lets everything out that no rule speaks of.
resource "google_compute_firewall" "nothing_else" {
  name               = "${var.name}-out-nothing-else"
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = 65534
  destination_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }
}
