resource "aws_db_subnet_group" "shop" {
  name       = "storefront"
  subnet_ids = var.private_subnets
}

resource "aws_db_parameter_group" "shop" {
  name   = "storefront"
  family = "postgres15"

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "shop" {
  identifier                          = "storefront"
  engine                              = "postgres"
  engine_version                      = "15"
  instance_class                      = "db.t4g.medium"
  allocated_storage                   = 50
  db_name                             = "shop"
  username                            = "shop"
  manage_master_user_password         = true
  iam_database_authentication_enabled = true
  db_subnet_group_name                = aws_db_subnet_group.shop.name
  parameter_group_name                = aws_db_parameter_group.shop.name
  vpc_security_group_ids              = [aws_security_group.database.id]
  publicly_accessible                 = false
  multi_az                            = true
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.shop.arn
  deletion_protection                 = true
  auto_minor_version_upgrade          = true
  backup_retention_period             = 14
  copy_tags_to_snapshot               = true
  final_snapshot_identifier           = "storefront-final"
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = aws_kms_key.shop.arn
  monitoring_interval                 = 60
  monitoring_role_arn                 = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
}
