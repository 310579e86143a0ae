locals {
  database_types = { small = "db-custom-1-3840", medium = "db-custom-2-7680", large = "db-custom-4-15360" }
  cache_gb       = { small = 1, medium = 3, large = 6 }

  postgres = var.managed.postgres ? {
    host = google_sql_database_instance.postgres[0].private_ip_address
    port = 5432
    user = google_sql_user.postgres[0].name
  } : null
  redis = var.managed.redis ? {
    host = google_redis_instance.redis[0].host
    port = google_redis_instance.redis[0].port
  } : null
  redis_password = var.managed.redis ? google_redis_instance.redis[0].auth_string : null
}

# Google's databases are in a network of Google's, which is joined to ours.
resource "google_compute_global_address" "managed" {
  count = var.managed.postgres || var.managed.redis ? 1 : 0

  name          = "${var.name}-managed"
  network       = google_compute_network.this.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  address       = cidrhost(local.managed_cidrs[0], 0)
  prefix_length = tonumber(split("/", local.managed_cidrs[0])[1])
}

resource "google_service_networking_connection" "managed" {
  count = var.managed.postgres || var.managed.redis ? 1 : 0

  network                 = google_compute_network.this.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.managed[0].name]
}

resource "google_sql_database_instance" "postgres" {
  count = var.managed.postgres ? 1 : 0

  name                = var.name
  region              = var.region
  database_version    = "POSTGRES_17"
  deletion_protection = true

  settings {
    tier                        = local.database_types[var.managed.size]
    edition                     = "ENTERPRISE"
    availability_type           = var.zones > 1 ? "REGIONAL" : "ZONAL"
    disk_type                   = "PD_SSD"
    disk_size                   = var.data_disk_gb
    disk_autoresize             = true
    disk_autoresize_limit       = var.data_disk_gb * 4
    deletion_protection_enabled = true
    user_labels                 = local.tags

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true

      backup_retention_settings {
        retained_backups = 7
      }
    }

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.this.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_service_networking_connection.managed]
}

resource "google_sql_database" "app" {
  count = var.managed.postgres ? 1 : 0

  name     = "app"
  instance = google_sql_database_instance.postgres[0].name
}

resource "google_sql_user" "postgres" {
  count = var.managed.postgres ? 1 : 0

  name                = "quayside"
  instance            = google_sql_database_instance.postgres[0].name
  password_wo         = var.postgres_password
  password_wo_version = var.postgres_password_version
}

resource "google_redis_instance" "redis" {
  count = var.managed.redis ? 1 : 0

  name                    = var.name
  region                  = var.region
  tier                    = var.zones > 1 ? "STANDARD_HA" : "BASIC"
  memory_size_gb          = local.cache_gb[var.managed.size]
  redis_version           = "REDIS_7_2"
  authorized_network      = google_compute_network.this.id
  connect_mode            = "PRIVATE_SERVICE_ACCESS"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  labels                  = local.tags

  depends_on = [google_service_networking_connection.managed]
}
