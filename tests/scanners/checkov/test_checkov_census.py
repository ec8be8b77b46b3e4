"""What counts as infrastructure code, and for whom; what is left out, and what must never be opened."""

import os
import re
import time
from pathlib import Path

import pytest

from scangate.errors import CancelledError
from scangate.scanners.checkov import Checkov
from scangate.scanners.checkov.census import Census, exactly, skipping, take
from scangate.scanners.checkov.frameworks import FRAMEWORKS

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
FILES = {
    "main.tf": ('resource "x" "y" {}\n', {"terraform"}),
    "main.tf.json": ('{"resource": {}}', {"terraform_json"}),
    "plan.json": ('{"terraform_version": "1.5", "planned_values": {}}', {"terraform_plan"}),
    "stack.yaml": ("Resources:\n  B: {Type: AWS::S3::Bucket}\n", {"cloudformation"}),
    "stack.json": ('{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}', {"cloudformation"}),
    "stack.template": ("AWSTemplateFormatVersion: x\nResources:\n", {"cloudformation"}),
    "pod.yml": (POD, {"kubernetes"}),
    "quoted.yaml": ('"apiVersion": v1\n"kind": Pod\n', {"kubernetes"}),
    "crlf.yaml": (POD.replace("\n", "\r\n"), {"kubernetes"}),
    "marked.yaml": ("\ufeff" + POD, {"kubernetes"}),
    "pod.json": ('{"apiVersion": "v1", "kind": "Pod"}', {"kubernetes"}),
    "cut.json": ('{"apiVersion": "v1", "kind": "Pod", "metadata": {', {"kubernetes"}),
    "Dockerfile": ("FROM debian\n", {"dockerfile"}),
    "dockerfile": ("FROM debian\n", {"dockerfile"}),
    "Dockerfile.dev": ("FROM debian\n", {"dockerfile"}),
    "web.Dockerfile": ("FROM debian\n", {"dockerfile"}),
    ".devcontainer/Dockerfile": ("FROM debian\n", {"dockerfile"}),
    "azuredeploy.json": (
        '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"}',
        {"arm"},
    ),
    "main.bicep": ("param x string\n", {"bicep"}),
    "serverless.yml": ("service: x\nprovider: {name: aws}\n", {"serverless"}),
    "play.yml": ("- hosts: all\n  tasks: []\n", {"ansible"}),
    "roles/web/tasks/main.yml": ("- name: install\n  ansible.builtin.apt:\n    name: x\n", {"ansible"}),
    ".github/workflows/ci.yml": ("on: push\n", {"github_actions"}),
    ".gitlab-ci.yml": ("image: x\n", {"gitlab_ci"}),
    "azure-pipelines.yml": ("trigger: [main]\n", {"azure_pipelines"}),
    "bitbucket-pipelines.yml": ("image: x\n", {"bitbucket_pipelines"}),
    ".circleci/config.yml": ("version: 2.1\n", {"circleci_pipelines"}),
    "workflow.yaml": ("apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n", {"argo_workflows", "kubernetes"}),
    "openapi.yaml": ("openapi: 3.0.0\ninfo: {}\n", {"openapi"}),
    "swagger.json": ('{"swagger": "2.0", "info": {}, "paths": {}}', {"openapi"}),
}
OTHERS = {
    "README.md": "apiVersion: v1\nkind: Pod\n",
    "package.json": '{"name": "x", "kind": "y"}',
    "tsconfig.json": '{\n  // comment\n  "a": 1,\n}',
    "nested.json": '{"items": {"apiVersion": "v1", "kind": "Pod"}}',
    "values.yaml": "image: nginx\n",
    "nested.yaml": "data:\n  apiVersion: v1\n  kind: Pod\n",
    "labels.yml": "- name: bug\n  color: red\n",
    ".dockerignore": "*\n",
    "Dockerfile.dockerignore": "*\n",
    "serverless.yml": "component: x\n",
    "params.json": '{"$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentParameters.json#"}',
    "empty.tf": "",
    "comments.tf": "# only\n// comments\n\n/* and\n more */\n",
    ".github/workflows/off.yml": "# on: push\n---\n# jobs:\n",
    "state.json": '{"terraform_version": "1.5", "resources": []}',
    "terraform.tfvars": 'x = "y"\n',
}


def look(base: Path, frameworks=tuple(FRAMEWORKS), skip=()) -> Census:
    return take(base.resolve(), frameworks, skip, lambda: None)


def owned(census: Census, base: Path) -> dict[str, set[str]]:
    return {os.path.relpath(path, base.resolve()): set(names) for path, names in census.owned.items()}


@pytest.mark.parametrize("name", FILES)
def test_infrastructure_code_is_recognised(tree, name):
    text, frameworks = FILES[name]
    root = tree({name: text})
    census = look(root)
    assert owned(census, root) == {name: frameworks}
    assert census.frameworks >= frameworks
    assert owned(look(root / name), root) == {name: frameworks}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_not(tree, name):
    assert look(tree({name: OTHERS[name]})).owned == {}


def test_only_the_wanted_frameworks_count(tree):
    root = tree({"main.tf": FILES["main.tf"][0], "Dockerfile": "FROM x\n", "Chart.yaml": "name: x\n"})
    census = look(root, ["dockerfile"])
    assert owned(census, root) == {"Dockerfile": {"dockerfile"}}
    assert census.frameworks == {"dockerfile"}
    assert census.gaps == {}


def test_secrets_alone_count_what_they_can_be_searched_in(tree):
    root = tree({"main.tf": "x", "values.yaml": "x", "notes.txt": "x"})
    assert [Path(path).name for path in look(root, ["secrets"]).searched] == ["main.tf", "values.yaml"]
    assert look(root).searched == []


