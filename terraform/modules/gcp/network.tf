data "google_compute_zones" "here" {
  region = var.region
  status = "UP"
}

locals {
  zone_names = slice(data.google_compute_zones.here.names, 0, var.zones)
}

resource "google_compute_network" "this" {
  name                    = var.name
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"
  # Google's own 1460 is less than what leaves an overlay network of a Swarm: its packets would all be cut in two.
  mtu = 1500
}

# A subnet is a region's here; there is one for each zone all the same, so that addresses are the same as elsewhere.
resource "google_compute_subnetwork" "public" {
  count = var.zones

  name                     = "${var.name}-public-${count.index + 1}"
  region                   = var.region
  network                  = google_compute_network.this.id
  ip_cidr_range            = local.public_cidrs[count.index]
  private_ip_google_access = true
}

resource "google_compute_subnetwork" "private" {
  count = var.zones

  name                     = "${var.name}-private-${count.index + 1}"
  region                   = var.region
  network                  = google_compute_network.this.id
  ip_cidr_range            = local.private_cidrs[count.index]
  private_ip_google_access = true
}

resource "google_compute_router" "this" {
  name    = var.name
  region  = var.region
  network = google_compute_network.this.id
}

resource "google_compute_router_nat" "private" {
  name                               = var.name
  region                             = var.region
  router                             = google_compute_router.this.name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  dynamic "subnetwork" {
    for_each = google_compute_subnetwork.private

    content {
      name                    = subnetwork.value.id
      source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
    }
  }
}
