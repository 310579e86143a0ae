# The same file in every cloud's module: what becomes an inventory.

output "hosts" {
  description = "Each host by its name: its tier, zone, the address that it is reached at, and its private one; jump is the host by which it is reached, data_device the volume apart of a db host."
  value = {
    for name, host in local.hosts : name => {
      tier            = host.tier
      zone            = local.zone_names[host.zone]
      host            = host.public ? local.public_addresses[name] : host.address
      public_address  = host.public ? local.public_addresses[name] : null
      private_address = host.address
      jump            = host.public ? null : "edge-1"
      data_device     = lookup(local.data_devices, name, null)
    }
  }
}

output "ssh_user" {
  description = "The user that the hosts are reached as."
  value       = var.ssh_user
}

output "network_cidr" {
  description = "The network of all private addresses."
  value       = var.network_cidr
}

output "registry" {
  description = "Where images are pushed to and pulled from: what stands before their names."
  value       = local.registry
}

output "backup_store" {
  description = "The bucket for backups, as the inventory's backup_store wants it; endpoint is null for AWS' own S3 and where there is no S3."
  value = {
    bucket    = local.backup_bucket
    region    = var.region
    endpoint  = local.backup_endpoint
    lock_days = var.backup.lock_days
  }
}

output "backup_key" {
  description = "A key that may write backups and not remove them; null where the hosts' own identity may."
  value       = local.backup_key
  sensitive   = true
}

output "postgres" {
  description = "The managed PostgreSQL; null where it runs on the db host."
  value       = local.postgres
}

output "redis" {
  description = "The managed Redis; null where it runs on the db host."
  value       = local.redis
}

output "redis_password" {
  description = "The managed Redis' password; null where it runs on the db host."
  value       = local.redis_password
  sensitive   = true
}
