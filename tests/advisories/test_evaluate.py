"""The OSV evaluation algorithm, by cases and by laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from osv_records import dump, entry, record

from scangate.advisories.evaluate import affected, upgrade
from scangate.advisories.osv import Affected, parse


def row(ecosystem: str, *ranges: str, versions: tuple[str, ...] = ()) -> Affected:
    (found,) = parse(dump(record("X-1", entry(ecosystem, "p", *ranges, versions=versions)))).affected
    return found


CASES = [
    # ecosystem, ranges, version, the fix (None: not affected)
    ("PyPI", ["introduced 0, fixed 1.2"], "1.1", "1.2"),
    ("PyPI", ["introduced 0, fixed 1.2"], "1.2", None),
    ("PyPI", ["introduced 0, fixed 1.2"], "1.2rc1", "1.2"),
    ("PyPI", ["introduced 0, fixed 1.2"], "0.0.0.dev0", "1.2"),
    ("PyPI", ["introduced 0, fixed 1.2"], "1.2.post1", None),
    ("PyPI", ["introduced 0, fixed 1.2"], "1.1+local", "1.2"),
    ("PyPI", ["introduced 1.0"], "99", ""),
    ("PyPI", ["introduced 1.0"], "0.9", None),
    ("PyPI", ["introduced 1.0, last_affected 1.5"], "1.5", ""),
    ("PyPI", ["introduced 1.0, last_affected 1.5"], "1.5.0", ""),
    ("PyPI", ["introduced 1.0, last_affected 1.5"], "1.5.1", None),
    ("PyPI", ["introduced 0, fixed 1.2, introduced 2.0, fixed 2.3"], "2.1", "2.3"),
    ("PyPI", ["introduced 2.0, introduced 0, fixed 2.3, fixed 1.2"], "1.0", "1.2"),
    ("PyPI", ["introduced 0, fixed 1.2, introduced 2.0, fixed 2.3"], "1.5", None),
    ("PyPI", ["introduced 0, fixed 1.2, introduced 2.0"], "2.1", ""),
    ("PyPI", ["introduced 0, last_affected 1.2, introduced 2.0, fixed 2.3"], "1.0", ""),
    ("PyPI", ["introduced 1.0, fixed 1.5, fixed 1.3"], "1.2", "1.3"),
    ("PyPI", ["introduced 2.0, fixed 3.0, introduced 1.0, fixed 2.0"], "2.0", "3.0"),
    ("PyPI", ["introduced 2.0, fixed 3.0, introduced 1.0, fixed 2.0"], "2.5", "3.0"),
    ("PyPI", ["introduced 2.0, fixed 3.0, introduced 1.0, fixed 2.0"], "1.5", "3.0"),
    ("PyPI", ["introduced 1.0, fixed 1.5, fixed 2.0, introduced 2.0, fixed 3.0"], "2.0", "3.0"),
    ("PyPI", ["introduced 2.0, fixed 2.0"], "2.0", None),
    ("PyPI", ["introduced 2.0, fixed 2.0"], "2.5", None),
    ("PyPI", ["introduced 2.0, last_affected 2.0"], "2.0", ""),
    ("PyPI", ["introduced 2.0, last_affected 2.0"], "2.5", None),
    ("PyPI", ["introduced 0, limit 2.0"], "1.0", ""),
    ("PyPI", ["introduced 0, limit 2.0"], "2.0", None),
    ("PyPI", ["introduced 0, limit *"], "9", ""),
    ("PyPI", ["introduced 0, limit 1.0, limit 3.0"], "2.0", ""),
    ("PyPI", ["introduced 0, fixed 1.2", "introduced 2.0, fixed 2.3"], "2.2", "2.3"),
    ("PyPI", ["introduced 0, fixed 1.2", "introduced 0, fixed 1.4"], "1.0", "1.4"),
    ("PyPI", ["introduced 0, fixed 1.2", "introduced 0"], "1.0", ""),
    ("npm", ["introduced 0, fixed 4.17.21"], "4.17.21-beta.1", "4.17.21"),
    ("npm", ["introduced 0.0.0-0, fixed 0.9.0"], "0.0.0-alpha", "0.9.0"),
    ("npm", ["introduced 1.0.0, fixed 2.0.0"], "v1.5", "2.0.0"),
    ("npm", ["introduced 0, fixed 2.0.0"], "2.0.0+build", None),
    ("Debian:12", ["introduced 0, fixed 3.0.13-1~deb12u1"], "3.0.11-1~deb12u2", "3.0.13-1~deb12u1"),
    ("Debian:12", ["introduced 0, fixed 3.0.13-1~deb12u1"], "3.0.13-1~deb12u1", None),
    ("Debian:12", ["introduced 0, fixed 1:1.0-1"], "9.9-1", "1:1.0-1"),
]


@pytest.mark.parametrize(("ecosystem", "ranges", "version", "fix"), CASES)
def test_a_version_is_affected_where_the_specification_says_so(ecosystem, ranges, version, fix) -> None:
    found = affected(version, row(ecosystem, *ranges))
    assert (found.fixed if found else None) == fix


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        ("introduced 0, fixed 1.2, introduced 2.0, fixed 2.3", "2.1", "introduced 2.0, fixed 2.3"),
        ("introduced 0, fixed 1.2", "1.0", "introduced 0, fixed 1.2"),
        ("introduced 1, last_affected 1.5", "1.2", "introduced 1, last affected 1.5"),
        ("introduced 1", "1.2", "introduced 1, not fixed"),
    ],
)
def test_the_range_is_said_in_words(text: str, version: str, expected: str) -> None:
    found = affected(version, row("PyPI", text))
    assert found
    assert found.range == expected


def test_a_listed_version_is_affected_under_any_spelling() -> None:
    listed = row("PyPI", versions=("2004d", "1.0.0"))
    assert affected("1.0", listed)
    assert affected("v1", listed)
    assert affected("2004d", listed), "a version from before PEP 440 is still equal to itself"
    assert affected("1.1", listed) is None


def test_a_listed_version_outside_every_range_is_affected_and_fixed_by_the_next_fix() -> None:
    found = affected("1.0rc1", row("PyPI", "introduced 1.0, fixed 1.4", versions=("1.0rc1", "1.0")))
    assert found
    assert (found.range, found.fixed) == ("listed among the affected versions", "1.4")


@pytest.mark.parametrize("version", ["latest", "", "1..2", "2004d"])
def test_a_version_that_is_none_cannot_be_evaluated(version: str) -> None:
    with pytest.raises(ValueError, match="not a Python version"):
        affected(version, row("PyPI", "introduced 0, fixed 1.2"))


def test_an_ecosystem_without_a_scheme_knows_only_listed_versions() -> None:
    entry_ = row("Android", "introduced 0, fixed 1.2", versions=("1.0",))
    assert affected("1.0", entry_)
    with pytest.raises(ValueError, match="not known"):
        affected("1.1", entry_)


def test_the_upgrade_clears_everything_that_can_be_cleared() -> None:
    rows = [row("PyPI", "introduced 0, fixed 1.2"), row("PyPI", "introduced 0, fixed 1.4"), row("PyPI", "introduced 0")]
    assert upgrade("1.0", rows) == "1.4"
    assert upgrade("1.4", rows) == ""


def test_the_upgrade_does_not_stop_in_another_hole() -> None:
    rows = [row("PyPI", "introduced 0, fixed 1.2"), row("PyPI", "introduced 1.2, fixed 1.3, introduced 2.0, fixed 2.1")]
    assert upgrade("1.0", rows) == "1.3"


VERSIONS = st.integers(1, 30).map(lambda number: f"{number / 10:.1f}")


@st.composite
def entries(draw) -> Affected:
    steps = sorted(draw(st.lists(VERSIONS, min_size=1, max_size=6, unique=True)), key=float)
    kinds = [
        "introduced" if index % 2 == 0 else draw(st.sampled_from(("fixed", "last_affected")))
        for index in range(len(steps))
    ]
    return row("PyPI", ", ".join(f"{kind} {version}" for kind, version in zip(kinds, steps, strict=True)))


@given(entries(), VERSIONS)
def test_the_specification_read_literally_agrees(entry_: Affected, version: str) -> None:
    is_affected = False
    for event in sorted(entry_.ranges[0], key=lambda event: float(event.version)):
        own, at = float(version), float(event.version)
        if event.kind == "introduced" and own >= at:
            is_affected = True
        elif (event.kind == "fixed" and own >= at) or (event.kind == "last_affected" and own > at):
            is_affected = False
    assert bool(affected(version, entry_)) == is_affected


@given(entries(), VERSIONS)
def test_a_fix_is_above_the_version_and_is_not_affected(entry_: Affected, version: str) -> None:
    found = affected(version, entry_)
    if found and found.fixed:
        assert float(found.fixed) > float(version)
        assert affected(found.fixed, entry_) is None


@given(st.lists(entries(), min_size=1, max_size=5), VERSIONS)
def test_nothing_with_a_fix_is_left_after_the_upgrade_and_no_lower_version_would_do(
    rows: list[Affected], version: str
) -> None:
    def open_fixes(at: str) -> bool:
        return any((found := affected(at, each)) and found.fixed for each in rows)

    target = upgrade(version, rows)
    assert bool(target) == open_fixes(version)
    if target:
        assert not open_fixes(target)
        between = (f"{number / 10:.1f}" for number in range(int(float(version) * 10), round(float(target) * 10)))
        assert all(open_fixes(each) for each in between if float(each) >= float(version))
