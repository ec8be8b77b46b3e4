"""Constructed, where recorded/ has none: entries from elsewhere than a registry, old versions, broken ones."""

import json

import pytest

from scangate.inventory.locks.bun import bun_binary, bun_lock
from scangate.inventory.locks.npm import package_lock
from scangate.inventory.locks.pnpm import pnpm_lock
from scangate.inventory.locks.yarn import yarn_lock


def declared(read, document):
    text = document if isinstance(document, str) else json.dumps(document)
    return [(each.name, each.version, each.commit) for each in read(text.encode())]


def test_package_lock_of_version_1_is_a_tree():
    tree = {
        "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0", "bundled": True}}},
        "dev": {"version": "1.0.0", "dev": True},
        "optional": {"version": "1.0.0", "optional": True},
        "alias": {"version": "npm:@s/real@3.0.0"},
        "git": {"version": "git+ssh://git@example.com/git.git#abc", "from": "git+ssh://x"},
        "hub": {"version": "github:owner/hub#abc"},
        "own": {"version": "file:../own"},
        "archive": {"version": "https://example.com/archive/-/archive-4.0.0.tgz"},
        "odd": 5,
    }
    assert sorted(declared(package_lock, {"lockfileVersion": 1, "dependencies": tree})) == [
        ("@s/real", "3.0.0", ""),
        ("a", "1.0.0", ""),
        ("archive", "4.0.0", ""),
        ("b", "2.0.0", ""),
        ("git", "", "abc"),
        ("hub", "", "abc"),
        ("optional", "1.0.0", ""),
    ]


def test_package_lock_of_version_3_lists_folders():
    packages = {
        "": {"name": "root", "version": "1.0.0"},
        "packages/a": {"name": "a", "version": "1.0.0"},
        "node_modules/a": {"link": True, "resolved": "packages/a"},
        "packages/a/node_modules/@s/b": {"version": "1.0.0"},
        "node_modules/alias": {"name": "real", "version": "2.0.0"},
        "node_modules/dev": {"version": "1.0.0", "dev": True},
        "node_modules/either": {"version": "1.0.0", "devOptional": True},
        "node_modules/gone": {"version": "1.0.0", "extraneous": True},
        "node_modules/x/node_modules/bundled": {"version": "1.0.0", "inBundle": True},
        "node_modules/peer": {"version": "1.0.0", "peer": True},
        "node_modules/git": {"version": "1.0.0", "resolved": "git+ssh://git@example.com/git.git#abc"},
        "node_modules/copied": {"version": "1.0.0", "resolved": "file:../copied"},
        "node_modules/packed": {"version": "1.0.0", "resolved": "file:packed-1.0.0.tgz"},
        "node_modules/windows": {"version": "1.0.0", "os": ["win32"]},
        "node_modules/many": {"version": "1.0.0", "os": ["!win32"]},
    }
    assert declared(package_lock, {"lockfileVersion": 3, "packages": packages}) == [
        ("@s/b", "1.0.0", ""),
        ("real", "2.0.0", ""),
        ("either", "1.0.0", ""),
        ("bundled", "1.0.0", ""),
        ("peer", "1.0.0", ""),
        ("git", "1.0.0", "abc"),
        ("packed", "1.0.0", ""),
        ("many", "1.0.0", ""),
    ]


def test_a_tree_of_any_depth_is_read():
    tree = {}
    for _level in range(5_000):
        tree = {"a": {"version": "1.0.0", "dependencies": tree}}
    levels = '{"a":{"version":"1.0.0","dependencies":' * 400 + "{}" + "}}" * 400
    assert len(declared(package_lock, f'{{"lockfileVersion":1,"dependencies":{levels}}}')) == 200


def test_yarn_1_takes_the_name_of_its_first_range():
    text = """# yarn lockfile v1


"@s/a@^1.0.0", "@s/a@~1.2.0":
  version "1.2.3"
  resolved "https://example.com/@s/a/-/a-1.2.3.tgz#abc"

alias@npm:real@^2.0.0:
  version "2.1.0"

"git@git+https://example.com/git.git":
  version "1.0.0"
  resolved "git+https://example.com/git.git#abc"

"own@file:../own":
  version "0.0.0"

"range@>= 1.0.0 < 2", range@1:
  version "1.5.0"
  dependencies:
    version "not this one"
"""
    expected = [
        ("@s/a", "1.2.3", ""),
        ("real", "2.1.0", ""),
        ("git", "1.0.0", "abc"),
        ("range", "1.5.0", ""),
    ]
    assert declared(yarn_lock, text) == expected
    assert declared(yarn_lock, text.replace("\n", "\r\n")) == expected


