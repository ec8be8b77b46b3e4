resource "aws_db_subnet_group" "shop" {
  name       = "storefront"
  subnet_ids = var.public_subnets
}

resource "aws_db_instance" "shop" {
  identifier             = "storefront"
  engine                 = "postgres"
  engine_version         = "15.3"
  instance_class         = "db.t4g.medium"
  allocated_storage      = 50
  db_name                = "shop"
  username               = "shop"
  password               = "correct-horse-battery"
  db_subnet_group_name   = aws_db_subnet_group.shop.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = true
  skip_final_snapshot    = true
}
