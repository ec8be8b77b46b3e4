"""Lock files, and what package managers of languages leave behind in an image."""

import json
from collections.abc import Callable, Iterator

from harness import Target

from scangate.core.model import Gap, Package
from scangate.inventory.beam import Beam
from scangate.inventory.bitnami import Bitnami
from scangate.inventory.cms import Cms
from scangate.inventory.conda import Conda
from scangate.inventory.dotnet import DotNet
from scangate.inventory.locks import LOCKS
from scangate.inventory.node import Node
from scangate.inventory.php import Php
from scangate.inventory.plain_yaml import read_yaml
from scangate.inventory.purl import vcs_url
from scangate.inventory.python import Python
from scangate.inventory.r import R
from scangate.inventory.ruby import Ruby


class _Layer:
    digest = "sha256:0"


class _File:
    layer = _Layer()

    def __init__(self, path: str, data: bytes) -> None:
        self.path, self.data, self.size = path, data, len(data)

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        return self.data[offset:] if size is None else self.data[offset : offset + size]


class _Files:
    """An image of one file."""

    def __init__(self, file: _File) -> None:
        self.file = file

    def matching(self, wanted: Callable[[str], bool]) -> Iterator[_File]:
        return iter([self.file] if wanted(self.file.path) else [])

    def exists(self, _path: str) -> bool:
        return False

    def real(self, path: str) -> str:
        return path


def _reads(catalogue, path: str) -> Callable[[bytes], None]:
    assert catalogue.wants(path), path

    def run(data: bytes) -> None:
        found = list(catalogue.read(_Files(_File(path, data))))
        assert all(isinstance(each, Gap | Package) for each in found)
        # What is said of it must fit into a report, whatever the file held.
        assert all(len(each.reason) < 1000 for each in found if isinstance(each, Gap))
        assert all(len(each.name) < 500 and len(each.version) < 500 for each in found if isinstance(each, Package))

    return run


_NPM = {"name": "a", "version": "1.0.0", "license": {"type": "MIT"}, "private": True}
_LOCK_1 = {"lockfileVersion": 1, "dependencies": {"a": {"version": "npm:@s/b@1.0.0", "dependencies": {"c": {"version": "git+https://h/c#0a"}}}}}  # fmt: skip  # noqa: E501
_LOCK_3 = {"packages": {"": {}, "node_modules/@s/a": {"version": "1.0.0", "resolved": "https://h/a-1.0.0.tgz", "os": ["linux"]}}}  # fmt: skip  # noqa: E501
_DEPS = {"targets": {"t": {"A/1.0": {"runtime": {"a.dll": {}}}}}, "libraries": {"A/1.0": {"type": "package"}}}
_SPDX = {"packages": [{"licenseConcluded": "MIT", "externalRefs": [{"referenceLocator": "pkg:bitnami/a@1.0-1?arch=amd64"}]}]}  # fmt: skip  # noqa: E501
_COMPOSER = {"packages": [{"name": "a/b", "version": "v1.0", "license": ["MIT"], "dist": {"type": "zip"}}]}
_PNPM = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {version: 1.0.0(b@1.0.0)}\npackages:\n  a@1.0.0: {os: [linux]}\nsnapshots:\n  a@1.0.0(b@1.0.0):\n    dependencies: {b: 1.0.0}\n"  # noqa: E501
_BUN = '{"lockfileVersion": 1, // x\n"workspaces": {"": {"dependencies": {"a": "1"}}}, "packages": {"a": ["a@1.0.0", "", {"dependencies": {"b": "1"}}, ""],},}'  # noqa: E501
_UV = '[[package]]\nname = "own"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }]\n[[package]]\nname = "a"\nversion = "1.0"\nsource = { git = "https://h/a#0b" }\n'  # noqa: E501
_PYLOCK = '[[packages]]\nname = "a"\nversion = "1.0"\nmarker = "\'x\' in dependency_groups"\n[[packages]]\nname = "b"\narchive = { url = "https://h/b-1.0.tar.gz" }\n'  # noqa: E501
_BERRY = '__metadata:\n  version: 8\n"a@npm:1":\n  version: 1.0.0\n  resolution: "a@patch:a@npm%3A1.0.0#x"\n  conditions: os=linux\n'  # noqa: E501
_GEMFILE = "GIT\n  remote: https://h/g\n  revision: 0a\n  specs:\n    g (1.0)\nGEM\n  specs:\n    a (1.0-x86_64-linux)\n      b (>= 1)\n"  # noqa: E501
_GEMSPEC = '# stub: a 1.0 ruby lib\n\nGem::Specification.new do |s|\n  s.name = "a".freeze\n  s.version = "1.0"\n  s.licenses = ["MIT".freeze]\n'  # noqa: E501

