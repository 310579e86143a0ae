variable "name" {
  description = "The environment's name as its main.tf gives it: agentlab-staging. The bucket is <name>-state."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Three to 20 lower-case letters, digits and hyphens; a letter first, no hyphen last."
  }
}

variable "region" {
  description = "Where, in the cloud's own words."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+[a-z0-9-]*[0-9a-z]$", var.region))
    error_message = "A region's name: lower-case letters, digits and hyphens."
  }
}
