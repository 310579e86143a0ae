locals {
  database_types = { small = "db.t4g.small", medium = "db.t4g.large", large = "db.m7g.xlarge" }
  cache_types    = { small = "cache.t4g.small", medium = "cache.t4g.medium", large = "cache.m7g.large" }

  postgres = var.managed.postgres ? {
    host = aws_db_instance.postgres[0].address
    port = 5432
    user = aws_db_instance.postgres[0].username
  } : null
  redis = var.managed.redis ? {
    host = aws_elasticache_replication_group.redis[0].primary_endpoint_address
    port = 6379
  } : null
  redis_password = var.managed.redis ? var.redis_password : null
}

# Subnets with no way out. Even in one zone a group of subnets must have two.
resource "aws_subnet" "managed" {
  count = var.managed.postgres || var.managed.redis ? length(local.managed_cidrs) : 0

  vpc_id            = aws_vpc.this.id
  cidr_block        = local.managed_cidrs[count.index]
  availability_zone = local.zone_names[count.index]
  tags              = merge(local.tags, { Name = "${var.name}-managed-${count.index + 1}" })
}

resource "aws_db_subnet_group" "postgres" {
  count = var.managed.postgres ? 1 : 0

  name       = var.name
  subnet_ids = aws_subnet.managed[*].id
  tags       = local.tags
}

resource "aws_db_instance" "postgres" {
  count = var.managed.postgres ? 1 : 0

  identifier                = var.name
  engine                    = "postgres"
  engine_version            = "17"
  instance_class            = local.database_types[var.managed.size]
  allocated_storage         = var.data_disk_gb
  max_allocated_storage     = var.data_disk_gb * 4
  storage_type              = "gp3"
  storage_encrypted         = true
  db_name                   = "app"
  username                  = "quayside"
  password_wo               = var.postgres_password
  password_wo_version       = var.postgres_password_version
  db_subnet_group_name      = aws_db_subnet_group.postgres[0].name
  vpc_security_group_ids    = [aws_security_group.tier["db"].id]
  publicly_accessible       = false
  multi_az                  = var.zones > 1
  backup_retention_period   = 7
  copy_tags_to_snapshot     = true
  deletion_protection       = true
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-last"
  tags                      = local.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_elasticache_subnet_group" "redis" {
  count = var.managed.redis ? 1 : 0

  name       = var.name
  subnet_ids = aws_subnet.managed[*].id
  tags       = local.tags
}

resource "aws_elasticache_replication_group" "redis" {
  count = var.managed.redis ? 1 : 0

  replication_group_id       = var.name
  description                = "The cache of ${var.name}"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = local.cache_types[var.managed.size]
  num_cache_clusters         = var.zones > 1 ? 2 : 1
  automatic_failover_enabled = var.zones > 1
  multi_az_enabled           = var.zones > 1
  subnet_group_name          = aws_elasticache_subnet_group.redis[0].name
  security_group_ids         = [aws_security_group.tier["db"].id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = var.redis_password
  tags                       = local.tags

  lifecycle {
    precondition {
      condition     = var.redis_password != null
      error_message = "A managed Redis on AWS needs redis_password."
    }
  }
}
