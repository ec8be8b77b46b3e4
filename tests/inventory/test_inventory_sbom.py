"""Bills of materials: what real tools wrote, what our own reporter writes, and what is refused."""

import json
import os
from pathlib import Path

import pytest

from scangate.core.identity import package_subject
from scangate.core.model import Confidence, Gap, Package, Tool
from scangate.errors import ScanError
from scangate.inventory import READING, catalogue
from scangate.inventory.ecosystems import Purl, canonical, distribution, ecosystem, parse_purl
from scangate.inventory.os_release import Release
from scangate.inventory.sbom import cyclonedx_xml, document, read_sbom
from scangate.inventory.sbom.component import MAX_COMPONENTS
from scangate.rootfs import open_rootfs

DATA = Path(__file__).parent / "data"
RECORDED = [*sorted(path.name for path in DATA.glob("*.*.json")), "syft-1.18.cdx.xml"]


@pytest.fixture
def read(tmp_path):
    def reading(content):
        path = tmp_path / "sbom"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_sbom(path)

    return reading


def cyclonedx(*components, version="1.6", **more):
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": version, "components": components, **more})


def xml(components, version="1.6", before=""):
    head = f'<?xml version="1.0"?>{before}<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1">'
    return f"{head}<components>{components}</components></bom>"


def spdx(*packages, **more):
    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": packages, **more})


def library(purl, **more):
    return {"type": "library", "name": "x", "purl": purl, **more}


def named(name, purl, **more):
    reference = {"referenceType": "purl", "referenceLocator": purl}
    return {"name": name, "SPDXID": f"SPDXRef-{name}", "externalRefs": [reference], **more}


def packages(sbom):
    return [item for item in sbom.items if isinstance(item, Package)]


def gaps(sbom):
    return [item for item in sbom.items if isinstance(item, Gap)]


@pytest.mark.parametrize("name", RECORDED)
def test_all_forms_of_one_image_give_the_same_packages(name):
    sbom = read_sbom(DATA / name)
    found = {(each.name, each.version, each.ecosystem, each.source, each.source_version) for each in packages(sbom)}
    assert ("bsdutils", "1:2.38.1-5+deb12u3", "Debian:12", "util-linux", "2.38.1-5+deb12u3") in found
    first = read_sbom(DATA / RECORDED[0])
    assert found == {(e.name, e.version, e.ecosystem, e.source, e.source_version) for e in packages(first)}
    assert sbom.release.ecosystem == "Debian:12"
    assert sbom.tools == (Tool(name=name.split("-")[0], version={"s": "1.18.1", "t": "0.76.0"}[name[0]]),)
    assert sbom.created.startswith("2026-11-21T23:36")
    assert gaps(sbom) == []


