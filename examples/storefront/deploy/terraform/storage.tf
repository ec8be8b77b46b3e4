# Product pictures, served to the browser straight from the bucket.
resource "aws_s3_bucket" "media" {
  bucket = "storefront-media"
}

resource "aws_s3_bucket_acl" "media" {
  bucket = aws_s3_bucket.media.id
  acl    = "public-read"
}

resource "aws_s3_bucket_public_access_block" "media" {
  bucket                  = aws_s3_bucket.media.id
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}

# Invoices and order exports.
resource "aws_s3_bucket" "orders" {
  bucket = "storefront-orders"
}
