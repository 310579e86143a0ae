# The hosts of production. Another cloud: change the module's source here and take its provider.tf, nothing else.
module "cloud" {
  source = "../../modules/aws"

  name         = "agentlab-production"
  environment  = "production"
  region       = var.region
  network_cidr = "10.30.0.0/16"
  zones        = 2

  hosts = {
    edge = { count = 2 }
    app  = { count = 2, size = "large" }
    db   = { count = 1, size = "large" }
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