@pytest.mark.parametrize("name", ["trivy-0.76", "syft-1.18"])
def test_our_list_of_a_debian_image_is_theirs(name, tmp_path):
    """The status file of an image of 300 MB, and what the two list of it. Names, versions and sources: no difference.

    What does differ, and why: trivy's purls say the point release (distro=debian-12.15, from etc/debian_version), ours
    and syft's VERSION_ID; syft's paths are all files that name a package, ours the one that says it is installed; both
    read licences from copyright files, which ours leaves alone.
    """
    for source, path in (("bookworm.status", "var/lib/dpkg/status"), ("bookworm.os-release", "etc/os-release")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((DATA / source).read_bytes())
    with open_rootfs(f"rootfs:{tmp_path}", tmp_path) as rootfs:
        ours = [each for each in catalogue(rootfs.files(READING)) if isinstance(each, Package)]
    theirs = (DATA / f"{name}.bookworm.tsv").read_text().splitlines()
    assert sorted(f"{e.name}\t{e.version}\t{e.source}\t{e.source_version}" for e in ours) == theirs
    assert len(theirs) == 153


SAMPLES = {
    "dd_1_15_0.xml": ("CycloneDX 1.2", 0, 308, ""),  # grype 0.11 wrote no purls
    "issue_9277.json": ("CycloneDX 1.5", 101, 0, "Ubuntu:22.04:LTS"),
    "jake.xml": ("CycloneDX 1.1", 204, 0, ""),
    "log4j.json": ("CycloneDX 1.4", 1, 0, ""),
    "log4j.xml": ("CycloneDX 1.4", 1, 0, ""),
    "nested-component-log4j.json": ("CycloneDX 1.4", 1, 0, ""),
    "retirejs.latest.xml": ("CycloneDX 1.0", 6, 0, ""),
    "valid-vulnerability-1.4.json": ("CycloneDX 1.4", 1, 0, ""),
    "valid-vulnerability-1.4.xml": ("CycloneDX 1.4", 1, 0, ""),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_real_samples_are_read_whole(shared, name):
    sbom = read_sbom(shared / "samples" / "cyclonedx" / name)
    assert (sbom.format, len(packages(sbom)), len(gaps(sbom)), sbom.release.ecosystem) == SAMPLES[name]


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6"])
def test_json_and_xml_say_the_same(read, version):
    purl = "pkg:maven/org.apache.logging.log4j/log4j-core@2.13.2"
    inner = f"<name>n</name><licenses><license><id>MIT</id></license></licenses><purl>{purl}</purl>"
    document = read(xml(f'<component type="library">{inner}</component>', version))
    assert (
        document.items == read(cyclonedx(library(purl, licenses=[{"license": {"id": "MIT"}}]), version=version)).items
    )
    (package,) = packages(document)
    assert (package.name, package.ecosystem, package.licences) == (
        "org.apache.logging.log4j:log4j-core",
        "Maven",
        ("MIT",),
    )


def test_components_inside_others_are_found(read):
    inner = library("pkg:npm/inner@1", components=[library("pkg:npm/deepest@2")])
    sbom = read(cyclonedx({"type": "container", "name": "c", "components": [inner]}))
    assert [each.name for each in packages(sbom)] == ["deepest", "inner"]
    nested = '<component type="library"><name>a</name><purl>pkg:npm/a@1</purl><components>' * 3
    closed = "</components></component>" * 3
    assert [each.name for each in packages(read(xml(nested + closed)))] == ["a"]


def test_what_the_document_is_about_is_no_package_but_its_parts_are(read):
    subject = library("pkg:npm/app@1", components=[library("pkg:npm/part@1")])
    sbom = read(cyclonedx(metadata={"component": subject, "timestamp": "2026-01-02T03:04:05Z"}))
    assert [each.name for each in packages(sbom)] == ["part"]
    assert (sbom.subject, sbom.created) == ("x", "2026-01-02T03:04:05Z")


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        ({"type": "library", "name": "left-pad", "version": "1"}, "no package URL"),
        ({"type": "firmware", "name": "bios"}, "no package URL"),
        (library("not a purl"), "its package URL cannot be read"),
        (library("pkg:npm/a"), "no version"),
        (library("pkg:npm/" + "a" * 3000 + "@1"), "its package URL cannot be read"),
        ("text", "no package URL"),
        (None, "no package URL"),
    ],
)
def test_each_component_that_cannot_be_compared_is_a_gap(read, component, reason):
    sbom = read(cyclonedx(component, library("pkg:npm/good@1"), component))
    assert [reason in each.reason for each in gaps(sbom)] == [True, True]
    assert {each.what[:14] for each in gaps(sbom)} == {"components[0]:", "components[2]:"} or component in (
        "text",
        None,
    )
    assert len(packages(sbom)) == 1


def test_what_is_no_package_is_no_gap(read):
    trivy = {
        "type": "application",
        "name": "package-lock.json",
        "properties": [{"name": "aquasecurity:trivy:Class", "value": "lang-pkgs"}],
    }
    others = [{"type": kind, "name": kind} for kind in ("file", "container", "data", "operating-system")]
    image = {"type": "container", "name": "i", "purl": "pkg:oci/i@sha256:1"}
    assert len(read(cyclonedx(trivy, *others, image, library("pkg:npm/a@1"))).items) == 1