def test_yarn_4_says_what_was_taken():
    text = """
__metadata:
  version: 8
"a@npm:^1.0.0":
  version: 1.0.0
  resolution: "a@npm:1.0.0"
"alias@npm:@s/real@2":
  version: 2.0.0
  resolution: "@s/real@npm:2.0.0"
"p@patch:p@npm%3A3.0.0#~/.yarn/patches/p.patch":
  version: 3.0.0
  resolution: "p@patch:p@npm%3A3.0.0#~/.yarn/patches/p.patch::version=3.0.0&hash=abc"
"root@workspace:.":
  version: 0.0.0-use.local
  resolution: "root@workspace:."
  linkType: soft
"git@https://example.com/git.git":
  version: 4.0.0
  resolution: "git@https://example.com/git.git#commit=abc"
"own@portal:../own::locator=root":
  version: 0.0.0-use.local
  resolution: "own@portal:../own::locator=root"
  linkType: soft
"tar@https://example.com/tar-5.0.0.tgz":
  version: 5.0.0
  resolution: "tar@https://example.com/tar-5.0.0.tgz"
"mac@npm:1":
  version: 1.0.0
  resolution: "mac@npm:1.0.0"
  conditions: os=darwin & cpu=x64
"broken@npm:1":
  version: 1.0.0
"""
    assert declared(yarn_lock, text) == [
        ("a", "1.0.0", ""),
        ("@s/real", "2.0.0", ""),
        ("p", "3.0.0", ""),
        ("git", "4.0.0", "abc"),
        ("tar", "5.0.0", ""),
        ("", "", ""),
    ]


@pytest.mark.parametrize(
    ("key", "fields", "expected"),
    [
        ("/a/1.0.0", "", ("a", "1.0.0", "")),
        ("/@s/a/1.0.0_b@2.0.0+c@1.0.0", "", ("@s/a", "1.0.0", "")),
        ("registry.example.com/a/1.0.0", "", ("a", "1.0.0", "")),
        ("/a@1.0.0(b@2.0.0)(@c/d@1.0.0)", "", ("a", "1.0.0", "")),
        ("'@s/a@1.0.0'", "", ("@s/a", "1.0.0", "")),
        ("e.com/o/r/abc", "name: r, version: 1.2.3, resolution: {commit: abc, repo: x}", ("r", "1.2.3", "abc")),
        ("a@https://e.com/a/abc", "version: 1.2.3, resolution: {tarball: 'https://e.com/a'}", ("a", "1.2.3", "")),
        ("file:own", "name: own, version: 0.0.0, resolution: {directory: own, type: directory}", None),
        ("a@file:own", "resolution: {directory: own, type: directory}", None),
        ("/a/1.0.0", "dev: true", None),
        ("a@1.0.0", "os: [darwin]", None),
        ("what is this", "", ("", "", "")),
    ],
)
def test_pnpm_has_had_many_keys(key, fields, expected):
    found = declared(pnpm_lock, f"lockfileVersion: 5.4\npackages:\n  {key}: {{{fields}}}\n")
    assert found == ([expected] if expected else [])


def test_pnpm_9_tells_what_is_for_development_by_who_wants_it():
    text = """
lockfileVersion: '9.0'
importers:
  .:
    dependencies: {a: {specifier: 1, version: 1.0.0(peer@2.0.0)}, alias: {specifier: x, version: '@s/real@1.0.0'}}
    devDependencies: {dev: {specifier: 1, version: 1.0.0}}
packages:
  a@1.0.0: {}
  '@s/real@1.0.0': {}
  below@3.0.0: {}
  dev@1.0.0: {}
  peer@2.0.0: {}
snapshots:
  a@1.0.0(peer@2.0.0): {dependencies: {below: 3.0.0, peer: 2.0.0}}
  '@s/real@1.0.0': {}
  below@3.0.0: {dependencies: {a: 1.0.0(peer@2.0.0)}}
  dev@1.0.0: {}
  peer@2.0.0: {}
"""
    found = [name for name, _version, _commit in declared(pnpm_lock, text)]
    assert found == ["a", "@s/real", "below", "peer"]


def test_bun_finds_what_is_nested_and_leaves_out_what_is_for_development():
    text = """{
  // made by hand
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "root", "dependencies": {"a": "1", "member": "workspace:*"}, "devDependencies": {"dev": "1"},},
    "member": {"name": "member", "dependencies": {"@s/c": "1"}},
  },
  "packages": {
    "a": ["a@1.0.0", "", {"dependencies": {"@s/b": "2"}}, "sha512-"],
    "a/@s/b": ["@s/b@2.0.0", "", {"dependencies": {"d": "1"}}, "sha512-,}"],
    "@s/b": ["@s/b@1.0.0", "", {}, "sha512-"],
    "@s/c": ["@s/c@git+https://example.com/c.git#abc", {"dependencies": {"d": "1"}}, "abc"],
    "d": ["alias@1.5.0", "", {}, "sha512-"], /* an alias */
    "dev": ["dev@1.0.0", "", {}, "sha512-"],
    "member": ["member@workspace:member"],
    "broken": [],
  },
}"""
    assert declared(bun_lock, text) == [
        ("a", "1.0.0", ""),
        ("@s/b", "2.0.0", ""),
        ("@s/c", "", "abc"),
        ("alias", "1.5.0", ""),
        ("", "", ""),
    ]


def test_an_empty_yarn_lock_is_what_yarn_asks_for():
    assert declared(yarn_lock, "") == declared(yarn_lock, "# yarn lockfile v1\n\n") == []


@pytest.mark.parametrize("read", [package_lock, yarn_lock, pnpm_lock, bun_lock, bun_binary])
def test_what_is_no_lock_file_is_said(read):
    for text in ("a: b", '{"a": 1}', "[" * 50_000):
        with pytest.raises(ValueError, match="it is"):
            declared(read, text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["/*" * 100_000, "/* " * 100_000, '"' * 100_000, "," + " " * 100_000, ", " * 100_000, '"\\' * 100_000]
)
def test_hostile_comments_cost_no_more_than_their_length(text):
    with pytest.raises(ValueError, match="it is"):
        declared(bun_lock, text)
