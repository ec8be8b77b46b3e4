"""Every rule there is, by what it looks at. A new one is a function and an entry of its file's table."""

from collections.abc import Mapping
from typing import Final

from scangate.linting.rules import azure, descriptors, identity, log, messages, places, results, runs, severity
from scangate.linting.rules.rule import AZURE, GITHUB, GITLAB, RECEIVERS, Effect, Rule

RULES: Final[tuple[Rule, ...]] = (
    *log.RULES,
    *runs.RULES,
    *descriptors.RULES,
    *severity.RULES,
    *results.RULES,
    *messages.RULES,
    *places.RULES,
    *identity.RULES,
    *azure.RULES,
)
FLAWS: Final[Mapping[str, Mapping[str, tuple[Effect, str]]]] = {
    "not-json": dict.fromkeys(RECEIVERS, (Effect.REJECTED, "SARIF is a JSON object.")),
    "not-utf-8": dict.fromkeys(RECEIVERS, (Effect.REJECTED, "JSON is exchanged in UTF-8 (RFC 8259, section 8.1).")),
    "byte-order-mark": {
        GITHUB: (Effect.REJECTED, "The upload action reads it as a character before the JSON, and gives up."),
        GITLAB: (Effect.REJECTED, "JSON must not begin with one (RFC 8259, section 8.1)."),
        AZURE: (Effect.POOR, "JSON must not begin with one (RFC 8259, section 8.1)."),
    },
}
"""What can be wrong with the bytes of a file; document.py finds it."""