def test_what_is_no_part_of_the_delivery_is_left_out_and_counted(read):
    sbom = read(cyclonedx(library("pkg:npm/a@1"), library("pkg:npm/test-only@1", scope="excluded")))
    assert ([each.name for each in packages(sbom)], sbom.left_out) == (["a"], 1)
    related = [
        {"spdxElementId": "SPDXRef-b", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-a"}
    ]
    sbom = read(spdx(named("a", "pkg:npm/a@1"), named("b", "pkg:npm/b@1"), relationships=related))
    assert ([each.name for each in packages(sbom)], sbom.left_out) == (["a"], 1)


def test_the_same_package_twice_is_one_with_both_paths(read):
    twice = [library("pkg:npm/a@1", evidence={"occurrences": [{"location": f"/{each}/package.json"}]}) for each in "yx"]
    (package,) = packages(read(cyclonedx(*twice)))
    assert package.paths == ("x/package.json", "y/package.json")


DISTROS = {
    "pkg:deb/debian/a@1?distro=debian-12.5": "Debian:12",
    "pkg:deb/debian/a@1?distro=bookworm": "Debian:12",
    "pkg:deb/ubuntu/a@1?distro=ubuntu-22.04": "Ubuntu:22.04:LTS",
    "pkg:apk/alpine/a@1?distro=3.19.1": "Alpine:v3.19",
    "pkg:apk/alpine/a@1?distro=alpine-3.19.1": "Alpine:v3.19",
    "pkg:apk/wolfi/a@1?distro=wolfi-20230201": "Wolfi",
    "pkg:rpm/redhat/a@1?distro=redhat-9.3": "Red Hat:9",
    "pkg:rpm/redhat/a@1?distro=rhel-9.3": "Red Hat:9",
    "pkg:rpm/alma/a@1?distro=alma-9.3": "AlmaLinux:9",
    "pkg:rpm/rocky/a@1?distro=rocky-9.3": "Rocky Linux:9",
    "pkg:rpm/opensuse/a@1?distro=opensuse.leap-15.5": "openSUSE:Leap 15.5",
    "pkg:rpm/suse/a@1?distro=sles-15.5": "SUSE:15.5",
    "pkg:rpm/amazon/a@1?distro=amazon-2023": "",
    "pkg:deb/debian/a@1": "",
    "pkg:pypi/a@1": "PyPI",
    "pkg:cargo/a@1": "crates.io",
    "pkg:golang/a/b@1": "Go",
    "pkg:generic/a@1": "",
}


@pytest.mark.parametrize("purl", DISTROS)
def test_a_purl_says_its_ecosystem(purl):
    assert ecosystem(parse_purl(purl), Release()) == DISTROS[purl]


def test_the_document_says_the_release_where_the_purl_does_not():
    debian = distribution("debian-12")
    assert ecosystem(parse_purl("pkg:deb/debian/a@1"), debian) == "Debian:12"
    assert ecosystem(parse_purl("pkg:deb/ubuntu/a@1"), debian) == ""  # of another distribution
    assert ecosystem(parse_purl("pkg:deb/debian/a@1?distro=debian-11"), debian) == "Debian:11"


TRIVY = (("Name", "s"), ("Version", "2"), ("Release", "1"), ("Epoch", "4"))


@pytest.mark.parametrize(
    ("purl", "properties", "version", "source"),
    [
        ("pkg:rpm/redhat/l@3-1?epoch=1&upstream=openssl-3-1.src.rpm", {}, "1:3-1", ("openssl", "1:3-1")),
        ("pkg:rpm/redhat/libs@3-1.el9?upstream=openssl-3-1.el9.src.rpm", {}, "3-1.el9", ("openssl", "3-1.el9")),
        ("pkg:deb/debian/libssl3@3?upstream=openssl%402", {}, "3", ("openssl", "2")),
        ("pkg:deb/debian/libssl3@3?upstream=openssl", {}, "3", ("openssl", "3")),
        ("pkg:deb/debian/a@3", {}, "3", ("a", "3")),
        ("pkg:deb/debian/a@3", {f"aquasecurity:trivy:Src{name}": value for name, value in TRIVY}, "3", ("s", "4:2-1")),
        ("pkg:apk/alpine/a@3", {"syft:metadata:originPackage": "o"}, "3", ("o", "3")),
        ("pkg:pypi/a@3?upstream=x", {}, "3", ("", "")),
    ],
)  # fmt: skip
def test_the_source_package_and_its_version_are_found(read, purl, properties, version, source):
    listed = [{"name": name, "value": value} for name, value in properties.items()]
    (package,) = packages(read(cyclonedx(library(purl, properties=listed))))
    assert (package.version, (package.source, package.source_version)) == (version, source)


def test_the_subject_of_a_finding_is_the_same_whoever_lists_the_package(read):
    ours = "pkg:rpm/suse/libopenssl3@3-1?arch=x86_64&distro=sles-15.5"
    theirs = "pkg:rpm/suse%20linux%20enterprise%20server/libopenssl3@3-1?distro=sles-15.5&package-id=7"
    made = [
        packages(read(cyclonedx(library(purl, properties=[{"name": "syft:metadata:source", "value": "openssl-3"}]))))[0]
        for purl in (ours, theirs)
    ]
    assert {package_subject(each) for each in made} == {"pkg:rpm/suse/openssl-3"}
    assert (
        canonical(Purl(type="deb", namespace="debian", name="a", version="1", qualifiers={"package-id": "7"}), "1")
        == "pkg:deb/debian/a@1"
    )


def test_what_we_wrote_is_read_back_as_it_was(read):
    names = {
        "name": "N",
        "version": "1",
        "ecosystem": "Bitnami",
        "layer": "sha256:1",
        "path": "usr/bin/n",
        "confidence": "firm",
    }
    listed = [{"name": f"scangate:{name}", "value": value} for name, value in names.items()]
    assert packages(read(cyclonedx(library("pkg:generic/n@1", properties=listed)))) == [
        Package(name="N", version="1", ecosystem="Bitnami", purl="pkg:generic/n@1", layer="sha256:1",
                paths=("usr/bin/n",), confidence=Confidence.FIRM)
    ]  # fmt: skip


BROKEN = {
    "": "it is empty",
    "{}": "at its top are nothing",
    "[]": "no JSON object",
    "{": "line 1: it is neither JSON nor XML",
    '{"a": 1}': "at its top are a",
    cyclonedx(version="2.0"): "CycloneDX 2.0",
    json.dumps({"specVersion": 3, "bomFormat": "CycloneDX"}): "of no version",
    json.dumps({"spdxVersion": "SPDX-2.1"}): "SPDX-2.1",
    json.dumps({"@context": "https://spdx.org/rdf/3.0.1"}): "SPDX 3 is not read",
    json.dumps({"specVersion": "1.6", "components": {}}): "`components` are no list",
    json.dumps({"spdxVersion": "SPDX-2.3", "packages": 7}): "`packages` are no list",
    cyclonedx(): "names no package",
    spdx(): "names no package",
    xml(""): "names no package",
    cyclonedx({"type": "file", "name": "a"}): "names no package: 1 components",
    "[" * 100_000: "nested too deeply",
    '{"a": ' + "9" * 10_000 + "}": "it is not JSON",
    xml("<component>", before=""): "it is broken, or was cut off",
    "<html/>": "its root is <html>",
    xml("", version="3"): "CycloneDX 3",
    xml("&a;", before='<!DOCTYPE bom [<!ENTITY a "b">]>'): "document type or entities",
    xml("", before='<!DOCTYPE bom SYSTEM "file:///etc/passwd">'): "document type or entities",
    "<a>" * 300: "its root is <a>",
    xml("<component>" * 300): "elements are inside each other",
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:30])
def test_what_is_no_bill_of_materials_is_refused_with_its_name_and_the_reason(read, text):
    with pytest.raises(ScanError, match=r"sbom.*") as caught:
        read(text)
    assert BROKEN[text] in caught.value.message
    assert caught.value.advice


