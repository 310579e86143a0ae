# The hosts of production: a Swarm, with the edges as nodes of it, and the database's host beside it. Another cloud: change
# the module's source here and take its provider.tf, nothing else.
module "cloud" {
  source = "../../modules/aws"

  name         = "agentlab-production"
  environment  = "production"
  region       = var.region
  network_cidr = "10.30.0.0/16"
  zones        = 3

  hosts = {
    edge    = { count = 2 }
    manager = { count = 3 }
    worker  = { count = 2 }
    db      = { count = 1, size = "large" }
    app     = { count = 0 }
  }
  data_disk_gb = 200
  backup       = { older_days = 90, lock_days = 14 }

  ssh_from        = var.ssh_from
  ssh_public_keys = var.ssh_public_keys
  dns_zone        = var.dns_zone
  dns_names       = var.dns_names
  budget          = var.budget

  managed                   = var.managed
  postgres_password         = var.postgres_password
  postgres_password_version = var.postgres_password_version
  redis_password            = var.redis_password
}
