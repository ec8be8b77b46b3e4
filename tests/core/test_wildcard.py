import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.core.wildcard import matches

FEW = st.text("ab*.[?\\\n", max_size=12)


def reference(text: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, re.split(r"\*+", pattern))), text, re.DOTALL) is not None


@given(FEW, FEW)
def test_a_star_stands_for_any_text_and_nothing_else_is_special(text: str, pattern: str) -> None:
    # A text without stars: in a pattern they are special, in a text they are letters.
    text = text.replace("*", "")
    assert matches(text, pattern) == reference(text, pattern)


@given(st.text(), st.text(), st.text())
def test_what_a_star_replaces_still_matches(before: str, middle: str, after: str) -> None:
    pattern = f"{before}*{after}"
    assert matches(before + middle + after, pattern)
    assert matches(pattern, pattern)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("", "", True),
        ("", "*", True),
        ("a", "", False),
        ("aba", "ab*ba", False),  # the two ends may not share a letter
        ("abba", "ab*ba", True),
        ("CVE-2024-1", "cve-*", False),
        ("pkg:npm/[x]", "pkg:npm/[x]", True),
        ("pkg:npm/x", "pkg:npm/[x]", False),
        ("abcbc", "a*bc", True),
        ("two\nlines", "two*lines", True),
    ],
)
def test_examples(text: str, pattern: str, expected: bool) -> None:
    assert matches(text, pattern) is expected


@pytest.mark.parametrize(
    "pattern", ["*" * 1000, "*a" * 500, "a*" * 500 + "b", "*" + "a*" * 100 + "b*" * 100, "*a" * 50 + "*b"]
)
def test_hostile_patterns_are_fast_on_hostile_texts(pattern: str) -> None:
    begun = time.monotonic()
    for _ in range(100):
        matches("a" * 4000, pattern)
    assert time.monotonic() - begun < 5
