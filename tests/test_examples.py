"""The demo: its records are true and well-formed, its images reproducible, its services leave nothing behind."""

import fcntl
import hashlib
import io
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
from cvss import CVSS3
from univers.versions import DebianVersion, PypiVersion, SemverVersion

from scangate.advisories import osv
from scangate.engines import EngineState, locate
from scangate.errors import ExitCode
from scangate.process import which

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
sys.path.append(str(EXAMPLES))
from build_image import build  # noqa: E402
from services import FIXED, WEAK, Service, ServiceError, redis_server, running  # noqa: E402

NAMES = ("storefront", "storefront-fixed")
RECORDS = sorted((EXAMPLES / "storefront" / "advisories").glob("*.json"))
LOADED = {path.stem: json.loads(path.read_text()) for path in RECORDS}
WITHDRAWN, REMOVED, WAIVED = "GHSA-27h2-hvpr-p74q", "GHSA-72xf-g2v4-qvf3", "DEBIAN-CVE-2023-45853"
NETWORK = (Service(kind="anonymous-ftp", port=2121), Service(kind="strong-https", port=8443))

TIME = {"type": "string", "pattern": r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
TEXT = {"type": "string", "minLength": 1}
EVENT = {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"enum": ["introduced", "fixed"]}}
RANGE = {
    "type": "object",
    "required": ["type", "events"],
    "properties": {
        "type": {"enum": ["SEMVER", "ECOSYSTEM"]},
        "events": {"type": "array", "minItems": 1, "items": EVENT},
    },
}
PACKAGE = {"type": "object", "required": ["ecosystem", "name", "purl"], "additionalProperties": TEXT}
AFFECTED = {
    "type": "object",
    "required": ["package", "ranges"],
    "properties": {"package": PACKAGE, "ranges": {"type": "array", "minItems": 1, "items": RANGE}},
}
REFERENCE = {
    "type": "object",
    "properties": {
        "type": {"enum": ["ADVISORY", "FIX", "WEB"]},
        "url": {"type": "string", "pattern": "^https://"},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["schema_version", "id", "modified", "published", "summary", "affected", "references"],
    "properties": {
        "modified": TIME,
        "published": TIME,
        "withdrawn": TIME,
        "summary": {"type": "string", "minLength": 20, "maxLength": 120},
        "affected": {"type": "array", "minItems": 1, "items": AFFECTED},
        "references": {"type": "array", "minItems": 1, "items": REFERENCE},
    },
}


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_record_has_the_form_of_osv(path):
    record = LOADED[path.stem]
    jsonschema.validate(record, SCHEMA)
    assert record["id"] == path.stem
    assert record["published"] <= record["modified"]
    assert any(re.fullmatch(r"CVE-\d{4}-\d{4,}", name) for name in _names(record))
    assert all(CVSS3(each["score"]).base_score > 0 for each in record.get("severity", ()))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_scangate_can_use_every_part_of_every_record(path):
    advisory = osv.parse(path.read_bytes())
    assert advisory.affected
    assert not advisory.unusable
    assert advisory.ratings
    assert advisory.help_uri


def test_the_records_cover_three_ecosystems_without_repeating_an_id():
    assert len(LOADED) == len(RECORDS)
    ecosystems = {record["affected"][0]["package"]["ecosystem"] for record in LOADED.values()}
    assert ecosystems == {"Debian:12", "PyPI", "npm"}
    assert len({cve for record in LOADED.values() for cve in _cves(record)}) >= 30


def test_the_sources_of_every_record_are_named():
    sources = (EXAMPLES / "storefront" / "advisories" / "SOURCES.md").read_text()
    hosts = {urlsplit(each["url"]).hostname for record in LOADED.values() for each in record["references"]}
    assert sorted(host for host in hosts if host not in sources) == []


def test_the_records_agree_with_the_database_of_the_python_packaging_authority(shared):
    theirs = {}
    with zipfile.ZipFile(shared / "advisories/osv/PyPI/all.zip") as archive:
        for name in archive.namelist():
            record = json.loads(archive.read(name))
            theirs |= {(cve, package): spans for cve in _cves(record) for package, spans in _spans(record).items()}
    compared = 0
    for record in LOADED.values():
        for package, spans in _spans(record).items():
            for cve in _cves(record):
                if (cve, package) in theirs:
                    assert spans == theirs[cve, package], cve
                    compared += 1
    assert compared >= 6


@pytest.mark.parametrize("name", NAMES)
def test_an_image_is_built_of_the_same_bytes_each_time(name, tmp_path):
    first, second = (build(EXAMPLES / name / "image.toml", tmp_path / each) for each in "ab")
    assert first == second
    assert _contents(tmp_path / "a") == _contents(tmp_path / "b")


@pytest.mark.parametrize("name", NAMES)
def test_every_blob_of_an_image_has_the_digest_and_size_it_is_known_by(name, tmp_path):
    build(EXAMPLES / name / "image.toml", tmp_path)
    index = json.loads((tmp_path / "index.json").read_text())
    manifest = json.loads(_blob(tmp_path, index["manifests"][0]))
    config = json.loads(_blob(tmp_path, manifest["config"]))
    assert len(manifest["layers"]) == len(config["rootfs"]["diff_ids"]) == len(config["history"]) >= 4
    for layer in manifest["layers"]:
        assert _blob(tmp_path, layer)


def test_building_again_replaces_what_was_there(tmp_path):
    build(EXAMPLES / "storefront" / "image.toml", tmp_path / "web")
    expected = build(EXAMPLES / "storefront-fixed" / "image.toml", tmp_path / "other")
    assert build(EXAMPLES / "storefront-fixed" / "image.toml", tmp_path / "web") == expected
    assert _contents(tmp_path / "web") == _contents(tmp_path / "other")


def test_the_weak_image_holds_what_all_records_but_two_are_about(tmp_path):
    pairs = _vulnerable(EXAMPLES / "storefront" / "image.toml", tmp_path)
    assert len(pairs) >= 15
    assert {record for record, _package in pairs} == set(LOADED) - {WITHDRAWN, REMOVED}


def test_the_fixed_image_holds_only_what_has_no_fix_and_is_waived(tmp_path):
    pairs = _vulnerable(EXAMPLES / "storefront-fixed" / "image.toml", tmp_path)
    assert pairs == {(WAIVED, "zlib")}
    assert "CVE-2023-45853" in (EXAMPLES / "storefront" / "policy.yml").read_text()


@pytest.mark.parametrize("services", [NETWORK, (Service(kind="expired-https", port=8443),)], ids=len)
def test_services_answer_while_they_run_and_are_gone_afterwards(services):
    address = _address()
    with running(services, address) as pids:
        assert all(_alive(pid) for pid in pids.values())
        assert all(_listens(address, each.port) for each in services)
    assert not any(_alive(pid) for pid in pids.values())
    assert not any(_listens(address, each.port) for each in services)


@pytest.mark.real
@pytest.mark.parametrize("services", [WEAK, FIXED], ids=["weak", "fixed"])
def test_redis_and_all_others_start_and_stop(services):
    if not redis_server():
        pytest.skip("Redis is not installed: apt-get install redis-tools")
    address = _address()
    with running(services, address) as pids:
        assert [_listens(address, port) for port in (2121, 6379, 8080, 8443)] == (
            [True] * 4 if services is WEAK else [False] * 3 + [True]
        )
    assert not any(_alive(pid) for pid in pids.values())


def test_an_error_stops_the_services_too():
    address = _address()
    pids = {}

    def work():
        with running(NETWORK, address) as started:
            pids.update(started)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        work()
    assert pids
    assert not any(_alive(pid) for pid in pids.values())


def test_a_port_that_is_taken_is_an_error_that_names_it():
    address = _address()
    with socket.socket() as other:
        other.bind((address, 8443))
        other.listen()
        where = re.escape(f"strong-https cannot listen on {address}:8443: Address already in use")
        with pytest.raises(ServiceError, match=where), running(NETWORK, address):
            pass
    assert not _listens(address, 2121)


def test_the_services_die_with_the_process_that_started_them(tmp_path):
    address = _address()
    program = (
        "import sys, time; sys.path.append(sys.argv[1])\n"
        "from services import Service, running\n"
        "with running((Service(kind='strong-https', port=8443),), sys.argv[2]) as pids:\n"
        "    print(*pids.values(), flush=True); time.sleep(100)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(EXAMPLES), address],
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        text=True,
    ) as starter:
        pids = [int(word) for word in starter.stdout.readline().split()]
        assert pids
        starter.kill()
    assert _within(10, lambda: not any(_alive(pid) for pid in pids))


@pytest.fixture
def demo_alone() -> Iterator[None]:
    """The demo has fixed addresses and folders, so of the tests that run it only one may at a time."""
    if not (redis_server() and which("nmap")):
        pytest.skip("nmap and Redis are needed: apt-get install nmap redis-tools")
    home = Path(os.environ.get("SCANGATE_HOME") or EXAMPLES.parent / ".demo" / "home")
    if locate("checkov", home).state is not EngineState.CURRENT:
        pytest.skip(f"checkov is not installed in {home}: SCANGATE_HOME={home} scangate engines install checkov")
    lock = EXAMPLES.parent / ".demo" / "tests.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.real
@pytest.mark.timeout(900)  # it may wait for its turn
@pytest.mark.usefixtures("demo_alone")
def test_the_demo_fails_the_weak_deployment_and_passes_the_mended_one():
    done = _demo(wait=True)
    assert done.returncode == 0, done.stdout + done.stderr
    weak, fixed = (json.loads((EXAMPLES.parent / ".demo" / name / "result.json").read_text()) for name in NAMES)
    assert (weak["verdict"], fixed["verdict"]) == ("FAIL", "PASS")
    failed = {each["finding"]["target"] for each in weak["decisions"] if each["action"] == "fail"}
    assert failed == {"infra", "web", "edge"}
    assert {each["finding"]["target"] for each in weak["decisions"]} == failed


@pytest.mark.real
@pytest.mark.timeout(900)  # it may wait for its turn
@pytest.mark.usefixtures("demo_alone")
def test_two_runs_on_all_three_surfaces_give_the_same_bytes_but_for_declared_times(tmp_path):
    home = os.environ.get("SCANGATE_HOME") or str(EXAMPLES.parent / ".demo" / "home")
    config = ("-c", "examples/storefront/scangate.yml")
    reports = ("sarif", "sarif-full", "markdown")
    texts = []

    def scangate(*words: str) -> int:
        program, environ = Path(sys.executable).with_name("scangate"), os.environ | {"SCANGATE_HOME": home}
        return subprocess.run([program, *words], env=environ, cwd=EXAMPLES.parent, check=False).returncode

    assert scangate("advisories", "sync", "--from", "examples/storefront/advisories") == 0
    build(EXAMPLES / "storefront" / "image.toml", EXAMPLES / "storefront" / ".build" / "web")
    with running(WEAK):
        for number in "12":
            outputs = [f"--output={name}={tmp_path / number / name}" for name in reports]
            assert scangate("scan", "--quiet", *config, *outputs) == ExitCode.FAIL
            written = [(tmp_path / number / name).read_text() for name in reports]
            texts.append([re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text) for text in written])
    assert texts[0] == texts[1]
    assert all(each in texts[0][0] for each in ("CVE-2023-38545", "CKV_AWS_20", "net-no-auth-redis"))


