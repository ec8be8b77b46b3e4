"""Laws of identity: what makes two sightings one finding, and what never does."""

import itertools
import random
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import RULES, TODAY, finding, findings, law
from scangate.core.identity import fingerprint, normalise, preference
from scangate.core.model import Confidence, Cvss, Evidence, Finding, Fix, Location, Severity

LISTS = st.lists(findings, max_size=6)
IDENTITY = {"rule", "target", "subject"}
OTHER = {
    "title": "another",
    "severity": Severity.LOW,
    "severity_source": "another",
    "location": Location(path="x.tf", line=7),
    "message": "another",
    "seen_by": ("another",),
    "help_uri": "https://example.com/another",
    "fix": Fix(summary="another"),
    "aliases": ("GHSA-another",),
    "cvss": Cvss(score=1.0, vector="another"),
    "cwes": ("CWE-1",),
    "confidence": Confidence.POTENTIAL,
    "evidence": (Evidence(source="another"),),
    "epss": 0.1,
    "known_exploited": True,
    "published": TODAY,
}


def components(group: list[Finding]) -> dict[str, set[str]]:
    """Every id with all it is linked to, by repeated union: slow and plain."""
    sets = [{each.rule, *each.aliases} for each in group]
    changed = True
    while changed:
        changed = False
        for one, other in itertools.permutations(sets, 2):
            if one & other and one != other:
                one.update(other)
                other.update(one)
                changed = True
    return {name: one for one in sets for name in one}


def test_the_table_of_what_does_not_count_is_complete() -> None:
    assert set(OTHER) | IDENTITY == {each.name for each in fields(Finding)}


@pytest.mark.parametrize("name", OTHER)
def test_nothing_but_rule_target_and_subject_changes_the_fingerprint(name: str) -> None:
    assert fingerprint(replace(finding(), **{name: OTHER[name]})) == fingerprint(finding())


@pytest.mark.parametrize("name", sorted(IDENTITY))
def test_rule_target_and_subject_do(name: str) -> None:
    assert fingerprint(replace(finding(), **{name: "another"})) != fingerprint(finding())


@law
@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=2, max_size=2, unique=True))
def test_different_words_never_share_a_fingerprint(pair: list[tuple[str, str, str]]) -> None:
    one, other = (fingerprint(finding(rule=rule, target=target, subject=subject)) for rule, target, subject in pair)
    assert one != other


def test_words_that_run_into_each_other_stay_apart() -> None:
    assert fingerprint(finding(rule="a", target="bc")) != fingerprint(finding(rule="ab", target="c"))
    assert fingerprint(finding(rule='a", "b', target="c")) != fingerprint(finding(rule="a", target='b", "c'))


def test_a_fingerprint_is_the_same_for_ever() -> None:
    expected = "4b0425fdfab881af15208cc2"
    assert fingerprint(finding())[:24] == expected


@law
@given(LISTS)
def test_normalise_is_idempotent(group: list[Finding]) -> None:
    once = normalise(group)
    assert normalise(once) == once


