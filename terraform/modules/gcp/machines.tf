data "google_compute_image" "debian" {
  family  = "debian-13"
  project = "debian-cloud"
}

locals {
  machine_types    = { small = "e2-medium", medium = "e2-standard-2", large = "e2-standard-4" }
  data_devices     = { for name, host in local.db_hosts : name => "/dev/disk/by-id/google-data" }
  public_addresses = { for name, address in google_compute_address.edge : name => address.address }
}

resource "google_compute_address" "edge" {
  for_each = local.edges

  name         = "${var.name}-${each.key}"
  region       = var.region
  address_type = "EXTERNAL"
  labels       = local.tags
}

resource "google_compute_instance" "host" {
  for_each = local.hosts

  name                      = "${var.name}-${each.key}"
  zone                      = local.zone_names[each.value.zone]
  machine_type              = local.machine_types[each.value.size]
  allow_stopping_for_update = true
  # Nobody's slip of the hand takes a database's host.
  deletion_protection = each.value.tier == "db"
  tags                = [local.tags_of[each.value.tier]]
  labels              = merge(local.tags, { tier = each.value.tier })

  # Debian's image has no cloud-init here: Google's own agent makes the users of ssh-keys, with sudo.
  metadata = {
    ssh-keys               = join("\n", [for key in var.ssh_public_keys : "${var.ssh_user}:${key}"])
    block-project-ssh-keys = "true"
    serial-port-enable     = "false"
    user-data              = local.cloud_init
  }

  boot_disk {
    initialize_params {
      image = data.google_compute_image.debian.self_link
      type  = "pd-balanced"
      size  = each.value.disk_gb
    }
  }

  network_interface {
    subnetwork = each.value.public ? google_compute_subnetwork.public[each.value.zone].id : google_compute_subnetwork.private[each.value.zone].id
    network_ip = each.value.address

    dynamic "access_config" {
      for_each = each.value.public ? [local.public_addresses[each.key]] : []

      content {
        nat_ip = access_config.value
      }
    }
  }

  # The scope is all of the cloud's; what the identity may do in it is what identity.tf gives it.
  service_account {
    email  = google_service_account.tier[each.value.tier].email
    scopes = ["cloud-platform"]
  }

  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  lifecycle {
    # A newer image, or another key, is no reason to make a running host anew; a disk that is attached is no drift.
    ignore_changes = [boot_disk[0].initialize_params[0].image, metadata["user-data"], attached_disk]
  }
}

# Google encrypts every disk, with keys of its own, and has no way to leave it.
resource "google_compute_disk" "data" {
  for_each = local.db_hosts

  name   = "${var.name}-${each.key}-data"
  zone   = local.zone_names[each.value.zone]
  type   = "pd-ssd"
  size   = var.data_disk_gb
  labels = local.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_compute_attached_disk" "data" {
  for_each = local.db_hosts

  device_name = "data"
  disk        = google_compute_disk.data[each.key].id
  instance    = google_compute_instance.host[each.key].id
}