def test_an_empty_list_proves_nothing_but_one_of_gaps_is_evidence_of_them(read):
    assert len(gaps(read(cyclonedx({"type": "library", "name": "a"})))) == 1


def test_limits_hold(read, monkeypatch):
    monkeypatch.setattr(document, "MAX_SIZE", 100)
    with pytest.raises(ScanError, match="larger than"):
        read(cyclonedx(library("pkg:npm/a@1"), padding="x" * 100))
    monkeypatch.undo()
    monkeypatch.setattr(document, "MAX_VALUES", 100)
    with pytest.raises(ScanError, match="more than 100 values"):
        read(cyclonedx(*[{}] * 200))
    with pytest.raises(ScanError, match="more than 100 tags"):
        read(xml("<component/>" * 100))
    monkeypatch.undo()
    monkeypatch.setattr(cyclonedx_xml, "MAX_COMPONENTS", 2)
    with pytest.raises(ScanError, match="more than 2 components"):
        read(xml("<component/>" * 3))
    nested = library("pkg:npm/a@1")
    for _turn in range(100):
        nested = {"components": [nested]}
    with pytest.raises(ScanError, match="inside each other more than"):
        read(cyclonedx(nested))
    assert MAX_COMPONENTS >= 500_000


def test_a_file_that_is_none_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("pipe", "no file"), ("missing", "No such file"), (".", "directory")):
        with pytest.raises(ScanError, match=reason):
            read_sbom(tmp_path / name)


def test_the_work_can_be_ended_between_components(tmp_path):
    (tmp_path / "s").write_text(cyclonedx(*[library(f"pkg:npm/a{each}@1") for each in range(10)]))
    calls = []

    def check():
        calls.append(1)
        if len(calls) > 3:
            raise ScanError("ended")

    with pytest.raises(ScanError, match="ended"):
        read_sbom(tmp_path / "s", check)


def test_licences_of_spdx_are_a_list_or_an_expression(read):
    extracted = [{"licenseId": "LicenseRef-1", "name": "Foo"}, {"licenseId": "LicenseRef-Bar"}]
    for declared, expected in (
        ("MIT AND LicenseRef-1 AND LicenseRef-Bar", ("MIT", "Foo", "Bar")),
        ("MIT OR (GPL-2.0-only AND BSD-3-Clause)", ("MIT OR (GPL-2.0-only AND BSD-3-Clause)",)),
        ("NOASSERTION", ()),
    ):
        sbom = read(spdx(named("a", "pkg:npm/a@1", licenseDeclared=declared), hasExtractedLicensingInfos=extracted))
        assert packages(sbom)[0].licences == expected
