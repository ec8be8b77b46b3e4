"""Records as they are published, and as they must not be."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from osv_records import dump, entry, record

from scangate.advisories.osv import Advisory, Affected, Event, parse
from scangate.core.model import Severity

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = """
aliases affected severity references database_specific ecosystem_specific withdrawn modified
published summary details upstream related package ranges versions events type ecosystem name score
url cwe_ids introduced fixed
"""


def test_a_whole_record_becomes_a_typed_row() -> None:
    raw = record(
        "GHSA-aaaa-bbbb-cccc",
        entry(
            "PyPI", "Some.Package", "introduced 0, fixed 1.2", "introduced 2.0a1, last_affected 2.3", versions=("1.0",)
        ),
        published="2025-12-31T23:59:59Z",
        aliases=["PYSEC-2025-1", "CVE-2025-1234"],
        upstream=["CVE-2025-1234"],
        related=["CVE-2024-9999"],
        summary="Something is wrong",
        details="At length.",
        severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        database_specific={"severity": "CRITICAL", "cwe_ids": ["CWE-79", "nonsense", 7]},
        references=[
            {"type": "WEB", "url": "https://web.example/"},
            {"type": "ADVISORY", "url": "https://adv.example/"},
        ],
    )
    advisory = parse(dump(raw))
    assert advisory.id == "GHSA-aaaa-bbbb-cccc"
    assert advisory.aliases == ("CVE-2025-1234", "PYSEC-2025-1")
    assert advisory.names == {"GHSA-aaaa-bbbb-cccc", "CVE-2025-1234", "PYSEC-2025-1"}
    assert advisory.related == ("CVE-2024-9999",)
    assert (advisory.published, advisory.modified) == (date(2025, 12, 31), "2026-01-02T03:04:05Z")
    assert (advisory.summary, advisory.details) == ("Something is wrong", "At length.")
    assert advisory.cwes == ("CWE-79",)
    assert advisory.help_uri == "https://adv.example/"
    assert [(each.severity, each.basis) for each in advisory.ratings] == [
        (Severity.CRITICAL, "CVSS 3.1"),
        (Severity.CRITICAL, "database severity"),
    ]
    assert not advisory.withdrawn
    assert advisory.affected == (
        Affected(
            ecosystem="PyPI",
            package="some-package",
            ranges=(
                (Event(kind="introduced", version="0"), Event(kind="fixed", version="1.2")),
                (Event(kind="introduced", version="2.0a1"), Event(kind="last_affected", version="2.3")),
            ),
            versions=("1.0",),
            written=("PyPI", "Some.Package"),
        ),
    )
    assert advisory.unusable == ()


def test_ranges_over_commits_are_left_aside_without_complaint() -> None:
    git = {"type": "GIT", "repo": "https://r.example", "events": [{"introduced": "0"}, {"fixed": "abc"}]}
    both = entry("PyPI", "a", "introduced 0") | {"ranges": [git, *entry("PyPI", "a", "introduced 1")["ranges"]]}
    advisory = parse(dump(record("X-1", both, {"ranges": [git]})))
    assert [each.ranges for each in advisory.affected] == [((Event(kind="introduced", version="1"),),)]
    assert advisory.unusable == ()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry("PyPI", "a", "introduced 0, fixed 2019-09-12"), "not a Python version"),
        (entry("PyPI", "a", "fixed 1.0"), "no `introduced`"),
        (entry("PyPI", "a", "introduced 0, mended 1"), "unknown event `mended`"),
        (entry("Debian:12", "a", "introduced latest"), "not a Debian version"),
        (entry("npm", "a\n", "introduced 0"), "no usable name"),
        (entry("npm", "a" * 1000, "introduced 0"), "no usable name"),
        ({"package": {"ecosystem": "npm"}, "ranges": []}, "name"),
        ({"package": "npm/a"}, "affected[0]"),
        ({"package": {"ecosystem": "npm", "name": "a"}, "ranges": [{"type": "SEMVER"}]}, "events"),
        ({"package": {"ecosystem": "npm", "name": "a"}, "ranges": 7}, "affected[0]"),
        (
            entry("npm", "a") | {"ranges": [{"type": "SEMVER", "events": [{"introduced": 0}]}]},
            "no usable name or version",
        ),
    ],
)
def test_what_cannot_be_used_is_left_out_with_its_reason(bad: object, reason: str) -> None:
    advisory = parse(dump(record("X-1", bad, entry("npm", "good", "introduced 0"))))
    assert [each.package for each in advisory.affected] == ["good"]
    assert len(advisory.unusable) == 1
    assert reason in advisory.unusable[0]


def test_a_list_of_versions_outlives_a_range_that_cannot_be_used() -> None:
    advisory = parse(dump(record("X-1", entry("PyPI", "a", "introduced 0, fixed soon", versions=("1.0",)))))
    assert [(each.ranges, each.versions) for each in advisory.affected] == [((), ("1.0",))]
    assert advisory.unusable


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe\xfa", "no JSON"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "usable `id`"),
        (b"null", "usable `id`"),
        (b"{}", "usable `id`"),
        (b'{"id": 7}', "usable `id`"),
        (b'{"id": "a/b"}', "usable `id`"),
        (b'{"id": "\\ud800"}', "usable `id`"),
        (b'{"id": "X-1", "affected": {}, "x": 1}', None),
        (b'{"id": "X-1", "affected": {"a": 1}}', "no list"),
    ],
)
def test_a_malformed_record_is_a_value_error(raw: bytes, reason: str | None) -> None:
    if reason is None:
        assert parse(raw).affected == ()
        return
    with pytest.raises(ValueError, match=reason):
        parse(raw)


def test_a_withdrawn_record_says_so() -> None:
    assert parse(dump(record("X-1", withdrawn="2026-01-01T00:00:00Z"))).withdrawn


@pytest.mark.parametrize("when", ["", "soon", "0001-01-01T00:00:00Z", "2024-13-01T00:00:00Z", None, 7])
def test_a_date_that_says_nothing_is_none(when: object) -> None:
    assert parse(dump(record("X-1", published=when))).published is None


@pytest.mark.parametrize(
    "url",
    [
        "http://plain.example/",
        "javascript:alert(1)",
        "https:///x",
        "https://a b/",
        "https://[",
        "https://é.example/",
        7,
    ],
)
def test_only_an_https_reference_is_a_help_uri(url: object) -> None:
    assert parse(dump(record("X-1", references=[{"type": "ADVISORY", "url": url}]))).help_uri == ""


@given(
    document=st.dictionaries(
        st.sampled_from(FIELDS.split()),
        JSON | st.lists(st.dictionaries(st.sampled_from(FIELDS.split()), JSON)),
        max_size=6,
    )
)
def test_any_json_is_an_advisory_or_a_value_error(document: dict[str, object]) -> None:
    try:
        assert isinstance(parse(json.dumps(document | {"id": "X-1"}).encode()), Advisory)
    except ValueError:
        assert not isinstance(document.get("affected") or [], list)


@given(raw=st.binary(max_size=40))
def test_any_bytes_are_an_advisory_or_a_value_error(raw: bytes) -> None:
    try:
        assert isinstance(parse(raw), Advisory)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either is right
