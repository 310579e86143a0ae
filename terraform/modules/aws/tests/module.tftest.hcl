mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["a", "b", "c"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name            = "agentlab-test"
  environment     = "test"
  region          = "eu-central-1"
  ssh_from        = ["198.51.100.0/24"]
  ssh_public_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPubl1c somebody"]
}

# From here on the same in every cloud's module.
run "each_host_has_its_address_and_its_way" {
  command = plan

  assert {
    condition     = { for name, host in output.hosts : name => host.private_address } == { edge-1 = "10.40.0.11", edge-2 = "10.40.16.12", app-1 = "10.40.128.31", app-2 = "10.40.144.32", db-1 = "10.40.128.51" }
    error_message = "The addresses of the hosts are not those of their tiers and zones."
  }

  assert {
    condition     = { for name, host in output.hosts : name => coalesce(host.jump, "none") } == { edge-1 = "none", edge-2 = "none", app-1 = "edge-1", app-2 = "edge-1", db-1 = "edge-1" }
    error_message = "All hosts but the edges are reached through the first edge."
  }

  assert {
    condition     = length(distinct([for host in output.hosts : host.zone])) == 2
    error_message = "The hosts are not spread over two zones."
  }

  assert {
    condition     = output.backup_store.lock_days == null && output.postgres == null && output.redis == null
    error_message = "What nobody asked for is there."
  }
}

run "a_swarm_has_its_rules" {
  command = plan

  variables {
    hosts = { manager = { count = 3 }, worker = { count = 2 } }
    zones = 3
  }

  assert {
    condition     = length([for host in output.hosts : host if host.tier == "manager"]) == 3 && length(distinct([for host in output.hosts : host.zone if host.tier == "manager"])) == 3
    error_message = "Three managers stand in three zones."
  }

  assert {
    condition     = contains(keys(local.inner_rules), "worker-manager-swarm-tcp") && !contains(keys(local.inner_rules), "app-manager-swarm-tcp")
    error_message = "Workers join managers, and app hosts have no part in it."
  }

  assert {
    condition = alltrue([for pair in setproduct(["edge", "manager", "worker"], ["edge", "manager", "worker"]) : alltrue([
      for rule in ["swarm-gossip-tcp", "swarm-gossip-udp", "swarm-overlay-udp"] : contains(keys(local.inner_rules), "${pair[0]}-${pair[1]}-${rule}")
    ])])
    error_message = "Nodes of a Swarm cannot all reach each other."
  }

  assert {
    condition     = toset([for rule in local.allowed : "${rule.from} ${rule.to} ${rule.first}" if rule.first == 2377]) == toset(["edge manager 2377", "manager manager 2377", "worker manager 2377"])
    error_message = "Not every node can join by a manager, or one by another than a manager."
  }

  assert {
    condition     = alltrue([for tier in ["edge", "manager", "worker"] : contains(keys(local.inner_rules), "${tier}-db-postgres-tcp") && contains(keys(local.inner_rules), "${tier}-db-redis-tcp")])
    error_message = "What runs on a node of a Swarm cannot reach the database."
  }
}

run "without_managers_no_port_of_a_swarm_is_open" {
  command = plan

  assert {
    condition     = length([for rule in local.allowed : rule if strcontains(rule.why, "swarm")]) == 0
    error_message = "A port of a Swarm is open where there is none."
  }

  assert {
    condition     = length([for rule in local.allowed : rule if rule.to == "db" && contains(["edge", "manager"], rule.from) && rule.why != "ssh"]) == 0
    error_message = "Edges reach the database where they run nothing that asks it."
  }
}

run "managed_services_take_the_db_host_s_place" {
  command = plan

  variables {
    hosts             = { db = { count = 0 } }
    managed           = { postgres = true, redis = true }
    postgres_password = "0123456789abcdefghijklmn"
    redis_password    = "0123456789abcdefghijklmn"
    backup            = { lock_days = 14 }
    dns_zone          = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com"
    dns_names         = ["app.example.com"]
    budget            = { monthly = 300, emails = ["ops@example.com"], since = "2026-01-01", account = "0A0A0A-0B0B0B-0C0C0C" }
  }

  assert {
    condition     = length([for host in output.hosts : host if host.tier == "db"]) == 0 && output.postgres.port == 5432
    error_message = "The managed database is not what is asked."
  }

  assert {
    condition     = output.backup_store.lock_days == 14
    error_message = "The lock of the backups is lost."
  }
}

run "refuses_ssh_from_everywhere" {
  command = plan

  variables {
    ssh_from = ["0.0.0.0/0"]
  }

  expect_failures = [var.ssh_from]
}

run "refuses_an_even_number_of_managers_no_edge_and_sizes_unheard_of" {
  command = plan

  variables {
    hosts = { edge = { count = 0 }, manager = { count = 2 }, app = { size = "huge" }, worker = { disk_gb = 1 } }
  }

  expect_failures = [var.hosts]
}

run "refuses_names_networks_and_keys_that_are_none" {
  command = plan

  variables {
    name            = "Agent_Lab"
    environment     = "Prod 1"
    region          = "EU"
    zones           = 4
    network_cidr    = "8.8.0.0/16"
    ssh_user        = "root"
    ssh_public_keys = ["-----BEGIN PRIVATE KEY-----"]
    data_disk_gb    = 1
    dns_names       = ["localhost"]
    backup          = { older_days = 1, lock_days = 0 }
    tags            = { Team = "A B" }
  }

  expect_failures = [var.name, var.environment, var.region, var.zones, var.network_cidr, var.ssh_user, var.ssh_public_keys, var.data_disk_gb, var.dns_names, var.backup, var.tags]
}
