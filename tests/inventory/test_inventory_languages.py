"""What holds for all languages together: each by itself is tested in the file of its name."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scangate.core.model import Gap, Package
from scangate.inventory import READING, catalogue
from scangate.rootfs import open_rootfs

SITE = "usr/local/lib/python3.11/site-packages"


@pytest.fixture
def read(tmp_path):
    def catalogued(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with open_rootfs(f"rootfs:{tmp_path}", tmp_path) as rootfs:
            return catalogue(rootfs.files(READING))

    return catalogued


def package_json(**fields):
    return json.dumps(fields)


def test_a_package_that_is_there_twice_is_one_with_two_paths(read):
    paths = (f"opt/a/{SITE}/x.dist-info/METADATA", f"opt/b/{SITE}/x.dist-info/METADATA")
    (package,) = read(dict.fromkeys(paths, "Name: x\nVersion: 1\n"))
    assert package.paths == paths


def test_what_a_distribution_package_owns_is_not_counted_twice(read, tmp_path):
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    owned = ("usr/lib/python3/dist-packages/six-1.16.egg-info", "usr/lib/python3/dist-packages/b.egg-info/PKG-INFO")
    listed = ("/.", "/usr", f"/{owned[0]}", f"/{owned[1].removeprefix('usr/')}", "/usr/lib/node_modules/y/package.json")
    found = read(
        {
            "etc/os-release": "ID=debian\nVERSION_ID=12\n",
            "var/lib/dpkg/status": "Package: python3-six\nStatus: install ok installed\nVersion: 1.16-4\n",
            "var/lib/dpkg/info/python3-six.list": "\n".join(listed) + "\n",
            owned[0]: "Name: six\nVersion: 1.16\n",
            owned[1]: "broken, but the distribution's",
            "usr/lib/node_modules/y/package.json": package_json(name="y", version="1"),
            f"{SITE}/six-1.17.dist-info/METADATA": "Name: six\nVersion: 1.17\n",
        }
    )
    assert [(each.ecosystem, each.name, each.version) for each in found] == [
        ("Debian:12", "python3-six", "1.16-4"),
        ("PyPI", "six", "1.17"),
    ]


def test_what_a_lock_file_declares_gives_way_to_what_is_installed(read):
    found = read(
        {
            "srv/app/requirements.txt": "Six==1.16\nother==1.0\n",
            "srv/app/node_modules/x/requirements.txt": "material==1.0\n",
            f"{SITE}/six-1.17.dist-info/METADATA": "Name: six\nVersion: 1.17\n",
            "srv/web/package-lock.json": json.dumps({"packages": {"node_modules/y": {"version": "2.0.0"}}}),
        }
    )
    assert [(each.name, each.version, each.confidence.name) for each in found] == [
        ("other", "1.0", "FIRM"),
        ("six", "1.17", "CONFIRMED"),
        ("y", "2.0.0", "FIRM"),
    ]


def test_a_java_archive_of_a_distribution_package_is_no_gap(read):
    found = read(
        {
            "etc/os-release": "ID=debian\nVERSION_ID=12\n",
            "var/lib/dpkg/status": "Package: libasm-java\nStatus: install ok installed\nVersion: 9.4-1\n",
            "var/lib/dpkg/info/libasm-java.list": "/usr/share/java/asm.jar\n",
            "usr/share/java/asm.jar": "x",
        }
    )
    assert [each.name for each in found] == ["libasm-java"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_bytes_are_packages_or_gaps(tmp_path_factory, metadata, package):
    top = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp()))
    for name, data in {"x.dist-info/METADATA": metadata, "node_modules/x/package.json": package}.items():
        (top / name).parent.mkdir(parents=True)
        (top / name).write_bytes(data)
    with open_rootfs(f"rootfs:{top}", top) as rootfs:
        assert all(isinstance(each, Package | Gap) for each in catalogue(rootfs.files(READING)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.dist-info/METADATA", "Name: x" + " " * 200_000 + "y\n"),
        ("etc/os-release", "ID=" + " " * 60_000 + "'x\n"),
        ("var/lib/dpkg/status", "Package: a" + " " * 1_000_000 + "b\nVersion:" + "\t" * 1_000_000 + "1\n"),
        ("var/lib/dpkg/status", "Package: a\nVersion: 1\nSource: b" + " " * 1_000_000 + "(\n"),
        ("node_modules/" + "tests/node_modules/" * 100 + "x/package.json", "{"),
    ],
)
@pytest.mark.timeout(20)
def test_long_runs_of_one_character_cost_no_more_than_their_length(read, path, text):
    assert read({"var/lib/dpkg/status": "Package: x\nVersion: 1\n"} | {path: text})
