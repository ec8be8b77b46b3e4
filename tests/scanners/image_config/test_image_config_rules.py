"""Every weakness of the weak image is found, nothing on its hardened twin, and no secret is ever shown."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard
from made_images import Layout, docker_archive, file, folder, link, tar
from weak_images import hardened, secrets, step, weak

from scangate.core.model import Asked, Confidence, Finding, Gap, Item, Kind, Note, Severity, Target, Tool
from scangate.rootfs import open_rootfs
from scangate.rootfs.reading import Reading
from scangate.scanners import Context, images
from scangate.scanners.image_config import ImageConfig, looking

HERE = Path(__file__).parent
READING = Reading(name="tests of image_config", version=1, wanted=looking.wanted, extractors=looking.EXTRACTORS)
Scan = Callable[..., list[Item]]


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    monkeypatch.setattr(images, "reading", lambda: READING)

    def run(address: str = "oci-layout:image", **context: Any) -> list[Item]:
        target = Target(id="web", kind=Kind.IMAGE, addresses=(address,))
        context = {"root": tmp_path, "home": tmp_path / "home", "deadline": time.monotonic() + 120} | context
        return list(ImageConfig().scan(target, Context(**context)))

    return run


@pytest.fixture
def image(tmp_path: Path, scan: Scan) -> Callable[..., dict[tuple[str, str], Finding]]:
    """Make an image and scan it: findings by rule and subject."""

    def run(*layers: bytes, **config: Any) -> dict[tuple[str, str], Finding]:
        Layout(tmp_path / "image").image(*(layers or (tar(file("a", "x")),)), **config)
        return {(each.rule, each.subject): each for each in findings(scan())}

    return run


def findings(items: list[Item]) -> list[Finding]:
    return [each for each in items if isinstance(each, Finding)]


def facts() -> Iterator[tuple[str, str, str]]:
    for line in (HERE / "facts.tsv").read_text().splitlines():
        rule, severity, subject = line.split("\t")
        yield rule, severity, subject


def unpacked(path: Path) -> bytes:
    _head, magic, rest = path.read_bytes().partition(b"\x28\xb5\x2f\xfd")
    return zstandard.ZstdDecompressor().stream_reader(magic + rest).read() if magic else b""


def unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every image opened as by somebody who looked for a signature and found none."""

    def opened(*words: Any, **more: Any) -> Any:
        rootfs = open_rootfs(*words, **more)
        rootfs.config = replace(rootfs.config, signed=False)
        return rootfs

    monkeypatch.setattr("scangate.rootfs.open_rootfs", opened)


def test_every_weakness_of_the_weak_image_is_found(tmp_path, scan, monkeypatch):
    unsigned(monkeypatch)
    layers, more = weak()
    Layout(tmp_path / "image").image(*layers, **more)
    found = {(each.rule, each.severity.name, each.subject) for each in findings(scan())}
    assert found == set(facts())


def test_no_secret_is_in_anything_that_is_yielded(tmp_path, scan):
    layers, more = weak()
    Layout(tmp_path / "image").image(*layers, **more)
    text = repr(scan())
    assert [each for each in secrets() if each in text] == []


def test_no_secret_is_in_the_cache_of_layers(tmp_path, scan):
    layers, more = weak()
    Layout(tmp_path / "image").image(*layers, **more)
    scan()
    kept = [unpacked(each) for each in (tmp_path / "home" / images.CACHE).rglob("*") if each.is_file()]
    assert b"payment_key" in b"".join(kept), "the names of variables are kept, so this looks in the right place"
    assert [each for each in secrets() if each.encode() in b"".join(kept)] == []
    assert findings(scan())


def test_no_secret_is_in_the_repr_of_an_image(tmp_path):
    layers, more = weak()
    Layout(tmp_path / "image").image(*layers, **more)
    with open_rootfs("oci-layout:image", tmp_path) as rootfs:
        text = repr(rootfs.config) + repr(rootfs.layers)
    assert [each for each in secrets() if each in text] == []


def test_the_hardened_twin_has_nothing_above_info(tmp_path, scan, monkeypatch):
    unsigned(monkeypatch)
    layers, more = hardened()
    Layout(tmp_path / "image").image(*layers, **more)
    items = scan()
    assert {(each.rule, each.severity.name) for each in findings(items)} == {
        ("image-setuid-usual", "INFO"),
        ("image-unsigned", "INFO"),
    }
    assert not [each for each in items if isinstance(each, Gap)]


