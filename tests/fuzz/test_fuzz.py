"""Every parser survives a few hundred mutations of each of its kinds of input; `make fuzz` tries 20,000."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import Target, attack, targets

INPUTS = 300


@pytest.mark.parametrize("target", targets(), ids=lambda each: each.name)
def test_a_parser_survives_hostile_input(target: Target) -> None:
    attack(target, INPUTS)
