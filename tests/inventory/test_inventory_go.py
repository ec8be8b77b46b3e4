"""Go programs: build info of all formats and both encodings."""

import shutil
import subprocess
from pathlib import Path

import pytest
from extracted import DAMAGED, Kept, extracted, named
from made_programs import PAD, Looked, buildinfo, elf, fat, macho, pe, pointed_buildinfo

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory.go import Go
from scangate.inventory.go.buildinfo import build_info
from scangate.inventory.go.modules import modules
from scangate.inventory.go.version import of_toolchain

LISTED = (
    "path\texample.com/app\n"
    "mod\texample.com/app\tv1.4.0\th1:x=\n"
    "dep\tgithub.com/BurntSushi/toml\tv1.2.1\th1:y=\n"
    "dep\tgithub.com/docker/distribution\tv2.8.1+incompatible\th1:z=\n"
    "dep\tgolang.org/x/net\tv0.0.0-20220722155237-a158d28d115b\th1:q=\n"
    "build\t-compiler=gc\n"
)
EXPECTED = [
    ("example.com/app", "v1.4.0"),
    ("github.com/BurntSushi/toml", "v1.2.1"),
    ("github.com/docker/distribution", "v2.8.1+incompatible"),
    ("golang.org/x/net", "v0.0.0-20220722155237-a158d28d115b"),
    ("stdlib", "1.19.8"),
]
INFO = buildinfo("go1.19.8", LISTED)
SECTION = ".go.buildinfo"


