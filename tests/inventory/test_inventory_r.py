import pytest
from catalogued import RECORDED, catalogued

from scangate.core.model import Gap
from scangate.inventory.r import R

HOME = "usr/local/lib/R/site-library"


def test_a_package_that_r_installed_is_of_cran(tmp_path):
    (package,) = catalogued(tmp_path, {f"{HOME}/shopr/DESCRIPTION": (RECORDED / "r/DESCRIPTION").read_bytes()}, R())
    assert (package.ecosystem, package.purl, package.licences) == ("CRAN", "pkg:cran/shopr@1.0-2", ("MIT",))


@pytest.mark.parametrize(
    ("text", "ecosystems"),
    [
        ("Package: x\nVersion: 1.0\n", []),
        ("Package: x\nVersion: 1.0\nPriority: base\nBuilt: R 4\n", []),
        ("Package: x\nVersion: 1.0\nPriority: recommended\nBuilt: R 4\n", ["CRAN"]),
        ("Package: x\nVersion: 1.0\nbiocViews: A\nBuilt: R 4\n", ["Bioconductor"]),
        ("Package: y\nVersion: 1.0\nBuilt: R 4\n", []),
        ("some other file", []),
    ],
)
def test_sources_and_the_base_of_r_are_no_packages(tmp_path, text, ecosystems):
    assert [each.ecosystem for each in catalogued(tmp_path, {f"{HOME}/x/DESCRIPTION": text}, R())] == ecosystems


def test_a_broken_description_is_a_gap(tmp_path):
    (gap,) = catalogued(tmp_path, {f"{HOME}/x/DESCRIPTION": "Package: x\nBuilt: R 4\n"}, R())
    assert isinstance(gap, Gap)
