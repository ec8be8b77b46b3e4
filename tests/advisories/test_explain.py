"""Why a vulnerability is found, and why it is not: the data, and the text of `scangate explain`."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from osv_records import entry, record, write_zip

from scangate.advisories import FixState, Store
from scangate.advisories.explanation import Answer, Explanation, explain, spelling
from scangate.advisories.schema import FILE
from scangate.advisories.sync import sync
from scangate.cli.explain import command
from scangate.core.model import Package
from scangate.errors import ScangateError, UsageError

CVE = "CVE-2026-1000"
DJANGO = record(
    "GHSA-aaaa-bbbb-cccc",
    entry("PyPI", "Django", "introduced 4.0, fixed 4.2.5", "introduced 5.0, fixed 5.0.2"),
    entry("npm", "django", "introduced 0"),
    aliases=[CVE],
    summary="A hole in templates",
)
ZLIB = record(
    "DEBIAN-CVE-2026-1000",
    entry("Debian:12", "zlib", "introduced 0", ecosystem_specific={"urgency": "unimportant"}),
    upstream=[CVE],
)
GONE = record(
    "GHSA-dddd-eeee-ffff", entry("PyPI", "flask", "introduced 0"), withdrawn="2026-01-03T00:00:00Z", summary="Mistaken"
)


def pypi(name: str, version: str) -> Package:
    return Package(
        name=name,
        version=version,
        ecosystem="PyPI",
        purl=f"pkg:pypi/{name}@{version}",
        paths=(f"usr/lib/{name}/METADATA",),
    )


def zlib(version: str) -> Package:
    return Package(
        name="zlib1g",
        version=version,
        ecosystem="Debian:12",
        purl=f"pkg:deb/debian/zlib1g@{version}",
        source="zlib",
        source_version=version,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for export in ("PyPI", "npm", "Debian:12"):
        known = [DJANGO, ZLIB, GONE]
        chosen = [one for one in known if any(each["package"]["ecosystem"] == export for each in one["affected"])]
        write_zip(tmp_path / "source" / export / "all.zip", *chosen)
    sync(str(tmp_path / "source"), tmp_path / "home")
    return tmp_path / "home"


def explained(home: Path, asked: str, *packages: Package) -> Explanation:
    with Store.open(home) as store:
        return explain(asked, packages, store)


def answers(explanation: Explanation) -> dict[str, list[str]]:
    return {each.advisory.id: [verdict.answer.value for verdict in each.verdicts] for each in explanation.records}


def test_a_match_is_explained_by_record_range_and_steps(home: Path) -> None:
    found = explained(home, CVE, pypi("django", "4.1"))
    assert [each.rule for each in found.found] == [CVE]
    assert found.names == (CVE, "GHSA-aaaa-bbbb-cccc", "DEBIAN-CVE-2026-1000")
    first = found.records[0].verdicts[0]
    assert (first.answer, first.because, first.compared) == (Answer.AFFECTED, "introduced 4.0, fixed 4.2.5", "4.1")
    assert first.steps == ("above introduced 4.0", "below fixed 4.2.5", "below introduced 5.0", "below fixed 5.0.2")
    assert first.fix_state is FixState.FIXED
    assert [each.name for each in first.packages] == ["django"]
    assert answers(found) == {
        "GHSA-aaaa-bbbb-cccc": ["affected", "of another ecosystem"],
        "DEBIAN-CVE-2026-1000": ["of another ecosystem"],
    }


@pytest.mark.parametrize(
    ("version", "because"),
    [
        ("4.2.5", "it is not below 4.2.5, which fixed it; it is below 5.0, which introduced it"),
        ("3.9", "it is below 4.0, which introduced it; it is below 5.0, which introduced it"),
        ("5.1", "it is not below 4.2.5, which fixed it; it is not below 5.0.2, which fixed it"),
    ],
)
def test_a_version_that_is_not_affected_is_placed(home: Path, version: str, because: str) -> None:
    found = explained(home, CVE, pypi("django", version))
    first = found.records[0].verdicts[0]
    assert (first.answer, first.because, found.found) == (Answer.NOT_AFFECTED, because, ())


def test_a_package_that_is_not_installed_and_one_of_another_ecosystem(home: Path) -> None:
    found = explained(home, CVE, pypi("flask", "1.0"), zlib("1:1.2.13"))
    said = {verdict.affected.written: verdict for each in found.records for verdict in each.verdicts}
    assert said["PyPI", "Django"].answer is Answer.NOT_INSTALLED
    assert said["PyPI", "Django"].because == "no package django of PyPI is installed"
    assert said["npm", "django"].because == "nothing of npm is installed"
    assert said["Debian:12", "zlib"].answer is Answer.AFFECTED
    assert said["Debian:12", "zlib"].fix_state is FixState.WILL_NOT_FIX


def test_the_same_name_elsewhere_is_named(home: Path) -> None:
    found = explained(home, CVE, pypi("django", "4.1"))
    said = {verdict.affected.written: verdict.because for each in found.records for verdict in each.verdicts}
    assert said["npm", "django"] == "django is installed from PyPI, and this is about that of npm"


def test_a_version_that_cannot_be_compared_is_said(home: Path) -> None:
    found = explained(home, CVE, pypi("django", "unknown"))
    first = found.records[0].verdicts[0]
    assert first.answer is Answer.UNREAD
    assert "not a Python version" in first.because


def test_a_withdrawn_record_is_shown_and_counts_nothing(home: Path) -> None:
    found = explained(home, "GHSA-dddd-eeee-ffff", pypi("flask", "1.0"))
    assert answers(found) == {"GHSA-dddd-eeee-ffff": ["withdrawn"]}
    assert found.found == ()


def test_an_unknown_id_has_no_record_and_the_data_are_dated(home: Path) -> None:
    found = explained(home, "CVE-1999-1", pypi("flask", "1.0"))
    assert (found.records, found.found) == ((), ())
    assert [each.ecosystem for each in found.holdings] == ["PyPI"]
    missing = explained(home, CVE, Package(name="a", version="1", ecosystem="Go", purl="pkg:golang/a@1"))
    assert missing.missing == ("Go",)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cve-2026-1000", CVE),
        (" CVE-2026-1000 ", CVE),
        ("ghsa-AAAA-bbbb-CCCC", "GHSA-aaaa-bbbb-cccc"),
        ("GO-2024-1", "GO-2024-1"),
    ],
)
def test_ids_are_understood_however_they_are_typed(typed: str, expected: str) -> None:
    assert spelling(typed) == expected


def ask(home: Path, *words: str, **env: str) -> Result:
    runner = CliRunner(env={"SCANGATE_HOME": str(home), "COLUMNS": "200", **env})
    return runner.invoke(command, words, standalone_mode=False)


def text(result: Result) -> str:
    assert result.exception is None, result.exception
    assert not result.return_value
    return " ".join(result.output.split())


def test_a_package_is_explained_in_words(home: Path) -> None:
    said = text(ask(home, "cve-2026-1000", "--package", "pkg:pypi/django@4.1"))
    assert "CVE-2026-1000 affects pkg:pypi/django@4.1 (1 packages):" in said
    assert "upgrade to 4.2.5" in said
    assert "GHSA-aaaa-bbbb-cccc (modified 2026-01-02T03:04:05Z): A hole in templates" in said
    assert "below fixed 4.2.5" in said
    assert "Data: PyPI, 1 records as of" in said


def test_known_exploitation_and_its_likelihood_are_told(home: Path) -> None:
    with closing(sqlite3.connect(home / FILE)) as connection:
        connection.execute("INSERT INTO kev VALUES (?, '2026-01-05', '2026-01-26', 1)", (CVE,))
        connection.execute("INSERT INTO epss VALUES (?, 0.4213, 0.97)", (CVE,))
        connection.commit()
    said = text(ask(home, "GHSA-aaaa-bbbb-cccc", "--package", "pkg:pypi/django@4.1"))
    assert (
        "Known to be exploited, and in ransomware campaigns: CVE-2026-1000 is on CISA's list since 2026-01-05." in said
    )
    assert "EPSS of CVE-2026-1000: 42.13% within 30 days, higher than 97% of all." in said


def test_that_it_is_not_affected_is_explained_in_words(home: Path) -> None:
    said = text(ask(home, CVE, "--package", "pkg:pypi/django@5.1"))
    assert "is not found in pkg:pypi/django@5.1 (1 packages): 5.1 is installed; it is not below" in said
    assert "record was withdrawn" in text(ask(home, "GHSA-dddd-eeee-ffff", "--package", "pkg:pypi/flask@1.0"))
    assert "no record of it is held" in text(ask(home, "CVE-1999-1", "--package", "pkg:pypi/flask@1.0"))


def test_a_package_of_a_distribution_is_asked_by_its_release(home: Path) -> None:
    said = text(ask(home, CVE, "--package", "pkg:deb/debian/zlib1g@1.2.13?distro=debian-12&upstream=zlib"))
    assert "there will be no fix" in said


def test_an_image_is_read_and_its_file_named(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rootfs"
    metadata = folder / "usr/lib/python3/site-packages/Django-4.1.dist-info/METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: Django\nVersion: 4.1\n")
    said = text(ask(home, CVE, "--image", f"rootfs:{folder}"))
    assert "CVE-2026-1000 affects" in said
    assert "Django-4.1.dist-info/METADATA" in said


def test_what_a_record_says_cannot_steer_the_terminal(home: Path, tmp_path: Path) -> None:
    hostile = record("X-1", entry("PyPI", "a", "introduced 0"), summary="\x1b[2J\u202eevil [red]markup[/red]\x07")
    write_zip(tmp_path / "other" / "PyPI" / "all.zip", hostile)
    sync(str(tmp_path / "other"), tmp_path / "second")
    result = ask(tmp_path / "second", "X-1", "--package", "pkg:pypi/a@1.0")
    assert "[red]markup[/red]" in result.output
    assert not {"\x1b", "\u202e", "\x07"} & set(result.output)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--image", "rootfs:.", "--package", "pkg:pypi/a@1"),
        ("--package", "no purl"),
        ("--package", "pkg:pypi/a"),
        ("--package", "pkg:deb/debian/zlib1g@1.2.13"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(home: Path, words: tuple[str, ...]) -> None:
    result = ask(home, CVE, *words)
    assert isinstance(result.exception, UsageError)
    assert result.exception.advice


def test_without_advisories_it_says_how_to_fetch_them(tmp_path: Path) -> None:
    result = ask(tmp_path / "nothing", CVE, "--package", "pkg:pypi/a@1")
    assert isinstance(result.exception, ScangateError)
    assert "scangate advisories sync" in result.exception.advice


def test_a_target_of_the_config_is_looked_up(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rootfs/usr/lib/python3/site-packages/a-1.dist-info").mkdir(parents=True)
    config: dict[str, Any] = {"version": 1, "targets": [{"id": "web", "image": "rootfs:rootfs"}]}
    (tmp_path / "scangate.yml").write_text(json.dumps(config))
    monkeypatch.chdir(tmp_path)
    assert "is not found in" in text(ask(home, CVE, "--target", "web"))
    result = ask(home, CVE, "--target", "nobody")
    assert isinstance(result.exception, UsageError)
    assert result.exception.advice == "these it has: web"
