from datetime import date

import pytest

from scangate.inventory.end_of_life import _table, end_of_life
from scangate.inventory.os_release import parse

TODAY = date(2026, 11, 21)


def ended(text, today=TODAY):
    return end_of_life(parse(text), today)


@pytest.mark.parametrize(
    ("text", "last", "extended", "covered"),
    [
        ("ID=debian\nVERSION_ID=10", date(2022, 9, 10), date(2024, 6, 30), False),
        ("ID=debian\nVERSION_ID=12", date(2026, 7, 11), date(2028, 6, 30), True),
        ('ID=ubuntu\nVERSION_ID="18.04"', date(2023, 5, 31), date(2028, 4, 26), True),
        ('ID=ubuntu\nVERSION_ID="23.10"', date(2024, 7, 11), None, False),
        ("ID=alpine\nVERSION_ID=3.15.4", date(2023, 11, 1), None, False),
        ('ID="rhel"\nVERSION_ID="7.9"', date(2024, 6, 30), date(2028, 6, 30), True),
        ('NAME="CentOS Linux"\nID="centos"\nVERSION_ID="8"', date(2021, 12, 31), None, False),
        ('NAME="CentOS Stream"\nID="centos"\nVERSION_ID="8"', date(2024, 5, 31), None, False),
        ('ID="sles"\nVERSION_ID="15"', date(2019, 12, 31), date(2022, 12, 31), False),
        ('ID="sles"\nVERSION_ID="15.5"', date(2024, 12, 31), date(2027, 12, 31), True),
        ('ID="opensuse-leap"\nVERSION_ID="15.6"', date(2026, 4, 30), None, False),
        ("ID=fedora\nVERSION_ID=40", date(2025, 5, 13), None, False),
        ('ID="amzn"\nVERSION_ID="2018.03"', date(2020, 12, 31), date(2023, 12, 31), False),
        ('VERSION="22.03 (LTS-SP3)"\nID="openEuler"\nVERSION_ID="22.03"', date(2025, 12, 31), None, False),
    ],
)
def test_a_release_past_its_end_says_when_that_was(text, last, extended, covered):
    found = ended(text)
    assert (found.ended, found.extended, found.covered) == (last, extended, covered)
    assert found.source
    assert bool(found.by) == bool(extended)


@pytest.mark.parametrize(
    "text",
    [
        "ID=debian\nVERSION_ID=13",
        "ID=debian\nVERSION_CODENAME=forky",
        'ID=ubuntu\nVERSION_ID="24.04"',
        "ID=alpine\nVERSION_ID=3.22.1",
        "ID=alpine\nVERSION_ID=3.21.0_alpha20240807",
        'ID="rhel"\nVERSION_ID="9.3"',
        'ID="sles"\nVERSION_ID="15.9"',
        "ID=wolfi\nVERSION_ID=20230201",
        "ID=unheard-of\nVERSION_ID=1",
        "",
    ],
)
def test_a_release_that_lasts_or_is_not_known_says_nothing(text):
    assert ended(text) is None


def test_the_last_day_still_counts():
    text = "ID=debian\nVERSION_ID=12"
    assert ended(text, date(2026, 7, 11)) is None
    assert ended(text, date(2026, 7, 12))
    assert ended(text, date(2028, 6, 30)).covered
    assert not ended(text, date(2028, 7, 1)).covered


def test_a_release_that_the_table_does_not_have_may_say_it_itself():
    text = "ID=unheard-of\nVERSION_ID=1\nSUPPORT_END=2025-01-31"
    found = ended(text)
    assert (found.ended, found.source) == (date(2025, 1, 31), "os-release")
    assert ended(text, date(2025, 1, 31)) is None


def test_every_row_of_the_table_holds_together():
    for (name, release), (ends, extended, by, source) in _table().items():
        assert extended is None or extended > ends, (name, release)
        assert bool(by) == (extended is not None), (name, release)
        assert source, (name, release)
        assert date(2014, 1, 1) < ends < date(2040, 1, 1), (name, release)
