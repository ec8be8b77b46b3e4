"""CVSS vectors and the words of databases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.advisories.severity import cvss, ratings
from scangate.core.model import Cvss, Severity

V2 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
V30 = "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H"
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


@pytest.mark.parametrize(
    ("vector", "score", "severity", "basis"),
    [
        # Scores from the FIRST calculators.
        (V2, 7.5, Severity.HIGH, "CVSS 2.0"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0, Severity.HIGH, "CVSS 2.0"),
        ("AV:L/AC:H/Au:M/C:N/I:N/A:P", 0.8, Severity.LOW, "CVSS 2.0"),
        (V30, 8.1, Severity.HIGH, "CVSS 3.0"),
        (V31, 9.8, Severity.CRITICAL, "CVSS 3.1"),
        (f"{V31}/E:U/RL:O", 9.8, Severity.CRITICAL, "CVSS 3.1"),
        ("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", 1.8, Severity.LOW, "CVSS 3.1"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", 5.3, Severity.MEDIUM, "CVSS 3.1"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, Severity.INFO, "CVSS 3.1"),
        (V4, 9.3, Severity.CRITICAL, "CVSS 4.0"),
    ],
)
def test_a_vector_is_rated_by_its_base_score(vector: str, score: float, severity: Severity, basis: str) -> None:
    rating = cvss(vector)
    assert rating
    assert (rating.cvss, rating.severity, rating.basis) == (Cvss(score=score, vector=vector), severity, basis)


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "7.5",
        "CVSS:3.1",
        "CVSS:3.1/",
        "CVSS:5.0/AV:N",
        "CVSS:3.1/AV:X",
        f"{V31}/AV:N",
        "CVSS:9.9/AV:N/AC:L",
        V31 * 10,
        "AV:N",
    ],
)
def test_what_is_no_vector_is_no_rating(vector: str) -> None:
    assert cvss(vector) is None


@given(st.text(max_size=60) | st.text("CVSS:/.ANLPRUIHS0123", max_size=60).map(lambda tail: f"CVSS:3.1/{tail}"))
def test_any_text_is_a_rating_or_none(text: str) -> None:
    rating = cvss(text)
    assert rating is None or rating.cvss


@pytest.mark.parametrize(
    ("holder", "severity"),
    [
        ({"database_specific": {"severity": "MODERATE"}}, Severity.MEDIUM),
        ({"database_specific": {"severity": "Critical"}}, Severity.CRITICAL),
        ({"ecosystem_specific": {"urgency": "unimportant"}}, Severity.INFO),
        ({"ecosystem_specific": {"urgency": "low"}}, Severity.LOW),
        ({"severity": [{"type": "Ubuntu", "score": "negligible"}]}, Severity.INFO),
        ({"severity": [{"type": "Ubuntu", "score": "high"}]}, Severity.HIGH),
    ],
)
def test_the_words_of_databases_are_understood(holder: dict[str, object], severity: Severity) -> None:
    assert [(each.severity, each.basis, each.cvss) for each in ratings(holder)] == [
        (severity, "database severity", None)
    ]


@pytest.mark.parametrize(
    "holder",
    [
        {},
        {"database_specific": {"severity": "Unknown"}},
        {"ecosystem_specific": {"urgency": "not yet assigned"}},
        {"database_specific": None, "severity": None},
        {"database_specific": [], "severity": {}},
        {"severity": [None, 7, {"type": "CVSS_V3"}, {"score": 9.8}]},
        {"database_specific": {"severity": ["HIGH"]}},
    ],
)
def test_what_says_nothing_is_no_opinion(holder: dict[str, object]) -> None:
    assert ratings(holder) == ()


def test_a_cvss_of_today_outweighs_an_old_one_and_that_a_word() -> None:
    found = ratings(
        {
            "severity": [
                {"type": "CVSS_V2", "score": V2},
                {"type": "CVSS_V3", "score": V30},
                {"type": "CVSS_V4", "score": V4},
            ],
            "database_specific": {"severity": "CRITICAL"},
        }
    )
    assert [each.basis for each in sorted(found, key=lambda each: each.weight)] == [
        "database severity",
        "CVSS 2.0",
        "CVSS 3.0",
        "CVSS 4.0",
    ]
