"""What users see, as files a reviewer can read.

After a wanted change: SCANGATE_RENEW_GOLDEN=1 pytest tests/reporters/test_golden.py, and read the difference.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scangate.reporters import Reporter, Screen, markdown, result
from scangate.reporters.console import Console, page
from scangate.reporters.markdown import Markdown
from scangate.reporters.result import Result
from scangate.reporters.sarif import FullSarif, GitHubSarif, log

from .sample import sample

FOLDER = Path(__file__).parent / "golden"


def same(text: str) -> str:
    return text


def spread(text: str) -> str:
    """SARIF is written in one line; a reviewer reads it in many."""
    return json.dumps(json.loads(text), indent=1) + "\n"


CASES: dict[str, tuple[Reporter, int, Callable[[str], str]]] = {
    "result.json": (Result(), 100, same),
    "scangate.sarif": (GitHubSarif(), 100, spread),
    "scangate-full.sarif": (FullSarif(), 100, spread),
    "report.md": (Markdown(), 100, same),
    "console-80.txt": (Console(), 80, same),
    "console-120.txt": (Console(), 120, same),
}


@pytest.fixture(autouse=True)
def release(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release must not change what is compared."""
    for module in (result, markdown, log, page):
        monkeypatch.setattr(module, "__version__", "1.2.3")


@pytest.mark.parametrize("name", CASES)
def test_the_sample_is_rendered_as_recorded(name: str) -> None:
    reporter, width, form = CASES[name]
    text = reporter.render(sample(), Screen(width=width))
    assert text == reporter.render(sample(), Screen(width=width))
    golden = FOLDER / name
    if os.environ.get("SCANGATE_RENEW_GOLDEN"):
        golden.write_text(form(text))
    assert form(text) == golden.read_text()
