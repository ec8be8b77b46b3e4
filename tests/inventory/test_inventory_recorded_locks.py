"""Lock files that real tools wrote: recorded/README.md says which."""

import pytest
from catalogued import RECORDED, catalogued, named

from scangate.core.model import Confidence
from scangate.inventory.locks import LOCKS

NODE = [
    ("@babel/code-frame", "7.12.13"),
    ("@babel/helper-validator-identifier", "7.29.7"),
    ("@babel/highlight", "7.25.9"),
    ("ansi-styles", "3.2.1"),
    ("chalk", "2.4.2"),
    ("color-convert", "1.9.3"),
    ("color-name", "1.1.3"),
    ("debug", "4.3.1"),
    ("escape-string-regexp", "1.0.5"),
    ("has-flag", "3.0.0"),
    ("js-tokens", "4.0.0"),
    ("ms", "2.0.0"),
    ("ms", "2.1.2"),
    ("picocolors", "1.1.1"),
    ("supports-color", "5.5.0"),
]
DEVELOPMENT = [("is-number", "6.0.0"), ("is-odd", "3.0.1")]
MACOS = [("fsevents", "2.3.2")]
PYTHON = [("python-dateutil", "2.8.2"), ("six", "1.17.0")]


def locked(tmp_path, recording, name=""):
    source = RECORDED / recording
    return catalogued(tmp_path, {f"srv/app/{name or source.name}": source.read_bytes()}, *LOCKS)


@pytest.mark.parametrize(
    "recording",
    [
        "npm-lockfile-2/package-lock.json",
        "npm-lockfile-3/package-lock.json",
        *(f"pnpm-{version}/pnpm-lock.yaml" for version in (7, 8, 9, 10)),
        "bun/bun.lock",
    ],
)
def test_what_node_needs_to_run_on_linux_is_declared(tmp_path, recording):
    found = locked(tmp_path, recording)
    assert named(found) == NODE
    assert {(each.ecosystem, each.confidence) for each in found} == {("npm", Confidence.FIRM)}


def test_version_1_does_not_say_which_system_a_package_is_for(tmp_path):
    assert named(locked(tmp_path, "npm-lockfile-1/package-lock.json")) == sorted(NODE + MACOS)
    assert named(locked(tmp_path, "npm-lockfile-1/package-lock.json", "npm-shrinkwrap.json"))


def test_yarn_does_not_say_what_is_for_development(tmp_path):
    assert named(locked(tmp_path / "1", "yarn-1/yarn.lock")) == sorted(NODE + MACOS + DEVELOPMENT)
    found = named(locked(tmp_path / "4", "yarn-4/yarn.lock"))
    assert set(found) > set(NODE + DEVELOPMENT)
    assert not {"shop", "fsevents", "alias-of-ms"} & {name for name, _version in found}


def test_workspaces_are_the_project_itself(tmp_path):
    assert named(locked(tmp_path / "npm", "npm-workspaces/package-lock.json")) == [("ms", "2.1.2")]
    found = locked(tmp_path / "pnpm", "pnpm-workspaces/pnpm-lock.yaml")
    assert named(found) == [("debug", "4.3.1"), ("ms", "2.1.2"), ("ms", "2.1.3")]


@pytest.mark.parametrize(
    "recording",
    ["uv/uv.lock", "uv/requirements.txt", "poetry/poetry.lock", "pipenv/Pipfile.lock", "pip-compile/requirements.txt"],
)
def test_what_python_needs_to_run_on_linux_is_declared(tmp_path, recording):
    assert named(locked(tmp_path, recording)) == PYTHON


def test_a_pylock_that_was_exported_with_its_group_for_development_declares_it(tmp_path):
    assert named(locked(tmp_path, "uv/pylock.toml")) == [("iniconfig", "2.3.1"), *PYTHON]


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("cargo/Cargo.lock", ["pkg:cargo/itoa@1.0.1", "pkg:cargo/ryu@1.0.2"]),
        ("bundler/Gemfile.lock", ["pkg:gem/json@2.6.1", "pkg:gem/shopgit@1.2.3.pre1"]),
        ("composer/composer.lock", ["pkg:composer/shop/clock@2.0.0", "pkg:composer/shop/log@1.1.4"]),
        ("conan/conan.lock", ["pkg:conan/zlib@1.2.13"]),
    ],
)
def test_what_other_languages_need_to_run_is_declared(tmp_path, recording, expected):
    assert [each.purl for each in locked(tmp_path, recording)] == expected
