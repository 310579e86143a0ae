# The same file in every cloud's module: which hosts there are, where they stand, and who may reach whom.

locals {
  tags = merge(var.tags, { environment = var.environment, project = var.name, made-by = "quayside" })

  # A host keeps its address when it is made anew: nothing that names it has to change.
  first_address = { edge = 11, app = 31, db = 51, manager = 71, worker = 91 }

  hosts = merge([
    for tier, spec in var.hosts : {
      for n in range(spec.count) : "${tier}-${n + 1}" => {
        tier    = tier
        zone    = n % var.zones
        public  = tier == "edge"
        size    = spec.size
        disk_gb = spec.disk_gb
        address = cidrhost(tier == "edge" ? local.public_cidrs[n % var.zones] : local.private_cidrs[n % var.zones], local.first_address[tier] + n)
      }
    }
  ]...)
  edges    = { for name, host in local.hosts : name => host if host.public }
  db_hosts = { for name, host in local.hosts : name => host if host.tier == "db" }

  public_cidrs  = [for zone in range(var.zones) : cidrsubnet(var.network_cidr, 4, zone)]
  private_cidrs = [for zone in range(var.zones) : cidrsubnet(var.network_cidr, 4, 8 + zone)]
  # The clouds' own databases stand apart from the hosts.
  managed_cidrs = [for zone in range(max(2, var.zones)) : cidrsubnet(var.network_cidr, 4, 12 + zone)]

  tiers = toset(keys(var.hosts))
  swarm = var.hosts.manager.count > 0 ? ["edge", "manager", "worker"] : []
  # Who asks the database. In a Swarm any node may run what does.
  clients = distinct(concat(["app", "worker"], local.swarm))

  # What the world may reach, and what hosts may reach in the world.
  public_ports = { http = 80, https = 443 }

  allowed = concat(
    [for tier in ["app", "db", "manager", "worker"] : { from = "edge", to = tier, protocol = "tcp", first = 22, last = 22, why = "ssh" }],
    [{ from = "edge", to = "app", protocol = "tcp", first = 8000, last = 8999, why = "releases" }],
    flatten([for tier in local.clients : [
      { from = tier, to = "db", protocol = "tcp", first = 5432, last = 5432, why = "postgres" },
      { from = tier, to = "db", protocol = "tcp", first = 6379, last = 6379, why = "redis" },
    ]]),
    flatten([for pair in setproduct(local.swarm, local.swarm) : concat(
      [
        { from = pair[0], to = pair[1], protocol = "tcp", first = 7946, last = 7946, why = "swarm-gossip" },
        { from = pair[0], to = pair[1], protocol = "udp", first = 7946, last = 7946, why = "swarm-gossip" },
        { from = pair[0], to = pair[1], protocol = "udp", first = 4789, last = 4789, why = "swarm-overlay" },
      ],
      pair[1] == "manager" ? [{ from = pair[0], to = "manager", protocol = "tcp", first = 2377, last = 2377, why = "swarm" }] : [],
    )]),
  )
  inner_rules = { for index, rule in local.allowed : "${rule.from}-${rule.to}-${rule.why}-${rule.protocol}" => merge(rule, { index = index }) }

  cloud_init = templatefile("${path.module}/cloud-init.yaml", { user = var.ssh_user, keys = var.ssh_public_keys })
}