@law
@given(LISTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(group: list[Finding], chance: random.Random) -> None:
    shuffled = list(group)
    chance.shuffle(shuffled)
    assert normalise(shuffled) == normalise(group)


@law
@given(LISTS)
def test_seeing_everything_twice_changes_nothing(group: list[Finding]) -> None:
    assert normalise(group + group) == normalise(group)


@law
@given(LISTS)
def test_identities_are_unique_and_sorted_worst_first_within_a_target(group: list[Finding]) -> None:
    merged = normalise(group)
    keys = [(each.target, -each.severity, each.rule, each.subject) for each in merged]
    assert keys == sorted(keys)
    assert len({fingerprint(each) for each in merged}) == len(merged)


@law
@given(LISTS)
def test_nothing_is_lost(group: list[Finding]) -> None:
    merged = normalise(group)
    for each in group:
        assert any(
            (each.target, each.subject) == (one.target, one.subject) and each.rule in {one.rule, *one.aliases}
            for one in merged
        )


@law
@given(LISTS)
def test_targets_and_subjects_never_merge(group: list[Finding]) -> None:
    places = {(each.target, each.subject) for each in group}
    assert {(each.target, each.subject) for each in normalise(group)} == places


@law
@given(LISTS)
def test_two_cves_never_merge(group: list[Finding]) -> None:
    cves = {(each.rule, each.target, each.subject) for each in group if each.rule.startswith("CVE-")}
    assert cves <= {(each.rule, each.target, each.subject) for each in normalise(group)}


@law
@given(LISTS)
def test_a_canonical_id_is_one_that_somebody_linked(group: list[Finding]) -> None:
    linked = components(group)
    for one in normalise(group):
        assert any(
            one.rule in linked[each.rule] and (each.target, each.subject) == (one.target, one.subject) for each in group
        )


@law
@given(LISTS)
def test_where_only_one_cve_is_linked_everything_has_its_id(group: list[Finding]) -> None:
    linked = components(group)
    wanted = set()
    for each in group:
        cves = [name for name in linked[each.rule] if name.startswith("CVE-")]
        if len(cves) == 1:
            wanted.add((cves[0], each.target, each.subject))
        elif not cves:
            wanted.add((min(linked[each.rule], key=preference), each.target, each.subject))
    assert wanted <= {(each.rule, each.target, each.subject) for each in normalise(group)}


@law
@given(
    st.lists(
        st.builds(replace, findings, target=st.just("web"), subject=st.just("x"), rule=st.just(RULES[0])),
        min_size=1,
        max_size=5,
    )
)
def test_merging_keeps_everything_that_was_said(group: list[Finding]) -> None:
    (one,) = normalise(group)
    assert one.severity == max(each.severity for each in group)
    assert one.severity_source in {each.severity_source for each in group if each.severity == one.severity}
    assert one.confidence == max(each.confidence for each in group)
    assert set(one.seen_by) == {name for each in group for name in each.seen_by}
    assert set(one.cwes) == {name for each in group for name in each.cwes}
    assert set(one.evidence) == {fact for each in group for fact in each.evidence}
    assert set(one.aliases) == {name for each in group for name in each.aliases} - {one.rule}
    assert one.fix in {each.fix for each in group}
    assert (one.fix is None) == all(each.fix is None for each in group)
    assert one.known_exploited == max(
        (each.known_exploited for each in group if each.known_exploited is not None), default=None
    )
    assert one.epss == max((each.epss for each in group if each.epss is not None), default=None)
    assert one.published == min((each.published for each in group if each.published), default=None)
    assert one.cvss == max((each.cvss for each in group if each.cvss), default=None)
    assert bool(one.location.path) == any(each.location.path for each in group)


def test_aliases_are_closed_over_chains_of_tools() -> None:
    merged = normalise(
        (
            finding(rule="PYSEC-2024-1", aliases=("GHSA-aaaa",), seen_by=("one",)),
            finding(rule="GHSA-aaaa", aliases=("CVE-2024-0001",), target="infra", seen_by=("two",)),
            finding(rule="CVE-2024-0001", seen_by=("three",)),
        )
    )
    assert [(each.rule, each.target, each.seen_by) for each in merged] == [
        ("CVE-2024-0001", "infra", ("two",)),
        ("CVE-2024-0001", "web", ("one", "three")),
    ]
    assert merged[1].aliases == ("GHSA-aaaa", "PYSEC-2024-1")


def test_an_advisory_about_two_cves_merges_neither_with_the_other() -> None:
    merged = normalise(
        (
            finding(rule="GHSA-aaaa", aliases=("CVE-2024-0001", "CVE-2023-0002")),
            finding(rule="CVE-2024-0001"),
            finding(rule="CVE-2023-0002"),
        )
    )
    assert [each.rule for each in merged] == ["CVE-2023-0002", "CVE-2024-0001"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("CVE-2024-0001", "GHSA-aaaa"),
        ("GHSA-zzzz", "PYSEC-2020-1"),
        ("PYSEC-2024-1", "DSA-1"),
        ("CVE-2019-99999", "CVE-2020-0001"),
        ("CVE-2020-9999", "CVE-2020-10000"),
        ("CVE-1", "GHSA-a"),
    ],
)
def test_the_id_that_everybody_knows_is_preferred(better: str, worse: str) -> None:
    assert sorted((worse, better), key=preference) == [better, worse]
