# The same file in every cloud's module: what changes with the cloud is the module's source, and the provider.

variable "name" {
  description = "What everything is called after: <name>-edge-1, <name>-backups. Buckets and registries of some clouds share one name space with the whole world."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Three to 20 lower-case letters, digits and hyphens; a letter first, no hyphen last."
  }
}

variable "environment" {
  description = "The inventory that this becomes, and a tag: staging, production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.environment))
    error_message = "Lower-case letters, digits and hyphens; a letter first."
  }
}

variable "region" {
  description = "Where, in the cloud's own words: eu-central-1 (AWS), europe-west3 (Google), germanywestcentral (Azure)."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+[a-z0-9-]*[0-9a-z]$", var.region))
    error_message = "A region's name: lower-case letters, digits and hyphens."
  }
}

variable "zones" {
  description = "Over how many of the region's zones the hosts of a tier are spread."
  type        = number
  default     = 2

  validation {
    condition     = contains([1, 2, 3], var.zones)
    error_message = "1, 2 or 3."
  }
}

variable "network_cidr" {
  description = "The private network, IPv4. Each zone gets a sixteenth of it for its public hosts, and one for the others."
  type        = string
  default     = "10.40.0.0/16"

  validation {
    condition     = can(cidrhost(var.network_cidr, 0)) && can(regex("^(10|172|192)\\..*/(16|17|18|19|20)$", var.network_cidr))
    error_message = "A private network from /16 to /20: 10.40.0.0/16."
  }
}

variable "ssh_from" {
  description = "Networks from which SSH reaches the edges, as CIDR; the other hosts are reached through the edges alone."
  type        = set(string)

  validation {
    condition     = alltrue([for each in var.ssh_from : can(cidrhost(each, 0)) && can(regex("\\.[0-9]+/(8|9|[12][0-9]|3[0-2])$", each))])
    error_message = "IPv4 networks of /8 or smaller: 198.51.100.7/32. SSH is never open to the world."
  }
}

variable "ssh_user" {
  description = "The user that Quayside logs in as; it has sudo without a password."
  type        = string
  default     = "deploy"

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_-]{0,30}$", var.ssh_user)) && var.ssh_user != "root"
    error_message = "A user's name on Linux, and not root."
  }
}

