"""The table of severities is facts: complete for the pinned version, reviewable, and never a guess."""

import re

import pytest

from scangate.core.model import Severity
from scangate.scanners.checkov.severity import TABLE, rate, table

ROWS = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]


def order(check: str) -> tuple[str, str, int]:
    kind, provider, number = re.fullmatch(r"(CKV\d?)_(\w+)_(\d+)", check).groups()  # type: ignore[union-attr]
    return provider, kind, int(number)


def test_there_is_one_well_formed_row_per_check_in_order():
    checks = [row[0] for row in ROWS]
    assert len(set(checks)) == len(checks) > 1400
    assert checks == sorted(checks, key=order)
    assert {row[1] for row in ROWS} <= {"unknown", "info", "low", "medium", "high", "critical"}
    assert {len(row) for row in ROWS} <= {2, 3}
    assert TABLE.read_text().endswith("\n")


def test_it_says_where_the_facts_come_from():
    header = "".join(line for line in TABLE.read_text().splitlines() if line.startswith("#"))
    assert "Prisma Cloud" in header


def test_it_agrees_with_the_published_facts(shared):
    facts = dict(line.split("\t") for line in (shared / "checkov" / "severity.tsv").read_text().splitlines()[1:])
    for check, severity in table().items():
        assert severity.name.lower() == facts.get(check, "unknown"), check
    left = facts.keys() - table().keys()
    assert {re.sub(r"\d+$", "", check) for check in left} <= {
        "CKV3_SAST_",
        "CKV_AWS_CUSTOM_",
        "CKV_AZURE_CUSTOM_",
        "CKV_GCP_CUSTOM_",
    }


@pytest.mark.parametrize(
    ("check", "said", "severity", "source"),
    [
        ("CKV_AWS_41", None, Severity.HIGH, "scangate's checkov table"),
        ("CKV_AWS_18", None, Severity.INFO, "scangate's checkov table"),
        ("CKV_AWS_18", "critical", Severity.CRITICAL, "checkov"),
        ("CKV_AWS_18", "NONE", Severity.INFO, "scangate's checkov table"),
        ("CKV_GHA_1", None, Severity.UNKNOWN, "not in scangate's table"),
        ("CKV_NEW_1", None, Severity.UNKNOWN, "not in scangate's table"),
        ("CKV_NEW_1", "", Severity.UNKNOWN, "not in scangate's table"),
    ],
)
def test_a_check_is_rated_by_checkov_then_by_the_table_then_not(check, said, severity, source):
    assert rate(check, said) == (severity, source)
