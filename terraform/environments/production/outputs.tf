# What the module says, handed on: the inventory is made of it.

output "hosts" {
  description = "Each host by its name: its tier, zone, the address that it is reached at, and its private one; jump is the host by which it is reached, data_device the volume apart of a db host."
  value       = module.cloud.hosts
}

output "ssh_user" {
  description = "The user that the hosts are reached as."
  value       = module.cloud.ssh_user
}

output "network_cidr" {
  description = "The network of all private addresses."
  value       = module.cloud.network_cidr
}

output "registry" {
  description = "Where images are pushed to and pulled from: what stands before their names."
  value       = module.cloud.registry
}

output "backup_store" {
  description = "The bucket for backups, as the inventory's backup_store wants it; endpoint is null for AWS' own S3 and where there is no S3."
  value       = module.cloud.backup_store
}

output "backup_key" {
  description = "A key that may write backups and not remove them; null where the hosts' own identity may."
  value       = module.cloud.backup_key
  sensitive   = true
}

output "postgres" {
  description = "The managed PostgreSQL; null where it runs on the db host."
  value       = module.cloud.postgres
}

output "redis" {
  description = "The managed Redis; null where it runs on the db host."
  value       = module.cloud.redis
}

output "redis_password" {
  description = "The managed Redis' password; null where it runs on the db host."
  value       = module.cloud.redis_password
  sensitive   = true
}