variable "ssh_public_keys" {
  description = "Public keys that may log in as ssh_user, as they stand in authorized_keys; the first must be RSA or ED25519."
  type        = list(string)

  validation {
    condition     = length(var.ssh_public_keys) > 0 && alltrue([for key in var.ssh_public_keys : can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+( [^\\n]*)?$", key))])
    error_message = "At least one public key: ssh-ed25519 AAAA… somebody."
  }
}

variable "hosts" {
  description = "How many hosts each tier has, how large they are (small 2 cores and 4 GB, medium 2 and 8, large 4 and 16) and their own disk. Without managers there is no Swarm."
  type = object({
    edge    = optional(object({ count = optional(number, 2), size = optional(string, "small"), disk_gb = optional(number, 20) }), {})
    app     = optional(object({ count = optional(number, 2), size = optional(string, "medium"), disk_gb = optional(number, 40) }), {})
    db      = optional(object({ count = optional(number, 1), size = optional(string, "large"), disk_gb = optional(number, 20) }), {})
    manager = optional(object({ count = optional(number, 0), size = optional(string, "small"), disk_gb = optional(number, 30) }), {})
    worker  = optional(object({ count = optional(number, 0), size = optional(string, "medium"), disk_gb = optional(number, 40) }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for tier in values(var.hosts) : tier.count >= 0 && tier.count <= 20 && floor(tier.count) == tier.count])
    error_message = "From 0 to 20 hosts in a tier."
  }

  validation {
    condition     = var.hosts.edge.count >= 1
    error_message = "One edge at least: it is the only way in."
  }

  validation {
    condition     = var.hosts.manager.count == 0 || var.hosts.manager.count % 2 == 1
    error_message = "An odd number of managers: of an even one no more may fail than of one fewer."
  }

  validation {
    condition     = alltrue([for tier in values(var.hosts) : contains(["small", "medium", "large"], tier.size)])
    error_message = "Sizes are small, medium and large."
  }

  validation {
    condition     = alltrue([for tier in values(var.hosts) : tier.disk_gb >= 10 && tier.disk_gb <= 2000])
    error_message = "A host's own disk has from 10 to 2000 GB."
  }
}

variable "data_disk_gb" {
  description = "The encrypted volume apart that each db host keeps its data on, in GB. It is not destroyed with the host."
  type        = number
  default     = 50

  validation {
    condition     = var.data_disk_gb >= 10 && var.data_disk_gb <= 16000
    error_message = "From 10 to 16000 GB."
  }
}

variable "managed" {
  description = "The cloud's own PostgreSQL and Redis instead of a db host (set hosts.db.count to 0 where both are)."
  type = object({
    postgres = optional(bool, false)
    redis    = optional(bool, false)
    size     = optional(string, "small")
  })
  default = {}

  validation {
    condition     = contains(["small", "medium", "large"], var.managed.size)
    error_message = "Sizes are small, medium and large."
  }
}

variable "postgres_password" {
  description = "The managed PostgreSQL's administrator's password. It is written to the cloud and kept in no state and no plan."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.postgres_password == null || can(regex("^[A-Za-z0-9_-]{24,99}$", var.postgres_password))
    error_message = "24 to 99 letters, digits, _ and -."
  }
}

variable "postgres_password_version" {
  description = "Raise it by one to have a changed postgres_password written."
  type        = number
  default     = 1

  validation {
    condition     = var.postgres_password_version >= 1
    error_message = "1 or more."
  }
}

variable "redis_password" {
  description = "The managed Redis' password on AWS; Google and Azure make one themselves. It is kept in the state, which is why states are encrypted."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.redis_password == null || can(regex("^[A-Za-z0-9_-]{24,128}$", var.redis_password))
    error_message = "24 to 128 letters, digits, _ and -."
  }
}

variable "dns_zone" {
  description = "The zone that gets an A record for each of dns_names: its id (AWS), its managed zone (Google), its resource id (Azure); null for none."
  type        = string
  default     = null

  validation {
    condition     = var.dns_zone == null || can(regex("^[A-Za-z0-9/_.-]+$", var.dns_zone))
    error_message = "An id of a zone."
  }
}

variable "dns_names" {
  description = "Whole names that lead to the edges: app.example.com"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.dns_names : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", name))])
    error_message = "Whole names of hosts, without a dot at the end."
  }
}

variable "backup" {
  description = "How long the bucket keeps what backups have replaced or removed (older_days), and how long nobody may remove one at all (lock_days, null for no lock; it can only be said when the bucket is made)."
  type = object({
    older_days = optional(number, 30)
    lock_days  = optional(number)
  })
  default = {}

  validation {
    condition     = var.backup.older_days >= 7 && var.backup.older_days <= 3650
    error_message = "From 7 to 3650 days."
  }

  validation {
    condition     = var.backup.lock_days == null ? true : var.backup.lock_days >= 1 && var.backup.lock_days <= 365
    error_message = "From 1 to 365 days, or null."
  }
}

variable "budget" {
  description = "Whom to tell when the month's costs pass four fifths of so much, in the account's currency; null for nobody."
  type = object({
    monthly = number
    emails  = list(string)
    since   = string
    account = optional(string)
  })
  default = null

  validation {
    condition     = var.budget == null ? true : var.budget.monthly > 0 && length(var.budget.emails) > 0 && can(regex("^20[0-9]{2}-[0-9]{2}-01$", var.budget.since))
    error_message = "An amount above 0, an address at least, and since: the first of a month, 2026-01-01. account is Google's billing account."
  }
}

variable "tags" {
  description = "Further tags (labels) of everything that can have some."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "Lower-case letters, digits, _ and -, 63 at most: what all three clouds take."
  }
}
