"""GitHub's hash of a line, against recordings of its own code and against an implementation that follows the prose."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.reporters.sarif.line_hash import line_hashes

# Recorded on 2026-11-22: src/fingerprints.ts of codeql-action (commit 0225834) run by node 20 on texts of ours.
RECORDED = [json.loads(row) for row in (Path(__file__).parent / "line_hashes.jsonl").read_text().splitlines()]


def by_the_book(text: str) -> dict[int, str]:
    """The definition, without a rolling window: hash the hundred units from each line's start on."""
    text = text.replace("\r\n", "\n") if "\r " not in text and "\r\t" not in text else text
    units = [unit for unit in memoryview(text.encode("utf-16-le")).cast("H").tolist() if unit not in (9, 32)]
    units = [10 if unit == 13 else unit for unit in units]
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == 10)]
    padded = [*units, 65535, *[0] * 100]
    seen: dict[int, int] = {}
    found = {}
    for line, start in enumerate(starts, 1):
        value = 0
        for unit in padded[start : start + 100]:
            value = (value * 37 + unit) % 2**64
        seen[value] = seen.get(value, 0) + 1
        found[line] = f"{value:x}:{seen[value]}"
    return found


@pytest.mark.parametrize("case", RECORDED, ids=[each["name"] for each in RECORDED])
def test_hashes_are_those_that_github_computes(case: dict[str, Any]) -> None:
    hashes = line_hashes(case["text"])
    assert {number: hashes[int(number)] for number in case["hashes"]} == case["hashes"]


@given(st.text(st.sampled_from("ab\n {}é字🧑"), max_size=400))
def test_any_text_is_hashed_as_the_definition_says(text: str) -> None:
    assert dict(line_hashes(text)) == by_the_book(text)


def test_every_line_has_a_hash_of_its_own_even_when_lines_are_equal() -> None:
    hashes = line_hashes("x\n" * 500)
    assert len(set(hashes.values())) == len(hashes) == 501


def test_a_line_keeps_its_hash_when_lines_are_added_above_or_blanks_change() -> None:
    chance = random.Random(5)
    lines = ["".join(chance.choices("abcdef", k=120)) for _ in range(5)]
    before = line_hashes("\n".join(lines))
    after = line_hashes("\n".join(["new", "", *(f"\t{each} " for each in lines)]))
    assert [after[number + 2] for number in before] == list(before.values())
