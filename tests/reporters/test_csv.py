"""CSV: RFC 4180, and nothing in it that a spreadsheet computes."""

import csv
import io
from dataclasses import replace

import pytest

from scangate.core.model import Action, Report
from scangate.reporters import Screen, csv_table
from scangate.reporters.csv_table import COLUMNS, Csv

from .hostile import TEXTS, poisoned
from .recorded import as_recorded
from .sample import CURL, decision, empty, large, sample

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",  # noqa: RUF001 - the full-width sign
    '=HYPERLINK("https://evil.example";"x")',
    " =1",
)


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Csv().render(report, Screen()), newline=""), strict=True))


def test_it_is_written_as_recorded() -> None:
    assert as_recorded("scangate.csv", Csv().render(sample(), Screen()))


def test_every_decision_and_every_gap_is_a_row() -> None:
    found = rows(sample())
    assert [each["kind"] for each in found].count("finding") == len(sample().decisions)
    assert [each["kind"] for each in found].count("gap") == 3
    assert {each["group"] for each in found} == {"blocking", "warned", "accepted", "waived", "fixed"}
    assert len(rows(empty())) == 1


@pytest.mark.parametrize("text", [*TEXTS, *FORMULAS, '",=1+1,"', '"\r\n=1+1'])
def test_no_cell_is_a_formula_and_no_row_breaks(text: str) -> None:
    written = Csv().render(poisoned(text), Screen())
    found = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert {len(row) for row in found} == {len(COLUMNS)}
    assert not [cell for row in found for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))]  # noqa: RUF001
    assert all(line.endswith(b"\r\n") for line in written.encode().splitlines(keepends=True))
    assert not written.startswith("\ufeff")


def test_a_harmless_text_is_kept_as_it_is() -> None:
    (row,) = [
        each
        for each in rows(replace(sample(), decisions=(decision(replace(CURL, title='a "b", c'), Action.FAIL),)))
        if each["kind"] == "finding"
    ]
    assert row["title"] == 'a "b", c'
    assert row["cvss"] == "9.8"


def test_state_is_told_only_against_a_baseline() -> None:
    assert {each["state"] for each in rows(replace(sample(), baseline=""))} == {""}
    assert {each["state"] for each in rows(sample())} == {"", "new", "unchanged", "fixed"}


def test_more_than_a_spreadsheet_takes_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "MOST", 100)
    found = rows(large(1_000))
    assert len(found) == 100
    assert found[-1]["message"] == "Not in this table: 904 more, see result.json"
