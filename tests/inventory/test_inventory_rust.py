"""Rust programs: the list of crates that cargo-auditable leaves in them."""

import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from extracted import DAMAGED, Kept, extracted, named
from made_programs import PAD, Looked, dep_v0, elf, macho, pe

from scangate.core.model import Gap, Package
from scangate.inventory.rust import Rust

RECORDED = Path(__file__).parent / "recorded" / "cargo-auditable" / "uvx-0.13.9.dep-v0"
CRATES = dep_v0(
    {"name": "app", "version": "0.1.0", "source": "local", "root": True},
    {"name": "cc", "version": "1.0.83", "source": "crates.io", "kind": "build"},
    {"name": "time", "version": "0.1.44", "source": "crates.io", "dependencies": [3]},
    {"name": "libc", "version": "0.2.150", "source": "crates.io", "kind": "runtime"},
    {"name": "forked", "version": "2.0.0", "source": "git"},
)
SECTION = ".dep-v0"


@pytest.mark.parametrize("make", [elf, pe, macho])
def test_crates_that_are_compiled_in_are_read(tmp_path, make):
    found = extracted(tmp_path, {"usr/local/bin/app": make({SECTION: CRATES}, pad=PAD)}, Rust())
    assert [(each.name, each.version, each.ecosystem, each.purl) for each in found] == [
        ("forked", "2.0.0", "", "pkg:cargo/forked@2.0.0"),
        ("libc", "0.2.150", "crates.io", "pkg:cargo/libc@0.2.150"),
        ("time", "0.1.44", "crates.io", "pkg:cargo/time@0.1.44"),
    ]


def test_the_list_of_a_real_program_is_read(tmp_path):
    found = extracted(tmp_path, {"usr/bin/uvx": elf({SECTION: RECORDED.read_bytes()}, pad=PAD)}, Rust())
    names = dict(named(found))
    assert len(found) > 300
    assert {each.ecosystem for each in found} == {"crates.io"}
    assert names["aho-corasick"] == "1.1.4"
    assert "uv-auth" not in names


@pytest.mark.parametrize(
    "section",
    [
        b"not compressed",
        CRATES[:-3],
        zlib.compress(b"{"),
        zlib.compress(b"[" * 100_000),
        zlib.compress(b"[]"),
        zlib.compress(b'{"packages": [1]}'),
        dep_v0({"name": "a"}),
        dep_v0({"name": "a b", "version": "1", "source": "crates.io"}),
        dep_v0({"name": ["a"], "version": "1", "source": "crates.io"}),
        zlib.compress(b" " * 40_000_000),
    ],
    ids=range(10),
)
def test_a_list_that_makes_no_sense_is_a_gap(tmp_path, section):
    (gap,) = extracted(tmp_path, {"app": elf({SECTION: section}, pad=PAD)}, Rust())
    assert (gap.what, gap.reason.partition(":")[0]) == ("app", "the list of crates in this Rust program cannot be read")


def test_a_rust_program_without_a_list_is_a_gap_and_a_library_is_not(tmp_path):
    program = elf({".comment": b"GCC: (Debian) 12\0rustc version 1.80.1 (3f5fd8dd4 2024-08-06)\0"}, pad=PAD)
    found = extracted(tmp_path, {"bin/app": program, "site-packages/_native.abi3.so": program}, Rust())
    assert named(found) == [("bin/app", "it is a Rust program that does not say which crates it was built from")]


def test_other_programs_are_nothing(tmp_path):
    files = {"c": elf({".comment": b"GCC: (Debian) 12\0"}, pad=PAD), "sh": b"#!/bin/sh\n" + b"#" * PAD}
    assert extracted(tmp_path, files, Rust()) == []


def test_what_a_damaged_cache_holds_is_a_gap():
    found = list(Rust().read(Kept(*DAMAGED)))
    assert not any(isinstance(each, Package) for each in found)
    assert all(isinstance(each, Gap) and each.reason for each in found)


@pytest.mark.real
def test_a_list_added_to_what_rustc_built_is_found(tmp_path):
    if not (shutil.which("rustc") and shutil.which("objcopy")):
        pytest.skip("rustc or objcopy is not installed")
    (tmp_path / "a.rs").write_text("fn main() {}")
    built = subprocess.run(["rustc", "-o", "a", "a.rs"], cwd=tmp_path, capture_output=True, check=False)
    if built.returncode:
        pytest.skip("rustc has no toolchain or linker")
    silent = Rust().extract("a", Looked((tmp_path / "a").read_bytes()))
    assert b"does not say which crates" in silent
    (tmp_path / "list").write_bytes(CRATES)
    subprocess.run(["objcopy", "--add-section", f"{SECTION}=list", "a", "b"], cwd=tmp_path, check=True)
    assert b'["time","0.1.44","crates.io"]' in Rust().extract("b", Looked((tmp_path / "b").read_bytes()))
