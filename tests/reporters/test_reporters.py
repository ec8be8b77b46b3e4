"""What every reporter promises, whatever it writes."""

import subprocess
import sys
import time
import unicodedata
from dataclasses import replace

import pytest

from scangate.core.model import Report
from scangate.reporters import Reporter, Screen
from scangate.reporters.console import Console
from scangate.reporters.markdown import Markdown
from scangate.reporters.result import Result
from scangate.reporters.sarif import FullSarif, GitHubSarif

from .hostile import TEXTS, poisoned
from .sample import empty, large, passing, sample

REPORTERS: tuple[Reporter, ...] = (Console(), Markdown(), Result(), GitHubSarif(), FullSarif())
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
ALL = pytest.mark.parametrize("reporter", REPORTERS, ids=lambda each: each.name)


@ALL
@pytest.mark.parametrize("report", [sample(), passing(), empty()], ids=["sample", "passing", "empty"])
def test_the_same_report_gives_the_same_text_with_one_newline_at_the_end(reporter: Reporter, report: Report) -> None:
    text = reporter.render(report, Screen())
    assert text == reporter.render(replace(report), Screen())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@ALL
def test_no_text_brings_hidden_characters_or_commands_into_the_output(reporter: Reporter) -> None:
    for hostile in TEXTS:
        text = reporter.render(poisoned(hostile), Screen(width=100))
        assert {unicodedata.category(each) for each in set(text) - {"\n", "\ufe0f"}}.isdisjoint(HIDDEN)
        assert "##[" not in text
        assert "##vso[" not in text
        assert not any(each.lstrip().startswith("::") for each in text.splitlines())
        text.encode()


@ALL
def test_a_large_report_is_rendered_before_patience_ends(reporter: Reporter) -> None:
    report = large(6_000)
    started = time.monotonic()
    reporter.render(report, Screen())
    assert time.monotonic() - started < 60


def test_importing_the_reporters_imports_nothing_heavy() -> None:
    code = """
import sys
import scangate.reporters.console, scangate.reporters.markdown, scangate.reporters.result, scangate.reporters.sarif
print(sorted({"attr", "cattrs", "jsonschema", "rich", "sarif_om", "sqlite3"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