def pointed(*, wide: bool, little: bool) -> bytes:
    at = -(-(120 if wide else 84) // 16) * 16
    info = pointed_buildinfo("go1.19.8", LISTED, base=0x400000, at=at, wide=wide, little=little)
    return elf({SECTION: info}, wide=wide, little=little, pad=PAD)


PROGRAMS = {
    "elf": elf({".text": b"x" * 100, SECTION: INFO}, pad=PAD),
    "elf without section table": elf({".text": b"x" * 96, SECTION: INFO}, named=False, pad=PAD),
    "elf, 32 bits": elf({SECTION: INFO}, wide=False, pad=PAD),
    "elf, big-endian": elf({SECTION: INFO}, little=False, pad=PAD),
    "elf, pointers": pointed(wide=True, little=True),
    "elf, 32 bits, big-endian, pointers": pointed(wide=False, little=False),
    "pe": pe({".data": INFO}, pad=PAD),
    "macho": macho({"__text": b"x" * 100, "__go_buildinfo": INFO}, pad=PAD),
    "macho for two processors": fat(macho({"__go_buildinfo": INFO}, pad=PAD)),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_modules_are_read_out_of_every_format_and_encoding(tmp_path, program):
    found = extracted(tmp_path, {"usr/local/bin/app": program}, Go())
    assert named(found) == EXPECTED
    assert all(each.ecosystem == "Go" and each.confidence is Confidence.CONFIRMED for each in found)


def test_a_purl_is_in_lower_case_and_the_name_as_advisories_have_it(tmp_path):
    found = {each.name: each.purl for each in extracted(tmp_path, {"app": PROGRAMS["elf"]}, Go())}
    assert found["github.com/BurntSushi/toml"] == "pkg:golang/github.com/burntsushi/toml@v1.2.1"
    assert found["github.com/docker/distribution"] == "pkg:golang/github.com/docker/distribution@v2.8.1%2Bincompatible"
    assert found["stdlib"] == "pkg:golang/stdlib@1.19.8"


def test_only_programs_and_libraries_are_looked_at():
    looks = Go().looks_at
    assert looks("bin/x", PAD, 0o755)
    assert looks("x.exe", PAD, 0o644)
    assert looks("lib/x.so.1", PAD, 0o644)
    assert not looks("bin/x", 5_000, 0o755)
    assert not looks("x.txt", PAD, 0o644)


def test_what_replaces_a_module_counts_and_the_programs_own_source_does_not():
    found = modules(
        "path\tcommand-line-arguments\n"
        "mod\texample.com/app\t(devel)\t\n"
        "dep\tgithub.com/a/b\tv1.0.0\n=>\tgithub.com/fork/b\tv1.0.1\th1:x=\n"
        "dep\tk8s.io/api\tv0.0.0\n=>\t./staging/src/k8s.io/api\t(devel)\t\n"
        "dep\tgithub.com/changed/here\tv2.3.0+incompatible\n=>\t../here\t(devel)\t\n"
        "dep\tgithub.com/workspace/member\t(devel)\t\n"
    )
    assert [(each.path, each.version, each.sure) for each in found.modules] == [
        ("github.com/fork/b", "v1.0.1", True),
        ("github.com/changed/here", "v2.3.0+incompatible", False),
    ]
    assert found.lines == 5
    assert not found.bad


@pytest.mark.parametrize(
    ("flags", "version"),
    [
        ("-s -w -X main.version=v1.2.3", "v1.2.3"),
        (r"-X 'main.Version=1.2.3-rc1' -s", "v1.2.3-rc1"),
        (r"-X \"example.com/app/internal/build.Version=28.2.2\"", "v28.2.2"),
        ("-X example.com/other.Version=9.9.9", ""),
        ("-X main.version=unknown", ""),
        ("-X main.commit=1.2.3", ""),
    ],
)
def test_the_main_module_has_the_version_that_the_linker_was_told(flags, version):
    found = modules(f'path\texample.com/app/cmd\nmod\texample.com/app\t(devel)\t\nbuild\t-ldflags="{flags}"\n')
    assert [(each.version, each.sure) for each in found.modules] == ([(version, False)] if version else [])


@pytest.mark.parametrize(
    ("text", "version", "sure"),
    [
        ("go1.21.3", "1.21.3", True),
        ("go1.21", "1.21", True),
        ("go1.21.3 X:boringcrypto", "1.21.3", True),
        ("go1.24.1-1 X:systemcrypto", "1.24.1", True),
        ("go1.23.4+auto", "1.23.4", True),
        ("go1.22rc1", "1.22.0-rc.1", True),
        ("go1.9.2rc2", "1.9.2-rc.2", True),
        ("go1.22-20231128-RC02 cl/586117301 +6111acc8e6", "1.22", False),
        ("devel go1.22-4da1df8 Mon Aug 7", "", False),
        ("devel +b7a85e0003", "", False),
        ("go1.21.3x", "", False),
        ("gccgo", "", False),
    ],
)
def test_versions_of_go(text, version, sure):
    assert of_toolchain(text) == (version, sure)


def test_kubernetes_is_told_its_version_by_another_module():
    flags = "-ldflags=-X k8s.io/component-base/version.gitVersion=v1.32.4"
    (module,) = modules(
        f"path\tk8s.io/kubernetes/cmd/kubectl\nmod\tk8s.io/kubernetes\t(devel)\t\nbuild\t{flags}\n"
    ).modules
    assert (module.path, module.version) == ("k8s.io/kubernetes", "v1.32.4")


def test_a_packed_program_is_a_gap_where_it_can_be_seen_to_be_of_go(tmp_path):
    """Constructed: UPX was not at hand."""
    files = {each: elf({".x": b"UPX!" + text}, pad=PAD) for each, text in {"go": b"\xff Go build", "c": b"x"}.items()}
    assert named(extracted(tmp_path, files, Go())) == [("go", "it is a Go program packed by UPX, and cannot be read")]


def test_a_program_without_a_list_of_modules_is_a_gap_and_one_of_gos_own_tools_is_not(tmp_path):
    files = {
        "app": elf({SECTION: buildinfo("go1.20", "")}, pad=PAD),
        "path-only": elf({SECTION: buildinfo("go1.20", "path\texample.com/app\nbuild\t-compiler=gc\n")}, pad=PAD),
        "usr/local/go/bin/gofmt": elf({SECTION: buildinfo("go1.20", "path\tcmd/gofmt\n")}, pad=PAD),
        "devel": elf({SECTION: buildinfo("devel go1.22-4da1df8", LISTED)}, pad=PAD),
    }
    found = extracted(tmp_path, files, Go())
    silent = "it is a Go program that does not say which modules it was built from"
    assert [named([each])[0] for each in found if isinstance(each, Gap)] == [
        ("app", silent),
        ("devel", "it was built by a Go of no released version: 'devel go1.22-4da1df8'"),
        ("path-only", silent),
    ]
    assert sum(isinstance(each, Package) and each.name == "stdlib" for each in found) == 3


def test_a_module_that_makes_no_sense_is_a_gap_and_the_others_are_kept(tmp_path):
    listed = f"{LISTED}dep\texample.com/evil \x1b[31m\tv1.0.0\ndep\texample.com/odd\tlatest\n"
    found = extracted(tmp_path, {"app": elf({SECTION: buildinfo("go1.19.8", listed)}, pad=PAD)}, Go())
    assert named(found)[:-1] == EXPECTED
    assert found[-1].reason.startswith("not all modules that this Go program was built from can be read: ")
    assert found[-1].reason.isprintable()


@pytest.mark.parametrize(
    "info",
    [
        INFO[:32] + b"\xff" * 20,
        INFO[:32] + b"\xff\xff\xff\xff\x7f" + b"go1.19",
        INFO[:14] + b"\x08\x00" + b"\xff" * 40,
        INFO[:14] + b"\x63\x00" + b"\xff" * 400,
        INFO[:32] + b"\0\0",
    ],
)
def test_build_info_that_lies_is_a_gap(tmp_path, info):
    (gap,) = extracted(tmp_path, {"app": elf({".x": b"\0" * PAD, SECTION: info})}, Go())
    assert (gap.what, gap.reason.partition(":")[0]) == ("app", "it is a Go program, and its build info cannot be read")


def test_other_programs_and_scripts_are_nothing(tmp_path):
    files = {
        "c": elf({".text": b"\0" * 100}, pad=PAD),
        "sh": b"#!/bin/sh\n" + b"#" * PAD,
        "tool": elf({".rodata": b"x" + b"\xff Go buildinf:" * 3, ".data": b"\0" * 64}, pad=PAD),
        "cut": b"\x7fELF",
        "dos": b"MZ" + b"\0" * PAD,
        "class": b"\xca\xfe\xba\xbe\0\0\0\x41" + b"\0" * PAD,
    }
    assert extracted(tmp_path, files, Go()) == []


def test_what_a_damaged_cache_holds_is_a_gap():
    found = list(Go().read(Kept(*DAMAGED)))
    assert {each.what for each in found if isinstance(each, Gap)} == {
        f"bin/p{number}" for number in range(len(DAMAGED))
    }


@pytest.mark.real
def test_go_itself_says_the_same_of_real_programs():
    if not shutil.which("go"):
        pytest.skip("go is not installed")
    folders = ("/usr/bin", "/usr/local/bin", "/usr/lib/cni", "/usr/lib/google-cloud-sdk/bin")
    names = ("umoci", "skopeo", "go", "docker", "kubectl", "kpt", "host-local")
    programs = [path for folder in folders for name in names if (path := Path(folder, name).resolve()).is_file()]
    assert programs
    for path in programs:
        told = subprocess.run(["go", "version", "-m", path], check=True, capture_output=True, text=True).stdout
        head, *lines = told.splitlines()
        rows = [line.split("\t")[1:] for line in lines]
        expected = {(row[1], row[2]) for row in rows if row[0] in {"dep", "=>"} and row[2] != "(devel)"}
        replaced = {(row[1], row[2]) for row, after in zip(rows, [*rows[1:], [""]], strict=True) if after[0] == "=>"}
        found = build_info(Looked(path.read_bytes()))
        assert found
        assert head.endswith(f": {found.go}")
        assert {(each.path, each.version) for each in found.modules if each.sure} - expected == set()
        assert expected - replaced <= {(each.path, each.version) for each in found.modules}
