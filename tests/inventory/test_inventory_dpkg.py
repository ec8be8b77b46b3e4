import shutil
import subprocess
import tempfile
from pathlib import Path

import made_images as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_distributions import found, owned

from scangate.core.model import Gap, Package
from scangate.inventory import READING, catalogue
from scangate.inventory.dpkg import Dpkg
from scangate.rootfs import open_rootfs

STATUS = "var/lib/dpkg/status"
DEBIAN = made.file("etc/os-release", 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n')


def stanza(name, version="1.0", status="install ok installed", **more):
    lines = {"Package": name, "Status": status, "Version": version, "Architecture": "amd64"} | more
    return "".join(f"{key}: {value}\n" for key, value in lines.items()) + "\n"


@pytest.fixture
def read(tmp_path):
    def catalogued(*layers):
        path = tmp_path / f"image{len(list(tmp_path.iterdir()))}"
        with open_rootfs(made.oci_layout(path, *(made.tar(*each) for each in layers)), tmp_path) as rootfs:
            return catalogue(rootfs.files(READING))

    return catalogued


def test_a_package_has_its_source_purl_layer_and_path(read):
    layer = (DEBIAN, made.file(STATUS, stanza("libssl3", "3.0.11-1~deb12u2", Source="openssl")))
    assert read(layer) == (
        Package(
            name="libssl3",
            version="3.0.11-1~deb12u2",
            ecosystem="Debian:12",
            purl="pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12",
            source="openssl",
            source_version="3.0.11-1~deb12u2",
            layer=made.digest(made.tar(*layer)),
            paths=(STATUS,),
        ),
    )


@pytest.mark.parametrize(
    ("more", "source"),
    [
        ({}, ("a", "1.0")),
        ({"Source": "b"}, ("b", "1.0")),
        ({"Source": "b (2:3.4-5)"}, ("b", "2:3.4-5")),
        ({"Source": ""}, ("a", "1.0")),
    ],
)
def test_the_source_may_have_its_own_name_and_version(read, more, source):
    (package,) = read((DEBIAN, made.file(STATUS, stanza("a", **more))))
    assert (package.source, package.source_version) == source


@pytest.mark.parametrize(
    ("status", "there"),
    [
        ("install ok installed", True),
        ("hold ok installed", True),
        ("deinstall ok installed", True),
        ("install ok unpacked", True),
        ("install reinstreq half-installed", True),
        ("install ok triggers-pending", True),
        ("deinstall ok config-files", False),
        ("purge ok not-installed", False),
    ],
)
def test_a_package_counts_when_its_files_are_there(read, status, there):
    assert bool(read((DEBIAN, made.file(STATUS, stanza("a", status=status))))) is there


def test_a_package_may_be_there_for_two_architectures(read):
    text = stanza("libc6") + stanza("libc6", Architecture="i386", **{"Multi-Arch": "same"})
    assert [each.purl for each in read((DEBIAN, made.file(STATUS, text)))] == [
        "pkg:deb/debian/libc6@1.0?arch=amd64&distro=debian-12",
        "pkg:deb/debian/libc6@1.0?arch=i386&distro=debian-12",
    ]


def test_fields_in_the_middle_of_a_description_are_text(read):
    text = stanza("a", Description="x\n Version: 9\n Package: b\n .\n Status: purge ok not-installed")
    assert [(each.name, each.version) for each in read((DEBIAN, made.file(STATUS, text)))] == [("a", "1.0")]


def test_the_packages_of_distroless_are_one_file_each(read):
    found = read(
        (
            DEBIAN,
            made.file("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n"),
            made.file("var/lib/dpkg/status.d/base.md5sums", "0123  etc/passwd\n"),
        ),
        (made.file("var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2024a\nArchitecture: all\n"),),
    )
    assert [(each.name, each.paths) for each in found] == [
        ("base-files", ("var/lib/dpkg/status.d/base",)),
        ("tzdata", ("var/lib/dpkg/status.d/tzdata",)),
    ]
    assert found[0].layer != found[1].layer


def test_files_of_distroless_belong_to_the_package_that_has_their_checksums(tmp_path):
    """Newer images name the files after the packages, older ones after their Base64."""
    metadata = "usr/lib/python3/dist-packages/six-1.16.0.egg-info"
    layer = (
        made.file("var/lib/dpkg/status.d/cHl0aG9uMy1zaXg=", "Package: python3-six\nVersion: 1.16.0-4\n"),
        made.file("var/lib/dpkg/status.d/cHl0aG9uMy1zaXg=.md5sums", f"0123456789abcdef0123456789abcdef  {metadata}\n"),
    )
    assert owned(Dpkg(), tmp_path, {metadata, f"usr/local/{metadata}"}, layer) == {metadata}
    assert [each.name for each in found(Dpkg(), tmp_path, (DEBIAN, *layer))] == ["python3-six"]


def test_licences_are_those_of_machine_readable_copyright_files(tmp_path):
    machine = (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: a\n\n"
        "Files: *\nCopyright: somebody\nLicense: GPL-2+\n text\n License: not-this\n\n"
        "Files: b\nLicense: Apache-2.0 or MIT\n\nLicense: GPL-2+\n text\n"
    )
    layer = (
        DEBIAN,
        made.file(STATUS, stanza("machine") + stanza("prose") + stanza("none")),
        made.file("usr/share/doc/machine/copyright", machine),
        made.file("usr/share/doc/prose/copyright", "This package was debianized by somebody.\nLicense: GPL\n"),
        made.file("usr/share/doc/other/examples/copyright", machine),
    )
    assert {each.name: each.licences for each in found(Dpkg(), tmp_path, layer)} == {
        "machine": ("Apache-2.0 or MIT", "GPL-2+"),
        "prose": (),
        "none": (),
    }


def test_the_layer_of_a_package_is_the_one_since_which_it_is_there_at_this_version(read):
    texts = [
        stanza("kept") + stanza("upgraded", "1") + stanza("back", "1") + stanza("again"),
        stanza("kept") + stanza("upgraded", "2") + stanza("back", "2"),
        stanza("kept") + stanza("upgraded", "2") + stanza("back", "1") + stanza("again") + stanza("added"),
    ]
    layers = [(DEBIAN, made.file(STATUS, text)) for text in texts]
    digests = [made.digest(made.tar(*each)) for each in layers]
    found = {each.name: digests.index(each.layer) for each in read(*layers)}
    assert found == {"kept": 0, "upgraded": 1, "back": 2, "again": 2, "added": 2}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (stanza("bad name!"), f"{STATUS}: bad name!"),
        (stanza("a", version=""), f"{STATUS}: a"),
        (stanza("a", version="1 2"), f"{STATUS}: a"),
        (stanza("a", status="who knows"), f"{STATUS}: a"),
        ("Version: 1\n\n", STATUS),
        ("\x00\xff binary", STATUS),
    ],
)
def test_a_broken_entry_is_a_gap_and_the_others_are_read(read, text, what):
    package, gap = read((DEBIAN, made.file(STATUS, stanza("good") + text)))
    assert package.name == "good"
    assert gap.what == what
    assert "broken" in gap.reason