def test_every_finding_says_what_to_do_and_why_it_is_as_bad_as_it_is(tmp_path, scan):
    layers, more = weak()
    Layout(tmp_path / "image").image(*layers, **more)
    for each in findings(scan()):
        assert each.fix
        assert each.fix.summary[0].isupper()
        assert each.severity_source.startswith("image_config: ")
        assert each.cwes[0].startswith("CWE-")
        assert each.evidence[0].source == "image_config"
        assert "/" not in each.rule


def test_every_rule_has_its_line_in_the_document():
    text = (HERE.parents[2] / "docs" / "scanners" / "image_config.md").read_text()
    rules = {rule for rule, _severity, _subject in facts()} | {"image-unknown-user", "image-base-unpinned"}
    assert [each for each in sorted(rules) if f"`{each}`" not in text] == []


def test_findings_say_whether_they_are_the_base_s_or_yours(image):
    layers, more = weak()
    found = image(*layers, **more)
    whose = {key: dict(each.evidence[0].facts).get("brought by", "") for key, each in found.items()}
    assert whose["image-secret-file", "app/deploy.yml#stripe-key:payment_key"] == "yours"
    assert whose["image-package-cache", "apt cache"] == "base image docker.io/library/debian:latest"
    assert whose["image-secret-variable", "env:DB_PASSWORD"] == "yours"
    assert whose["image-setuid", "usr/local/bin/backdoor"] == "yours"
    assert found["image-package-cache", "apt cache"].message.endswith(
        "It came with the base image docker.io/library/debian:latest."
    )


def test_a_deleted_secret_is_still_readable_in_its_layer(image):
    secret, more = weak()[0][1], {"history": [step("COPY . /app"), step("RUN rm -r /app")]}
    found = image(secret, tar(file(".wh.app")), **more)
    each = found["image-secret-file", "app/deploy.yml#stripe-key:payment_key"]
    facts = dict(each.evidence[0].facts)
    assert "still readable in layer 1" in each.message
    assert (facts["in the final image"], facts["build step"]) == ("no", "COPY . /app")
    assert "app/.git/HEAD" in {subject for rule, subject in found if rule == "image-repository"}


@pytest.mark.parametrize("user", ["", "0", "root", "0:0", "root:app", "00", "toor"])
def test_root_goes_by_many_names(image, user):
    passwd = file("etc/passwd", "root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n")
    assert ("image-root-user", "user") in image(tar(passwd), config={"User": user})


@pytest.mark.parametrize("user", ["1000", "app", "app:app", "10001:0"])
def test_others_are_not_root(image, user):
    passwd = file("etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:1000:0::/:/bin/sh\n")
    assert not [rule for rule, _subject in image(tar(passwd), config={"User": user}) if "user" in rule]


def test_a_user_that_the_image_does_not_have_is_a_finding(image):
    assert ("image-unknown-user", "user") in image(config={"User": "nobody"})


@pytest.mark.parametrize(
    "entrypoint",
    [["/usr/local/bin/docker-entrypoint.sh"], ["docker-entrypoint.sh", "server"], ["gosu", "app", "server"]],
)
def test_an_entrypoint_that_gives_root_up_lowers_the_finding(image, entrypoint):
    script = file("usr/local/bin/docker-entrypoint.sh", '#!/bin/sh\nchown app /data\nexec gosu app "$@"\n')
    each = image(tar(script), config={"Entrypoint": entrypoint})["image-root-user", "user"]
    assert (each.severity, each.confidence) == (Severity.LOW, Confidence.POTENTIAL)


