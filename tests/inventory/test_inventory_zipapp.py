"""Python packages inside archives."""

import io
import subprocess
import sys
import zipapp
import zipfile

import pytest
from extracted import DAMAGED, Kept, extracted, named

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory.zipapp import Zipapp


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


PEX = zipped(
    {
        ".bootstrap/pex/__init__.py": "",
        ".deps/Flask-3.0.0.whl/flask-3.0.0.dist-info/METADATA": "Name: Flask\nVersion: 3.0.0\nLicense: BSD\n\nx",
        ".deps/idna.whl/idna-3.4.dist-info/METADATA": "Metadata-Version: 2.1\nName: idna\nVersion: 3.4\n",
        "__main__.py": "",
    }
)
SHIV = zipped({"site-packages/requests-2.19.0.dist-info/METADATA": "Name: requests\nVersion: 2.19.0\n"})
FOUND = [("flask", "3.0.0"), ("idna", "3.4")]


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("app.pex", b"#!/usr/bin/env python3\n" + PEX, FOUND),
        ("usr/local/bin/app", b"#!/usr/bin/env python3\n" + PEX, FOUND),
        ("app.pyz", SHIV, [("requests", "2.19.0")]),
        ("x-1.egg", zipped({"EGG-INFO/PKG-INFO": "Name: x\nVersion: 1\n"}), [("x", "1")]),
        ("bin/script", b"#!/bin/sh\necho PK\x03\x04\n", []),
        ("bin/zip-without-shebang", PEX, []),
        ("lib/app.jar", PEX, []),
        ("lib/python3.13/test/wheeldata/x.whl", SHIV, []),
    ],
)
def test_the_metadata_of_each_distribution_in_an_archive_are_read(tmp_path, path, data, expected):
    found = extracted(tmp_path, {path: data}, Zipapp())
    assert named(found) == expected
    assert all(each.confidence is Confidence.CONFIRMED and each.ecosystem == "PyPI" for each in found)


def test_a_package_says_where_in_the_archive_it_is_and_its_licence(tmp_path):
    package = extracted(tmp_path, {"app.pex": PEX}, Zipapp())[0]
    inside = ".deps/Flask-3.0.0.whl/flask-3.0.0.dist-info/METADATA"
    assert package.paths == (f"app.pex!/{inside}",)
    assert (package.licences, package.purl) == (("BSD",), "pkg:pypi/flask@3.0.0")


def test_a_wheel_is_not_installed(tmp_path):
    wheel = zipped({"pip-9.0.0.dist-info/METADATA": "Name: pip\nVersion: 9.0.0\n"})
    (package,) = extracted(tmp_path, {"_bundled/pip-9.0.0-py2.py3-none-any.whl": wheel}, Zipapp())
    assert package.confidence is Confidence.FIRM


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "it is not a zip archive"),
        (zipped({"x.dist-info/METADATA": "nothing"}), "x.dist-info/METADATA in it has no valid name and version"),
        (PEX[:-10], "it is not a zip archive"),
    ],
)
def test_an_archive_that_cannot_be_read_is_a_gap(tmp_path, data, reason):
    assert named(extracted(tmp_path, {"app.whl": data}, Zipapp())) == [("app.whl", reason)]


def test_what_a_damaged_cache_holds_is_a_gap():
    found = list(Zipapp().read(Kept(*DAMAGED)))
    assert not any(isinstance(each, Package) for each in found)
    assert all(isinstance(each, Gap) and each.reason for each in found)


def test_an_archive_by_pythons_own_zipapp_is_read(tmp_path):
    source = tmp_path / "source"
    (source / "six-1.16.0.dist-info").mkdir(parents=True)
    (source / "six-1.16.0.dist-info/METADATA").write_text("Name: six\nVersion: 1.16.0\n")
    (source / "__main__.py").write_text("print('runs')")
    zipapp.create_archive(source, tmp_path / "app", interpreter=sys.executable, compressed=True)
    ran = subprocess.run([tmp_path / "app"], capture_output=True, text=True, check=True)
    assert ran.stdout == "runs\n"
    found = extracted(tmp_path / "image", {"usr/bin/app": (tmp_path / "app").read_bytes()}, Zipapp())
    assert named(found) == [("six", "1.16.0")]
