# The hosts of staging, deployed blue-green. Another cloud: change the module's source here and take its provider.tf, nothing
# else.
module "cloud" {
  source = "../../modules/aws"

  name         = "agentlab-staging"
  environment  = "staging"
  region       = var.region
  network_cidr = "10.20.0.0/16"
  zones        = 1

  hosts = {
    edge = { count = 1 }
    app  = { count = 1 }
    db   = { count = 1, size = "medium" }
  }

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