@pytest.mark.parametrize("target", ["/usr/db", "../../usr/db"])
def test_the_database_may_be_reached_through_a_link(read, target):
    layer = (DEBIAN, made.link("var/lib/dpkg", target), made.file("usr/db/status", stanza("a")))
    assert [each.name for each in read(layer)] == ["a"]


@pytest.mark.parametrize(
    ("text", "ecosystem", "vendor"),
    [
        ('ID=debian\nVERSION_ID="12"', "Debian:12", "debian"),
        ("ID=debian\nVERSION_ID='11.4'\n", "Debian:11", "debian"),
        ("VERSION_ID=22.04\r\nID=ubuntu\r\n", "Ubuntu:22.04:LTS", "ubuntu"),
        ('ID=ubuntu\nVERSION_ID="23.10"', "Ubuntu:23.10", "ubuntu"),
        ('ID=ubuntu\nVERSION_ID="23.04"', "Ubuntu:23.04", "ubuntu"),
    ],
)
def test_the_ecosystem_is_what_osv_calls_the_release(read, text, ecosystem, vendor):
    (package,) = read(
        (
            made.link("etc/os-release", "../usr/lib/os-release"),
            made.file("usr/lib/os-release", text),
            made.file(STATUS, stanza("a")),
        )
    )
    assert package.ecosystem == ecosystem
    assert package.purl.startswith(f"pkg:deb/{vendor}/a@")


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ((), "is not said"),
        (
            (made.file("etc/os-release", 'ID=kali\nVERSION_ID="2024.1"\nPRETTY_NAME="Kali Linux"'),),
            "Kali Linux is not a release",
        ),
        (
            (made.file("etc/os-release", 'ID=debian\nPRETTY_NAME="Debian GNU/Linux trixie/sid"'),),
            "trixie/sid is not a release",
        ),
        ((made.file("etc/os-release", "\x00\xff"),), "is not said"),
    ],
)
def test_an_unknown_release_is_a_gap_beside_the_packages(read, release, said):
    package, gap = read((*release, made.file(STATUS, stanza("a"))))
    assert package.ecosystem == ""
    assert gap.what == "etc/os-release"
    assert said in gap.reason


