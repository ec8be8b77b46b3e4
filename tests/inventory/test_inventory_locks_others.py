"""Constructed from the formats' documents, where recorded/ has none."""

import json

import pytest

from scangate.inventory.locks.beam import mix_lock, rebar_lock
from scangate.inventory.locks.conan import conan_lock
from scangate.inventory.locks.dart import pubspec_lock
from scangate.inventory.locks.dotnet import packages_lock
from scangate.inventory.locks.haskell import cabal_freeze, stack_lock
from scangate.inventory.locks.php import composer_lock
from scangate.inventory.locks.r import renv_lock
from scangate.inventory.locks.ruby import gemfile_lock
from scangate.inventory.locks.rust import cargo_lock
from scangate.inventory.locks.swift import package_resolved


def declared(read, document):
    text = document if isinstance(document, str) else json.dumps(document)
    return [(each.name, each.version, each.commit) for each in read(text.encode())]


def test_gemfile_lock_has_platforms_and_folders():
    text = """GIT
  remote: https://example.com/g.git
  revision: abc
  branch: main
  specs:
    g (0.1.0)
      rake (>= 1)

PATH
  remote: .
  specs:
    own (0.0.1)

GEM
  remote: https://example.com/
  specs:
    nokogiri (1.15.4-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)

PLATFORMS
  ruby

DEPENDENCIES
  nokogiri

BUNDLED WITH
   2.4.0
"""
    expected = [("g", "0.1.0", "abc"), ("nokogiri", "1.15.4", ""), ("racc", "1.7.1", "")]
    assert declared(gemfile_lock, text) == expected
    assert declared(gemfile_lock, text.replace("\n", "\r\n")) == expected
    assert next(each.qualifiers for each in gemfile_lock(text.encode()) if each.name == "nokogiri") == {
        "platform": "x86_64-linux"
    }


def test_composer_lock_leaves_out_what_lies_beside_the_project():
    packages = [
        {"name": "a/b", "version": "v1.0.0", "license": ["MIT"]},
        {"name": "own/x", "version": "dev-main", "dist": {"type": "path", "url": "../x"}},
    ]
    assert declared(composer_lock, {"packages": packages, "packages-dev": packages}) == [("a/b", "v1.0.0", "")]


def test_packages_lock_of_nuget_has_frameworks():
    frameworks = {
        "net8.0": {"A.B": {"type": "Direct", "resolved": "1.0.0"}, "Own": {"type": "Project"}},
        "net8.0/linux-x64": {"A.B": {"type": "Transitive", "resolved": "1.0.1"}},
    }
    found = declared(packages_lock, {"version": 1, "dependencies": frameworks})
    assert found == [("A.B", "1.0.0", ""), ("A.B", "1.0.1", "")]


def test_cargo_lock_has_registries_repositories_and_the_workspace():
    text = """
version = 3
[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://example.com/index"
[[package]]
name = "b"
version = "2.0.0"
source = "git+https://example.com/b.git?branch=main#abc"
[[package]]
name = "own"
version = "0.1.0"
"""
    assert declared(cargo_lock, text) == [("a", "1.0.0", ""), ("b", "2.0.0", "abc")]
    assert declared(cargo_lock, "version = 3\n") == []


def test_mix_lock_of_every_age_is_read():
    text = """%{
  "cowboy": {:hex, :cowboy, "2.9.0", "865dd8", [:make, :rebar3], [{:cowlib, "2.11.0", [hex: :cowlib, repo: "hexpm"]}], "hexpm", "2c"},
  "alias": {:hex, :"real", "1.0.0", "x", [:mix], [], "hexpm", "x"},
  "git": {:git, "https://example.com/git.git", "0a1b2c", [ref: "main"]},
  "old": {:package, "0.5.0"},
  "odd": {:path, "../odd"},
}
"""  # noqa: E501
    assert declared(mix_lock, text) == [
        ("cowboy", "2.9.0", ""),
        ("real", "1.0.0", ""),
        ("git", "", "0a1b2c"),
        ("old", "0.5.0", ""),
        ("odd", "", ""),
    ]
    assert declared(mix_lock, "") == []


def test_rebar_lock_of_every_age_is_read():
    text = """{"1.2.0",
[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0},
 {<<"alias">>,{pkg,<<"real">>,<<"1.0.0">>,<<"HASH">>},1},
 {<<"git">>,
  {git,"https://example.com/git.git",
       {ref,"0a1b2c"}},
  0}]}.
[{pkg_hash,[{<<"cowboy">>, <<"865DD8B6607E">>}]}].
"""
    expected = [("cowboy", "2.9.0", ""), ("real", "1.0.0", ""), ("git", "", "0a1b2c")]
    assert declared(rebar_lock, text) == expected
    assert declared(rebar_lock, "[].\n") == []