_LOCKED = {
    "srv/package-lock.json": [json.dumps(_LOCK_1), json.dumps(_LOCK_3)],
    "srv/yarn.lock": [
        '# yarn lockfile v1\n"@s/a@^1", b@npm:c@1:\n  version "1.0.0"\n  resolved "https://h/a#0b"\n',
        _BERRY,
    ],
    "srv/pnpm-lock.yaml": [_PNPM, "lockfileVersion: 5.4\npackages:\n  /a/1.0.0_b@1:\n    dev: false\n"],
    "srv/bun.lock": [_BUN],
    "srv/requirements.txt": [
        "a[x]==1.0 ; python_version > '3' \\\n  --hash=sha256:0a\nb @ git+https://h/b@0c#egg=b\n",
        "https://h/a-1.0-py3-none-any.whl\n-e git+ssh://h/x\n",
    ],
    "srv/Pipfile.lock": ['{"default": {"a": {"version": "==1.0"}, "b": {"git": "https://h/b", "ref": "0a"}}}'],
    "srv/poetry.lock": [
        '[[package]]\nname = "a"\nversion = "1.0"\ngroups = ["main"]\n[package.source]\ntype = "git"\nurl = "https://h/a"\nresolved_reference = "0a"\n'  # noqa: E501
    ],
    "srv/pdm.lock": [
        '[[package]]\nname = "a"\nversion = "1.0"\ngit = "https://h/a"\nrevision = "0a"\ngroups = ["default"]\n'
    ],
    "srv/uv.lock": [_UV],
    "srv/pylock.toml": [_PYLOCK],
    "srv/Gemfile.lock": [_GEMFILE],
    "srv/composer.lock": [json.dumps(_COMPOSER)],
    "srv/packages.lock.json": ['{"dependencies": {"net8.0": {"A": {"type": "Direct", "resolved": "1.0.0"}}}}'],
    "srv/Cargo.lock": ['version = 3\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "git+https://h/a?b=c#0d"\n'],
    "srv/mix.lock": ['%{\n  "a": {:hex, :a, "1.0.0", "x", [:mix], []},\n  "b": {:git, "https://h/b", "0c", []},\n}\n'],
    "srv/rebar.lock": [
        '{"1.2.0",\n[{<<"a">>,{pkg,<<"a">>,<<"1.0">>},0},\n {<<"b">>,{git,"https://h",{ref,"0a"}},0}]}.\n'
    ],
    "srv/pubspec.lock": [
        'packages:\n  a:\n    description: {name: a, url: "https://h"}\n    source: git\n    version: "1.0"\n'
    ],
    "srv/Package.resolved": [
        '{"pins": [{"identity": "a", "location": "https://h/a/b.git", "state": {"version": "1.0"}}], "version": 2}'
    ],
    "srv/conan.lock": ['{"requires": ["a/1.0@u/c#r%1.5"]}', '{"graph_lock": {"nodes": {"1": {"ref": "a/1.0#r"}}}}'],
    "srv/renv.lock": ['{"Packages": {"a": {"Package": "a", "Version": "1.0", "Source": "Repository"}}}'],
    "srv/stack.yaml.lock": ["packages:\n- completed:\n    hackage: a-1.0@sha256:0,1\n"],
    "srv/cabal.project.freeze": ["constraints: any.a ==1.0,\n             b +flag\n"],
}
_INSTALLED = {
    "x.dist-info/METADATA": (Python(), ["Name: a\nVersion: 1.0\nLicense: MIT\nClassifier: License :: MIT\n\nText"]),
    "x.egg-link": (Python(), ["/srv/x\n../\n"]),
    "node_modules/a/package.json": (Node(), [json.dumps(_NPM)]),
    "specifications/a-1.0.gemspec": (Ruby(), [_GEMSPEC]),
    "bundler/gems/a-0a1b2c3/a.gemspec": (Ruby(), [_GEMSPEC.partition("\n")[2]]),
    "vendor/composer/installed.json": (Php(), [json.dumps(_COMPOSER), json.dumps(_COMPOSER["packages"])]),
    "a.deps.json": (DotNet(), [json.dumps(_DEPS)]),
    "lib/a-1/ebin/a.app": (Beam(), ['{application, a, [{vsn, "1.0"}, {licenses, ["MIT"]}]}.']),
    "R/library/a/DESCRIPTION": (R(), ["Package: a\nVersion: 1.0\nLicense: MIT + file LICENSE\nBuilt: R 4\n"]),
    "conda-meta/a-1-0.json": (
        Conda(),
        ['{"name": "a", "version": "1", "channel": "https://h/t/x/main/linux-64", "subdir": "linux-64", "files": []}'],
    ),
    "opt/bitnami/a/.spdx-a.spdx": (Bitnami(), [json.dumps(_SPDX)]),
    "opt/bitnami/.bitnami_components.json": (Bitnami(), ['{"a": {"arch": "amd64", "version": "1.0-1"}}']),
    "wp-includes/version.php": (Cms(), ["<?php\n$wp_version = '6.4.2';\n"]),
}


def _targets() -> Iterator[Target]:
    for path, seeds in _LOCKED.items():
        catalogue = next(each for each in LOCKS if each.wants(path))
        yield Target(path.partition("/")[2], [each.encode() for each in seeds], _reads(catalogue, path))
    for path, (catalogue, seeds) in _INSTALLED.items():
        yield Target(
            path, [each.encode() for each in seeds], _reads(catalogue, f"srv/{path}" if "bitnami" not in path else path)
        )
    yield Target("plain-yaml", [_PNPM.encode()], lambda data: list(read_yaml(data)), raises=(ValueError,))
    yield Target(
        "vcs-url",
        [b"git@h.example:a/b.git", b"https://u:p@h:80/x?y#z"],
        lambda data: vcs_url(data.decode(errors="replace"), "0a"),
    )


TARGETS = tuple(_targets())