@pytest.mark.real
def test_scangate_and_a_reckoning_of_our_own_find_the_same_vulnerabilities(tmp_path):
    home, result = tmp_path / "home", tmp_path / "result.json"
    layout = tmp_path / "web"
    pairs = _vulnerable(EXAMPLES / "storefront" / "image.toml", layout)
    expected = {(cve, package.lower()) for name, package in pairs for cve in _cves(LOADED[name])}
    scangate = Path(sys.executable).with_name("scangate")
    environment = os.environ | {"SCANGATE_HOME": str(home)}
    for words in (
        ("advisories", "sync", "--from", str(EXAMPLES / "storefront" / "advisories")),
        (
            "scan",
            f"web=image:oci-layout:{layout}",
            "-p",
            str(EXAMPLES / "storefront" / "policy.yml"),
            "-o",
            f"result={result}",
        ),
    ):
        done = subprocess.run(
            [scangate, *words], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode in {0, 1}, done.stdout + done.stderr
    findings = [each["finding"] for each in json.loads(result.read_text())["decisions"]]
    named = ((each["rule"], re.fullmatch(r"pkg:\w+/(?:debian/)?([^?@]+).*", each["subject"])) for each in findings)
    found = {(rule, match[1]) for rule, match in named if match}
    assert found == expected


@pytest.mark.real
@pytest.mark.timeout(900)  # it may wait for its turn
@pytest.mark.usefixtures("demo_alone")
def test_the_demo_leaves_nothing_running_when_it_is_ended():
    demo = _demo(wait=False)
    try:
        assert _within(60, lambda: _listens("127.0.0.77", 8443))
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=60)
    finally:
        demo.kill()
        demo.wait()
    assert demo.returncode == 128 + signal.SIGTERM
    assert not any(_listens("127.0.0.77", port) for port in (2121, 6379, 8080, 8443))