def test_a_health_check_is_missed_only_where_it_could_be(tmp_path, scan, image):
    found = image(tar(file("a", "x")))
    assert found["image-no-healthcheck", "healthcheck"].severity is Severity.INFO
    parts = {"manifest.json": b"", "c.json": b"{}"}
    layer = tar(file("a", "x"))
    from made_images import config, digest

    parts = {
        "manifest.json": json.dumps([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"]}]).encode(),
        "c.json": config([layer]),
        "l.tar": layer,
    }
    assert digest(layer)
    docker_archive(tmp_path / "a.tar", parts)
    (each,) = [each for each in findings(scan("docker-archive:a.tar")) if each.rule == "image-no-healthcheck"]
    assert each.severity is Severity.LOW


@pytest.mark.parametrize("test", [["NONE"], ["CMD", "true"]])
def test_a_health_check_that_is_switched_off_is_none(image, test):
    found = image(config={"Healthcheck": {"Test": test}})
    assert (("image-no-healthcheck", "healthcheck") in found) is (test == ["NONE"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ADD https://a.corp/x.tgz /x", True),
        ("/bin/sh -c #(nop) ADD http://a.corp/x.tgz in /x ", True),
        ('ADD ["https://a.corp/x.tgz", "/x"]', True),
        ("ADD --checksum=sha256:12 https://a.corp/x.tgz /x", False),
        ("ADD x.tgz /x", False),
        (f"/bin/sh -c #(nop) ADD file:{'1' * 64} in /x ", False),
        ("RUN curl https://a.corp/x.tgz", False),
    ],
)
def test_downloads_without_a_checksum_are_found(image, text, expected):
    assert (("image-remote-add", "add:a.corp") in image(history=[step(text)])) is expected


def test_a_download_of_which_only_the_hash_is_known_is_found_by_its_place(image):
    found = image(history=[step(f"/bin/sh -c #(nop) ADD {'1' * 64} in /app/x ")])
    assert found["image-remote-add", "add:/app/x"].confidence is Confidence.FIRM


@pytest.mark.parametrize(
    ("name", "digest", "rule"),
    [
        ("debian", "", "image-base-latest"),
        ("r.corp:5000/debian:latest", "", "image-base-latest"),
        ("debian:12", "", "image-base-unpinned"),
        ("debian:12", "sha256:12", ""),
        ("debian:12@sha256:12", "", ""),
        ("scratch", "", ""),
    ],
)
def test_a_base_is_to_be_named_by_its_digest(image, name, digest, rule):
    labels = {"org.opencontainers.image.base.name": name, "org.opencontainers.image.base.digest": digest}
    assert {each for each, subject in image(config={"Labels": labels}) if subject == "base"} == ({rule} - {""})


@pytest.mark.parametrize("port", ["20-30/tcp", "23", "5005/udp", "1-65535/tcp"])
def test_ports_may_be_ranges(image, port):
    assert [subject for rule, subject in image(config={"ExposedPorts": {port: {}}}) if rule == "image-management-port"]


@pytest.mark.parametrize("port", ["80/tcp", "x/tcp", "", "9" * 5000, "-/tcp", "8000-8100/tcp", "²/tcp"])
def test_other_ports_are_no_findings(image, port):
    assert not [
        subject for rule, subject in image(config={"ExposedPorts": {port: {}}}) if rule == "image-management-port"
    ]


def test_links_to_folders_on_the_search_path_are_followed(image):
    layer = tar(
        link("bin", "usr/bin"), folder("usr/bin", mode=0o777), folder("data", mode=0o777), folder("spool", mode=0o1777)
    )
    found = image(layer, config={"Env": ["PATH=/bin"]})
    assert {rule for rule, _subject in found if "writable" in rule} == {
        "image-writable-program",
        "image-writable-folder",
    }


def test_hostile_configs_are_survived(image):
    strange = {
        "User": 7,
        "Env": {"A": 1},
        "Labels": ["x"],
        "ExposedPorts": 3,
        "Healthcheck": "x",
        "Entrypoint": "/bin/sh",
        "Cmd": [1, None],
    }
    assert image(config=strange)["image-root-user", "user"]


def test_a_directory_has_no_config_which_is_a_note_and_no_gap(tmp_path, scan):
    (tmp_path / "tree" / "app").mkdir(parents=True)
    (tmp_path / "tree" / "app" / ".env").write_text("DEBUG=1\n")
    items = scan("rootfs:tree")
    assert [each.rule for each in findings(items)] == ["image-environment-file"]
    assert not [each for each in items if isinstance(each, Gap)]
    (note,) = [each for each in items if isinstance(each, Note)]
    assert note.text.startswith("a directory does not say how it is run: not looked at: user,")
    assert [each.unit for each in items if isinstance(each, Asked)] == ["checks"]
    assert isinstance(items[0], Tool)


def test_a_file_that_cannot_be_read_is_a_gap_and_is_asked(tmp_path, scan):
    Layout(tmp_path / "image").image(tar(file("app/settings.yml", "x: 1", sparse=True)))
    items = scan()
    (gap,) = [each for each in items if isinstance(each, Gap)]
    assert gap.what == "app/settings.yml"
    asked = [each.count for each in items if isinstance(each, Asked)]
    Layout(tmp_path / "other").image(tar(file("app/settings.yml", "x: 1")))
    assert asked == [each.count + 1 for each in scan("oci-layout:other") if isinstance(each, Asked)]


def test_identity_survives_a_rebuild(tmp_path, scan):
    layers, more = weak()
    Layout(tmp_path / "image").image(*layers, **more)
    first = {(each.rule, each.subject) for each in findings(scan())}
    more["history"][-2:-2] = [step("ENV NEW=1", empty=True)]
    Layout(tmp_path / "again").image(
        tar(file("new", "x")), *layers, **(more | {"history": [step("COPY new /"), *more["history"]]})
    )
    assert {(each.rule, each.subject) for each in findings(scan("oci-layout:again"))} == first