def test_a_distribution_without_any_list_of_packages_is_a_gap(read):
    (gap,) = read((DEBIAN,))
    assert "there is no list of its packages" in gap.reason
    assert read(()) == ()


def test_a_removed_database_is_a_gap(read):
    layer = (DEBIAN, made.file(STATUS, stanza("a")), made.file("var/lib/dpkg/info/a.list", "/.\n"))
    assert read(layer, (made.file("var/lib/dpkg/.wh.status"),)) == (
        Gap(what=STATUS, reason="the list of packages was removed, though packages are installed"),
    )


def test_a_database_that_is_too_large_is_a_gap(read, monkeypatch):
    monkeypatch.setattr("scangate.inventory.dpkg._LIMIT", 100)
    (gap,) = read((DEBIAN, made.file(STATUS, stanza("a") * 3)))
    assert gap.what == STATUS


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300) | st.text("PackgeVrsion: 1.\n ", max_size=300).map(str.encode))
def test_any_bytes_are_packages_or_gaps(tmp_path_factory, data):
    top = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp()))
    (top / "var/lib/dpkg").mkdir(parents=True)
    (top / STATUS).write_bytes(data)
    with open_rootfs(f"rootfs:{top}", top) as rootfs:
        assert all(isinstance(each, Package | Gap) for each in catalogue(rootfs.files(READING)))


@pytest.mark.real
def test_the_packages_of_this_machine_are_those_of_dpkg_query(tmp_path):
    if not shutil.which("dpkg-query"):
        pytest.skip("dpkg-query is not installed")
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    shutil.copy("/var/lib/dpkg/status", tmp_path / STATUS)
    shutil.copy("/etc/os-release", tmp_path / "etc/os-release")
    form = "${db:Status-Status} ${Package} ${Version} ${source:Package} ${source:Version}\n"
    listed = subprocess.run(
        ["dpkg-query", f"--admindir={tmp_path}/var/lib/dpkg", "-W", "-f", form],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    expected = sorted(
        line.split()[1:]
        for line in listed.stdout.splitlines()
        if line.split()[0] not in {"config-files", "not-installed"}
    )
    assert len(expected) > 50
    with open_rootfs(f"rootfs:{tmp_path}", Path("/")) as rootfs:
        packages = catalogue(rootfs.files(READING))
    assert sorted([each.name, each.version, each.source, each.source_version] for each in packages) == expected
