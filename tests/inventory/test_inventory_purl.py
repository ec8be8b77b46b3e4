import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl import PackageURL

from scangate.inventory.purl import bare_url, purl, vcs_url

NAMES = (
    st.text(string.ascii_letters + string.digits + "+.-_~ %!*'():;,=&$#?[]@", min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
PLAIN = st.text(string.ascii_letters + string.digits + ".-_~", min_size=1, max_size=20)
"""packageurl-python lower-cases after encoding, and so writes `%3b` where the specification wants `%3B`."""
TYPES = (
    "alpm", "apk", "bioconductor", "bitnami", "cargo", "composer", "conan", "conda", "cran", "deb", "gem", "generic",
    "golang", "hackage", "hex", "maven", "npm", "nuget", "pub", "pypi", "rpm", "swift",
)  # fmt: skip
"""Every type that a catalogue writes."""


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            purl("deb", "debian", "libstdc++6", "12.2.0-14", {"arch": "amd64", "distro": "debian-12"}),
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12",
        ),
        (purl("deb", "debian", "zlib1g", "1:1.2.13.dfsg-1", {"arch": ""}), "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1"),
        (purl("npm", "@babel", "core", "7.0.0"), "pkg:npm/%40babel/core@7.0.0"),
        (purl("npm", "", "JSONStream", "1.3.5"), "pkg:npm/jsonstream@1.3.5"),
        (purl("pypi", "", "django", "3.2"), "pkg:pypi/django@3.2"),
        (purl("pypi", "", "x", "1\udcff"), "pkg:pypi/x@1%3F"),
        (purl("swift", "github.com/apple", "swift-nio", "2.0.0"), "pkg:swift/github.com/apple/swift-nio@2.0.0"),
        (purl("golang", "github.com/a/b", "v2", "v2.1.0"), "pkg:golang/github.com/a/b/v2@v2.1.0"),
        (purl("composer", "Symfony", "Yaml", "5.4.0"), "pkg:composer/symfony/yaml@5.4.0"),
        (purl("nuget", "", "Newtonsoft.Json", "13.0.1"), "pkg:nuget/Newtonsoft.Json@13.0.1"),
        (purl("generic", "", "x", ""), "pkg:generic/x"),
    ],
)
def test_purls_are_percent_encoded_and_in_the_case_of_their_type(made, expected):
    assert made == expected


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=30, deadline=None)
@given(name=PLAIN, namespace=st.lists(NAMES, max_size=2), version=NAMES, arch=NAMES)
def test_purls_of_every_type_are_those_of_packageurl_python(kind, name, namespace, version, arch):
    expected = PackageURL(kind, "/".join(namespace), name, version, {"arch": arch, "distro": "debian-12"}).to_string()
    assert purl(kind, "/".join(namespace), name, version, {"arch": arch, "distro": "debian-12"}) == expected
    assert PackageURL.from_string(expected).version == version


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:secret@example.com:8443/a.git?token=secret#x", "git+https://example.com:8443/a.git@abc"),
        ("git+ssh://git@example.com/a/b.git", "git+ssh://example.com/a/b.git@abc"),
        ("git@example.com:a/b.git", "git+ssh://example.com/a/b.git@abc"),
        ("file:///home/me/a", ""),
        ("../a", ""),
        ("https://[::1", ""),
        ("https://example.com:99999/", ""),
    ],
)
def test_addresses_of_sources_hold_no_secrets_and_no_local_folders(url, expected):
    assert vcs_url(url, "abc") == expected


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_none(url):
    assert "@" not in bare_url(f"https://{url}@example.com/").partition("//")[2].partition("/")[0]
    bare_url(url)
    vcs_url(url)