def test_folders_of_tools_and_of_other_peoples_code_are_left_out(tree):
    root = tree(dict.fromkeys((".git/a.tf", "node_modules/x/a.tf", ".terraform/modules/a.tf", "x/venv/a.tf"), "x"))
    assert look(root).owned == {}


def test_what_cannot_be_checked_is_a_gap_or_known(tree):
    root = tree(
        {
            "chart/Chart.yaml": "name: x\n",
            "overlay/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
            "Containerfile": "FROM debian\n",
            "docker-compose.yml": "services: {}\n",
            "compose.override.yaml": "services: {}\n",
        }
    )
    census = look(root)
    reasons = {os.path.relpath(path, root.resolve()): reason for path, reason in census.gaps.items()}
    assert "helm binary" in reasons["chart/Chart.yaml"]
    assert "kustomize binary" in reasons["overlay/kustomization.yaml"]
    assert "Dockerfile" in reasons["Containerfile"]
    assert len(reasons) == 3
    assert census.owned == {}
    assert len(census.compose) == 2


def test_documents_of_kubernetes_are_counted(tree):
    root = tree({"a.yaml": f"{POD}---\n{POD}---\n# kind: Pod\n{POD}"})
    assert list(look(root).documents.values()) == [3]


SKIPS = {
    "legacy": {"legacy/a.tf", "legacy/sub/b.tf"},
    "legacy/": {"legacy/a.tf", "legacy/sub/b.tf"},
    "**/b.tf": {"legacy/sub/b.tf", "b.tf"},
    "*.tf": {"b.tf", "c(1).tf"},
    "legacy/*/b.tf": {"legacy/sub/b.tf"},
    "c(1).tf": {"c(1).tf"},
    "l?gacy/a.tf": {"legacy/a.tf"},
    "legacy/**": {"legacy/a.tf", "legacy/sub/b.tf"},
    "nothing": set(),
}


@pytest.mark.parametrize("glob", SKIPS)
def test_skip_paths_are_globs_below_the_target(tree, glob):
    files = {"legacy/a.tf", "legacy/sub/b.tf", "b.tf", "c(1).tf", "legacy2/d.tf"}
    root = tree(dict.fromkeys(files, "x = 1"))
    census = look(root, skip=skipping(root.resolve(), [glob]))
    assert owned(census, root).keys() == files - SKIPS[glob]
    assert bool(census.left_out) == bool(SKIPS[glob])


def test_a_skip_never_matches_outside_of_the_target(tree):
    root = tree({"deploy/deploy/a.tf": "x = 1", "deploy/b.tf": "x = 1"})
    census = look(root / "deploy", skip=skipping((root / "deploy").resolve(), ["deploy"]))
    assert owned(census, root).keys() == {"deploy/b.tf"}


def test_patterns_survive_as_text_and_hold_for_all_regex_signs(tmp_path):
    for name in ("a.b", "a+b", "a(b", "a[b", "a b", "$a^", "a\\b", "a{2}"):
        (pattern,) = exactly([f"{tmp_path}/{name}"])
        assert re.compile(pattern.pattern).search(f"{tmp_path}/{name}")
        (pattern,) = skipping(tmp_path, [name])
        assert re.compile(pattern.pattern).search(f"{tmp_path}/{name}/x")


def test_what_is_no_regular_file_is_closed_to_checkov_and_a_gap(tree):
    root = tree({"good.tf": "x = 1"})
    os.mkfifo(root / "pipe.yaml")
    (root / "zero.tf").symlink_to("/dev/zero")
    (root / "self.json").symlink_to("self.json")
    (root / "gone.yaml").symlink_to("/nonexistent")
    (root / "gone.txt").symlink_to("/nonexistent")
    (root / "loop").symlink_to(".")
    census = look(root)
    assert {Path(path).name for path in census.gaps} == {"pipe.yaml", "zero.tf", "self.json"}
    assert {Path(path).name for path in census.closed} == {"pipe.yaml", "zero.tf", "self.json", "gone.yaml"}
    assert owned(census, root).keys() == {"good.tf"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_gap(tree):
    root = tree({"a.tf": "x = 1", "closed/b.tf": "x = 1"})
    (root / "a.tf").chmod(0)
    (root / "closed").chmod(0)
    try:
        assert set(look(root).gaps.values()) == {"cannot be read: Permission denied"}
    finally:
        (root / "closed").chmod(0o700)


def test_an_interrupt_ends_it(tree):
    def check() -> None:
        raise CancelledError("interrupted")

    with pytest.raises(CancelledError):
        take(tree({"a.tf": "x"}), FRAMEWORKS, (), check)


HOSTILE = {
    "comments that do not end": ("a.tf", "/*" * 500_000),
    "many lines": ("a.yaml", "\n" * 1_000_000 + "- name: x\n" * 1000),
    "many schemas": ("a.json", "schema.management.azure.com/" * 60_000),
    "many keys": ("a.json", '"apiVersion"' * 100_000),
    "deep JSON": ("a.json", "{" + '"apiVersion":{' * 100_000),
    "much white space": ("a.yaml", "apiVersion" + " " * 1_500_000),
    "bytes": ("Dockerfile", "\x00\udcff" * 1000),
}


@pytest.mark.parametrize(("name", "text"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_take_no_time(tree, name, text):
    root = tree({name: text.encode(errors="surrogateescape")})
    started = time.monotonic()
    look(root)
    assert time.monotonic() - started < 20


def test_the_options_name_every_framework():
    items = Checkov.options["properties"]["frameworks"]["items"]
    assert items["enum"] == sorted(FRAMEWORKS)
