"""The rules that hold for all lock files; what each format says is tested beside."""

import json

import pytest
from catalogued import catalogued, named

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory.locks import LOCKS, superseded
from scangate.inventory.locks.lockfile import Declared, Format, LockFiles
from scangate.inventory.registries import NPM
from scangate.rootfs.files import File

LOCK = json.dumps({"lockfileVersion": 3, "packages": {"node_modules/x": {"version": "1.0.0", "license": "MIT"}}})


def lock_files(read):
    return LockFiles("test", NPM, (Format(read=read, names=frozenset({"x.lock"})),))


def test_a_declared_package_is_firm_and_says_where_it_was_declared(tmp_path):
    assert catalogued(tmp_path, {"srv/app/package-lock.json": LOCK}, *LOCKS) == [
        Package(
            name="x",
            version="1.0.0",
            ecosystem="npm",
            purl="pkg:npm/x@1.0.0",
            paths=("srv/app/package-lock.json",),
            licences=("MIT",),
            confidence=Confidence.FIRM,
        )
    ]


@pytest.mark.parametrize(
    ("lock", "text", "installed"),
    [
        ("package-lock.json", LOCK, "node_modules/.package-lock.json"),
        ("yarn.lock", '# yarn lockfile v1\n\nx@1:\n  version "1.0.0"\n', "node_modules/x/package.json"),
        ("composer.lock", '{"packages": [{"name": "a/x", "version": "1"}]}', "vendor/composer/installed.json"),
    ],
)
def test_where_it_was_installed_beside_the_lock_file_has_nothing_to_add(tmp_path, lock, text, installed):
    assert named(catalogued(tmp_path, {f"srv/app/{lock}": text}, *LOCKS))
    assert not catalogued(tmp_path, {f"srv/app/{installed}": "{}"}, *LOCKS)


def test_lock_files_of_installed_packages_are_not_looked_at(tmp_path):
    files = dict.fromkeys(("app/node_modules/x/package-lock.json", "usr/share/x/package-lock.json"), LOCK)
    assert not catalogued(tmp_path, files, *LOCKS)


def test_a_lock_file_that_cannot_be_read_is_a_gap_with_the_reason(tmp_path):
    (gap,) = catalogued(tmp_path, {"app/package-lock.json": "{"}, *LOCKS)
    assert gap == Gap(
        what="app/package-lock.json", reason="what this lock file declares is not known: it is not valid JSON"
    )


def test_broken_entries_are_one_gap_that_counts_them(tmp_path):
    packages = {"node_modules/x": {"version": "1.0.0"}, "node_modules/y": {}, "node_modules/a b": {"version": "1"}}
    text = json.dumps({"packages": packages})
    package, gap = catalogued(tmp_path, {"app/package-lock.json": text}, *LOCKS)
    assert package.name == "x"
    assert gap.reason == "2 of its 3 entries have no valid name and version, the first of them `y`"


def test_a_lock_file_that_is_too_large_is_a_gap(tmp_path, monkeypatch):
    monkeypatch.setattr("scangate.inventory.locks.lockfile.MAX_BYTES", 10)
    (gap,) = catalogued(tmp_path, {"app/package-lock.json": LOCK}, *LOCKS)
    assert "at most 10" in gap.reason


def test_a_lock_file_with_too_many_entries_is_a_gap(tmp_path, monkeypatch):
    monkeypatch.setattr("scangate.inventory.locks.lockfile._MOST", 2)
    locks = lock_files(lambda _data: (Declared(f"x{number}", "1") for number in range(3)))
    (gap,) = catalogued(tmp_path, {"x.lock": ""}, locks)
    assert "more than 2 packages" in gap.reason


def test_an_entry_that_is_there_twice_is_one_package(tmp_path):
    assert named(catalogued(tmp_path, {"x.lock": ""}, lock_files(lambda _data: [Declared("x", "1")] * 3))) == [
        ("x", "1")
    ]


def test_a_repository_with_a_version_is_that_version_and_one_without_has_no_ecosystem(tmp_path):
    url = "https://user:secret@example.com/x.git"
    entries = [Declared("x", "1.2", commit="abc", url=url), Declared("y", "", commit="abc", url=url)]
    found = catalogued(tmp_path, {"x.lock": ""}, lock_files(lambda _data: entries))
    assert [(each.ecosystem, each.purl) for each in found] == [
        ("npm", "pkg:npm/x@1.2?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fx.git%40abc"),
        ("", "pkg:npm/y@abc?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fx.git%40abc"),
    ]


def test_what_is_only_declared_gives_way_to_what_is_installed_elsewhere():
    installed = Package(name="x", version="2", ecosystem="PyPI", purl="pkg:pypi/x@2")
    declared = Package(name="x", version="1", ecosystem="PyPI", purl="pkg:pypi/x@1", confidence=Confidence.FIRM)
    other = Package(name="y", version="1", ecosystem="PyPI", purl="pkg:pypi/y@1", confidence=Confidence.FIRM)
    node = [
        Package(name="x", version="1", ecosystem="npm", purl="pkg:npm/x@1"),
        Package(name="x", version="2", ecosystem="npm", purl="pkg:npm/x@2", confidence=Confidence.FIRM),
    ]
    again = Package(name="x", version="1", ecosystem="npm", purl="pkg:npm/x@1", confidence=Confidence.FIRM)
    assert superseded([declared, installed, other, *node, again]) == [installed, other, *node]


def test_every_catalogue_has_a_name_of_its_own_and_asks_for_little(tmp_path):
    assert len({each.name for each in LOCKS}) == len(LOCKS)
    assert not any(each.wants("srv/app/src/index.js") or each.wants("etc/passwd") for each in LOCKS)
    assert File.__slots__  # files are handed on, never kept: a catalogue has no state
    assert all(set(vars(each)) == {"name", "hints", "_registry", "_by_name", "_by_ending"} for each in LOCKS)