def _demo(*, wait: bool) -> subprocess.Popen | subprocess.CompletedProcess:
    words = [sys.executable, str(EXAMPLES / "demo.py")]
    if wait:
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=280)
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _names(record) -> set[str]:
    return {record["id"], *record.get("aliases", ()), *record.get("upstream", ())}


def _cves(record) -> set[str]:
    return {name for name in _names(record) if name.startswith("CVE-")}


def _spans(record) -> dict[str, set[tuple[str, str | None]]]:
    """Of each PyPI package, from which version to which it is affected."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    for affected in record.get("affected", ()):
        if affected.get("package", {}).get("ecosystem") == "PyPI":
            spans = found.setdefault(affected["package"]["name"].lower(), set())
            spans |= {span for each in affected.get("ranges", ()) if each["type"] != "GIT" for span in _pairs(each)}
    return found


def _pairs(span) -> Iterator[tuple[str, str | None]]:
    begin = None
    for event in span["events"]:
        if "introduced" in event:
            begin = event["introduced"]
        else:
            yield begin, event.get("fixed")
            begin = None
    if begin is not None:
        yield begin, None


def _vulnerable(description: Path, layout: Path) -> set[tuple[str, str]]:
    """Which record is about which installed (source) package: read and compared by other code than scangate's."""
    build(description, layout)
    installed = list(_installed(_unpack(layout)))
    return {
        (name, source)
        for name, record in LOADED.items()
        if "withdrawn" not in record
        for affected in record["affected"]
        for ecosystem, source, version in installed
        if (ecosystem, source.lower()) == (affected["package"]["ecosystem"], affected["package"]["name"])
        if any(_inside(ecosystem, version, *span) for each in affected["ranges"] for span in _pairs(each))
    }