def test_pubspec_lock_leaves_out_the_sdk_folders_and_development():
    text = """
packages:
  a:
    dependency: "direct main"
    description: {name: a_real, sha256: x, url: "https://example.com"}
    source: hosted
    version: "1.10"
  dev: {dependency: "direct dev", source: hosted, version: "1.0.0"}
  flutter: {dependency: "direct main", description: flutter, source: sdk, version: "0.0.0"}
  own: {dependency: "direct main", description: {path: ".."}, source: path, version: "0.0.1"}
  git:
    dependency: transitive
    description: {path: ".", ref: main, resolved-ref: abc, url: "https://example.com/git.git"}
    source: git
    version: "2.0.0"
sdks:
  dart: ">=3.0.0"
"""
    assert declared(pubspec_lock, text) == [("a_real", "1.10", ""), ("git", "2.0.0", "abc")]


def test_package_resolved_of_versions_1_and_2_names_repositories():
    first = {
        "package": "NIO",
        "repositoryURL": "https://github.com/apple/swift-nio.git",
        "state": {"branch": None, "revision": "abc", "version": "2.41.1"},
    }
    second = {
        "identity": "vapor",
        "kind": "remoteSourceControl",
        "location": "git@github.com:vapor/vapor.git",
        "state": {"branch": "main", "revision": "abc"},
    }
    local = {"identity": "own", "kind": "localSourceControl", "location": "/srv/own", "state": {"version": "1.0.0"}}
    assert declared(package_resolved, {"object": {"pins": [first]}, "version": 1}) == [
        ("github.com/apple/swift-nio", "2.41.1", "")
    ]
    assert declared(package_resolved, {"pins": [second, local], "version": 3}) == [
        ("github.com/vapor/vapor", "", "abc")
    ]


def test_conan_lock_of_version_1_is_a_graph():
    nodes = {
        "0": {"ref": "shop/1.0@me/testing"},
        "1": {"ref": "zlib/1.2.11#rev", "context": "host"},
        "2": {"ref": "cmake/3.0", "context": "build"},
        "3": {"path": "conanfile.txt"},
        "4": {"ref": "odd/"},
    }
    assert declared(conan_lock, {"graph_lock": {"nodes": nodes}, "version": "0.4"}) == [
        ("shop", "1.0", ""),
        ("zlib", "1.2.11", ""),
        ("", "", ""),
    ]


def test_haskell_freezes_what_it_installed():
    stack = """
packages:
- completed:
    hackage: acme-missiles-0.3@sha256:2ba66a092a32593880a87fb00f3213762d7bca65a687d45965778deb8694c5d1,613
- completed: {name: git, version: 1.0.0, git: "https://example.com/git.git", commit: abc}
snapshots:
- completed: {url: "https://example.com/lts.yaml"}
"""
    assert declared(stack_lock, stack) == [("acme-missiles", "0.3", ""), ("git", "1.0.0", "abc")]
    cabal = """active-repositories: example.com:merge
constraints: any.aeson ==2.1.2.1,
             aeson -cffi +ordered-keymap,
             any.base ==4.17.2.0,
             text >=2.0
-- any.old ==1.0
"""
    assert declared(cabal_freeze, cabal) == [("aeson", "2.1.2.1", ""), ("base", "4.17.2.0", "")]


def test_renv_lock_leaves_out_bioconductor():
    packages = {
        "a": {"Package": "a", "Version": "1.0-2", "Source": "Repository", "Repository": "CRAN"},
        "b": {"Package": "b", "Version": "1.0", "Source": "Bioconductor"},
    }
    assert declared(renv_lock, {"R": {}, "Packages": packages}) == [("a", "1.0-2", "")]


@pytest.mark.parametrize(
    "read",
    [
        gemfile_lock, composer_lock, packages_lock, cargo_lock, mix_lock, rebar_lock, pubspec_lock, package_resolved,
        conan_lock, stack_lock, renv_lock,
    ],
)  # fmt: skip
def test_what_is_no_lock_file_is_said(read):
    for text in ("some text", "]]", '"'):
        with pytest.raises(ValueError, match="it is no"):
            declared(read, text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("read", [mix_lock, rebar_lock, cabal_freeze, gemfile_lock])
def test_long_runs_of_one_character_cost_no_more_than_their_length(read):
    for part in (' "', "a ==", '{<<"', "  ", '"a": {:', "any.", "\n", "[%{"):
        try:
            declared(read, "%{" + part * 100_000)
            declared(read, "[" + part * 100_000)
        except ValueError:
            continue
