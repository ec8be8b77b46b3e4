variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "vpc_id" {
  type = string
}

variable "vpc_cidr" {
  type = string
}

variable "private_subnets" {
  type = list(string)
}

variable "public_subnets" {
  type = list(string)
}

variable "certificate_arn" {
  type = string
}

variable "log_bucket" {
  type = string
}

variable "replica_bucket_arn" {
  type = string
}

variable "replica_key_arn" {
  type = string
}

variable "events_topic_arn" {
  type = string
}