def _inside(ecosystem: str, version: str, begin: str, end: str | None) -> bool:
    kind = {"Debian:12": DebianVersion, "PyPI": PypiVersion, "npm": SemverVersion}[ecosystem]
    return (begin == "0" or kind(begin) <= kind(version)) and (end is None or kind(version) < kind(end))


def _unpack(layout: Path) -> dict[str, str]:
    """The files of an image, layer over layer, without what a whiteout removes."""
    files: dict[str, str] = {}
    index = json.loads((layout / "index.json").read_text())
    for layer in json.loads(_blob(layout, index["manifests"][0]))["layers"]:
        with tarfile.open(fileobj=io.BytesIO(_blob(layout, layer))) as tar:
            for member in tar:
                parent, _, name = member.name.rpartition("/")
                if name.startswith(".wh."):
                    gone = f"{parent}/{name.removeprefix('.wh.')}"
                    files = {
                        path: text for path, text in files.items() if path != gone and not path.startswith(f"{gone}/")
                    }
                elif member.isfile():
                    files[member.name] = tar.extractfile(member).read().decode()
    return files


def _installed(files: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Ecosystem, package (for Debian the source package, which its advisories are about) and version."""
    for paragraph in files["var/lib/dpkg/status"].split("\n\n"):
        fields = HeaderParser().parsestr(paragraph)
        source, _, version = (fields["Source"] or fields["Package"]).partition(" ")
        yield "Debian:12", source, version.strip("()") or fields["Version"]
    for path, text in files.items():
        if path.endswith(".dist-info/METADATA"):
            fields = HeaderParser().parsestr(text)
            yield "PyPI", fields["Name"], fields["Version"]
        elif path.endswith("/package.json"):
            package = json.loads(text)
            yield "npm", package["name"], package["version"]


def _blob(layout: Path, descriptor) -> bytes:
    data = (layout / "blobs/sha256" / descriptor["digest"].removeprefix("sha256:")).read_bytes()
    assert f"sha256:{hashlib.sha256(data).hexdigest()}" == descriptor["digest"]
    assert len(data) == descriptor["size"]
    return data


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _address() -> str:
    """A loopback address of its own for each test: their ports are fixed, and other tests run at the same time."""
    return f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


def _listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, port)) == 0


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _within(seconds: float, holds) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if holds():
            return True
        time.sleep(0.05)
    return False
