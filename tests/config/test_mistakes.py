"""What people read when they made a mistake: every one of them at once, with place, expectation and suggestion.

data/config-*.yml and data/policy-*.yml are the mistakes; what is said about each stands in the .txt beside it.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scangate.config import Flags, load
from scangate.config.policies import load_policy
from scangate.errors import ConfigError

DATA = Path(__file__).parent / "data"
FLAGS = Flags(config="mistaken.yml")
TOP_PORTS = {"type": "integer", "minimum": 1, "description": "How many."}
SCANNERS: dict[str, Any] = {
    "nmap": SimpleNamespace(
        summary="ports", timeout=600.0, options={"type": "object", "properties": {"top_ports": TOP_PORTS}}
    )
}


def said_about(text: str, folder: Path, *, policy: bool = False) -> str:
    (folder / "mistaken.yml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_policy("mistaken.yml", folder) if policy else load(FLAGS, SCANNERS, cwd=folder, environ={})
    return f"{caught.value}\n"


@pytest.mark.parametrize("path", sorted(DATA.glob("*.yml")), ids=lambda path: path.stem)
def test_all_that_is_wrong_is_said(path: Path, tmp_path: Path) -> None:
    said = said_about(path.read_text(), tmp_path, policy=path.stem.startswith("policy-"))
    assert said == path.with_suffix(".txt").read_text()


def test_a_thousand_mistakes_are_not_all_said(tmp_path: Path) -> None:
    said = said_about("version: 1\ntargets:\n" + "  - x\n" * 900, tmp_path)
    assert len(said.splitlines()) == 100


def test_long_values_are_not_repeated_whole(tmp_path: Path) -> None:
    text = f"version: 1\njobs: {'x' * 5000}\n{'k' * 5000}: 1\ntargets: [{{id: a, path: .}}]\n"
    assert len(said_about(text, tmp_path)) < 500
