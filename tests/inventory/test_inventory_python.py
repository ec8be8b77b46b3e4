import json

import pytest
from catalogued import catalogued, named

from scangate.core.model import Gap, Package
from scangate.inventory.python import Python

SITE = "usr/local/lib/python3.11/site-packages"


@pytest.fixture
def read(tmp_path):
    return lambda files: catalogued(tmp_path, files, Python())


def test_a_python_package_has_its_normal_name(read):
    path = f"{SITE}/Foo_Bar.Baz-1.0+local.dist-info/METADATA"
    assert read(
        {path: "Metadata-Version: 2.1\nName: Foo_Bar.Baz\nVersion: 1.0+local\nLicense: MIT\n\nName: readme\n"}
    ) == [
        Package(
            name="foo-bar-baz",
            version="1.0+local",
            ecosystem="PyPI",
            purl="pkg:pypi/foo-bar-baz@1.0%2Blocal",
            paths=(path,),
            licences=("MIT",),
        ),
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"{SITE}/x-1.dist-info/METADATA",
        f"{SITE}/x-1.egg-info/PKG-INFO",
        f"{SITE}/x-1.egg-info",
        f"{SITE}/x-1-py3.11.egg/EGG-INFO/PKG-INFO",
        f"{SITE}/setuptools/_vendor/x-1.dist-info/METADATA",
        "srv/app/src/x.egg-info/PKG-INFO",
        "opt/venv/lib/python3.11/site-packages/x-1.dist-info/METADATA",
        "srv/tests/venv/lib/python3.11/site-packages/x-1.dist-info/METADATA",
    ],
)
def test_python_packages_are_found_wherever_they_are(read, path):
    assert [each.paths for each in read({path: "Name: x\nVersion: 1\n"})] == [(path,)]


def test_what_a_package_brings_for_its_own_tests_is_not_installed(read):
    assert not read({f"{SITE}/y/tests/data/x-1.dist-info/METADATA": "Name: x\nVersion: 1\n"})


@pytest.mark.parametrize(
    ("lines", "licences"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: old", ("MIT OR Apache-2.0",)),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License", ("BSD License",)),
        (f"License: {'long text ' * 20}", ()),
        ("Classifier: License :: OSI Approved", ()),
    ],
)
def test_licences_of_python_packages_are_names_not_texts(read, lines, licences):
    (package,) = read({f"{SITE}/x.dist-info/METADATA": f"Name: x\r\nVersion: 1\r\n{lines}\r\n\r\nText"})
    assert package.licences == licences


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Name: x\n",
        "Version: 1\n",
        "Name: -x-\nVersion: 1\n",
        "\n\nName: \nVersion: 1",
        "Text\n\nName: x\nVersion: 1",
    ],
)
def test_broken_metadata_of_python_are_a_gap(read, text):
    path = f"{SITE}/x.dist-info/METADATA"
    assert read({path: text}) == [
        Gap(what=path, reason="the metadata of this Python package have no valid name and version")
    ]


@pytest.mark.parametrize(
    ("origin", "purl"),
    [
        (
            {"url": "https://u:secret@example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "pkg:pypi/x@1?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fx.git%40abc",
        ),
        ({"url": "file:///srv/x", "dir_info": {"editable": True}}, "pkg:pypi/x@1"),
        (
            {"url": "https://example.com/x-1.whl?token=secret", "archive_info": {"hash": "x"}},
            "pkg:pypi/x@1?download_url=https:%2F%2Fexample.com%2Fx-1.whl",
        ),
        ({"url": "file:///tmp/x-1.whl", "archive_info": {"hash": "x"}}, "pkg:pypi/x@1"),
        ([], "pkg:pypi/x@1"),
    ],
)
def test_where_a_python_package_was_taken_from_is_said_without_secrets(read, origin, purl):
    (package,) = read(
        {
            f"{SITE}/x.dist-info/METADATA": "Name: x\nVersion: 1\n",
            f"{SITE}/x.dist-info/direct_url.json": json.dumps(origin),
        }
    )
    assert (package.purl, package.ecosystem) == (purl, "PyPI")


def test_a_package_whose_metadata_were_removed_is_a_gap(read):
    (gap,) = read({f"{SITE}/x-1.dist-info/WHEEL": "Wheel-Version: 1.0\n"})
    assert gap.what == f"{SITE}/x-1.dist-info"


def test_a_link_to_a_source_is_a_gap_where_no_package_is(read):
    found = read(
        {
            f"{SITE}/x.egg-link": "/srv/x/src\n../",
            f"{SITE}/lost.egg-link": "/srv/lost\n../",
            "srv/x/src/x.egg-info/PKG-INFO": "Name: x\nVersion: 1\n",
        }
    )
    assert named(found) == [("x", "1"), (f"{SITE}/lost.egg-link", "gap")]
