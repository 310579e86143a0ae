# What is yours, and not the repository's: terraform.tfvars, or TF_VAR_… in the environment. What each may be is checked
# by the module, where all of them are described.

variable "region" {
  description = "Where, in the cloud's own words."
  type        = string
  default     = "eu-central-1"
}

variable "ssh_from" {
  description = "Networks from which SSH reaches the edges."
  type        = set(string)
}

variable "ssh_public_keys" {
  description = "Public keys that may log in."
  type        = list(string)
}

variable "dns_zone" {
  description = "The zone for dns_names; null for none."
  type        = string
  default     = null
}

variable "dns_names" {
  description = "Names that lead to the edges."
  type        = set(string)
  default     = []
}

variable "budget" {
  description = "Whom to tell of costs; null for nobody."
  type = object({
    monthly = number
    emails  = list(string)
    since   = string
    account = optional(string)
  })
  default = null
}

variable "managed" {
  description = "The cloud's own PostgreSQL and Redis."
  type = object({
    postgres = optional(bool, false)
    redis    = optional(bool, false)
    size     = optional(string, "small")
  })
  default = {}
}

variable "postgres_password" {
  description = "The managed PostgreSQL's administrator's password: TF_VAR_postgres_password, in no file."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "postgres_password_version" {
  description = "Raise it to have a changed password written."
  type        = number
  default     = 1
}

variable "redis_password" {
  description = "The managed Redis' password, on AWS: TF_VAR_redis_password."
  type        = string
  default     = null
  sensitive   = true
}
