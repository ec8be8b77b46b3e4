import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from scangate.inventory.purl import purl

NAMES = (
    st.text(string.ascii_lowercase + string.digits + "+.-_~ %!*'():;,=&$#?[]@", min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            purl("deb", "debian", "libstdc++6", "12.2.0-14", {"arch": "amd64", "distro": "debian-12"}),
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12",
        ),
        (purl("deb", "debian", "zlib1g", "1:1.2.13.dfsg-1", {"arch": ""}), "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1"),
        (purl("npm", "@babel", "core", "7.0.0"), "pkg:npm/%40babel/core@7.0.0"),
        (purl("pypi", "", "django", "3.2"), "pkg:pypi/django@3.2"),
        (purl("pypi", "", "x", "1\udcff"), "pkg:pypi/x@1%3F"),
    ],
)
def test_purls_are_percent_encoded(made, expected):
    assert made == expected


@given(NAMES, NAMES, NAMES)
def test_purls_are_those_of_packageurl_python(name, version, arch):
    expected = PackageURL("generic", "debian", name, version, {"arch": arch, "distro": "debian-12"}).to_string()
    assert purl("generic", "debian", name, version, {"arch": arch, "distro": "debian-12"}) == expected
    assert PackageURL.from_string(purl("generic", "", name, version)).name == name
