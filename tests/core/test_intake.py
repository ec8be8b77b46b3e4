"""What a plugin hands over is what the model says, or is refused."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given

from builders import ITEMS, finding, findings, law
from scangate.core.intake import admit
from scangate.core.model import Asked, Cvss, Data, Evidence, Finding, Item, Location, Severity
from scangate.core.text import clean_all


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_every_type_of_item_is_admitted(item: Item) -> None:
    assert admit(item) == item


@law
@given(findings)
def test_every_finding_is_admitted_and_cleaned(one: Finding) -> None:
    assert admit(one) == clean_all(one)
    assert hash(admit(one)) == hash(clean_all(one))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"severity": "high"}, "Finding.severity: expected Severity, not 'high'"),
        ({"severity": 4}, "expected Severity"),
        ({"aliases": ["GHSA-x"]}, "expected a tuple"),
        ({"aliases": ("x", 1)}, "expected str, not 1"),
        ({"rule": None}, "Finding.rule: expected str, not None"),
        ({"location": None}, "expected Location"),
        ({"location": Location(line=-1)}, "Location.line: expected int, not -1"),
        ({"location": Location(line=True)}, "expected int, not True"),
        ({"cvss": Cvss(score=float("nan"), vector="")}, "Cvss.score: expected float, not nan"),
        ({"cvss": Cvss(score=float("inf"), vector="")}, "expected float, not inf"),
        ({"cvss": Cvss(score="9.8", vector="")}, "expected float, not '9.8'"),  # type: ignore[arg-type]
        ({"epss": -0.1}, "expected float, not -0.1"),
        ({"epss": 10**400}, "expected float"),
        ({"known_exploited": "yes"}, "expected bool, not 'yes'"),
        ({"published": datetime(2024, 1, 1)}, "expected date"),  # noqa: DTZ001 - the point is that it is wrong
        ({"published": "2024-01-01"}, "expected date, not '2024-01-01'"),
        ({"evidence": (Evidence(source="x", facts=(("a",),)),)}, "expected 2 of them, not 1"),  # type: ignore[arg-type]
        ({"evidence": ("x",)}, "expected Evidence, not 'x'"),
        ({"fix": "upgrade"}, "expected Fix, not 'upgrade'"),
        ({"seen_by": "nmap"}, "expected a tuple, not 'nmap'"),
    ],
)
def test_a_finding_of_other_types_is_refused_with_the_place(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError) as caught:
        admit(replace(finding(), **changes))
    assert words in str(caught.value)


@pytest.mark.parametrize("item", [{}, None, "text", 1, Asked, Severity.HIGH, object(), ("x",)])
def test_what_is_no_item_is_refused(item: object) -> None:
    with pytest.raises(TypeError, match="is not an item of the model"):
        admit(item)


@pytest.mark.parametrize(
    "item",
    [Asked(unit="x", count=-1), Asked(unit="x", count=2**53), Asked(unit=1, count=1), Data(name="x", as_of=0)],  # type: ignore[arg-type]
)
def test_other_items_are_checked_too(item: object) -> None:
    with pytest.raises(TypeError):
        admit(item)


def test_numbers_that_are_whole_may_stand_for_others() -> None:
    assert admit(finding(epss=1)).epss == 1
    assert admit(Data(name="x", as_of=date(2024, 1, 1))).as_of == date(2024, 1, 1)
    assert admit(Data(name="x", as_of=None)).as_of is None


def test_a_subclass_is_not_the_type() -> None:
    class More(Finding):
        pass

    with pytest.raises(TypeError):
        admit(More(**{name: getattr(finding(), name) for name in Finding.__dataclass_fields__}))
