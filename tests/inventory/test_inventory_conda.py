"""Constructed in the form of conda-meta."""

import json

import pytest
from catalogued import catalogued

from scangate.core.model import Gap
from scangate.inventory.conda import Conda


def record(**fields):
    return json.dumps({"name": "openssl", "version": "3.0.8", "build": "h7f8727e_0", "subdir": "linux-64"} | fields)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("https://example.com/t/secret-token/pkgs/main/linux-64", "main"),
        ("conda-forge", "conda-forge"),
        ("", ""),
    ],
)
def test_a_package_of_conda_has_no_ecosystem_and_its_channel_no_token(tmp_path, channel, said):
    path = "opt/conda/conda-meta/openssl-3.0.8-h7f8727e_0.json"
    (package,) = catalogued(tmp_path, {path: record(channel=channel, license="Apache-2.0")}, Conda())
    middle = f"&channel={said}" if said else ""
    assert package.purl == f"pkg:conda/openssl@3.0.8?build=h7f8727e_0{middle}&subdir=linux-64"
    assert (package.ecosystem, package.licences) == ("", ("Apache-2.0",))


@pytest.mark.parametrize(
    "brought",
    [
        "lib/python3.11/site-packages/x-1.dist-info/METADATA",
        "lib/python3.11/site-packages/x.egg-info",
        "lib/R/library/x/DESCRIPTION",
    ],
)
def test_what_brought_a_package_of_python_or_r_is_that_package(tmp_path, brought):
    assert not catalogued(tmp_path, {"opt/conda/conda-meta/x-1-0.json": record(files=["bin/x", brought])}, Conda())


def test_a_package_that_came_from_pypi_is_of_pypi(tmp_path):
    (package,) = catalogued(tmp_path, {"opt/conda/conda-meta/x-1-0.json": record(name="X", channel="pypi")}, Conda())
    assert (package.ecosystem, package.purl) == ("PyPI", "pkg:pypi/x@3.0.8")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", record(version="")])
def test_a_broken_record_is_a_gap(tmp_path, text):
    (gap,) = catalogued(tmp_path, {"opt/conda/conda-meta/x.json": text}, Conda())
    assert isinstance(gap, Gap)


def test_other_files_are_not_asked_for():
    assert not any(map(Conda().wants, ("opt/conda/conda-meta/history", "app/conda-meta/x/y.json", "app/x.json")))
