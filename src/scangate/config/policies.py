"""A policy: from a file, or shipped with scangate as `builtin:NAME`."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from scangate.config.build import converter
from scangate.config.document import Document, read
from scangate.config.repository import exists, find_root, is_file, within
from scangate.config.validation import shipped, suggest, validate
from scangate.core.model import PolicyRef
from scangate.core.policy import Match, Policy, Rule
from scangate.core.wildcard import matches
from scangate.errors import ConfigError, Problem, UsageError

BUILTIN: Final = "builtin:"
_SHIPPED: Final = Path(__file__).parent.parent / "policies"


def builtin_names() -> tuple[str, ...]:
    """The policies shipped with scangate."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yml")))


def load_policy(source: str, folder: Path) -> Policy:
    """Load `builtin:NAME`, a bare shipped NAME, or a file relative to `folder`. Raises UsageError or ConfigError."""
    name = source.removeprefix(BUILTIN)
    known = builtin_names()
    if source.startswith(BUILTIN) or (name in known and not exists(folder / name)):
        if name not in known:
            advice = suggest(name, list(known)) or f"shipped are {', '.join(known)}"
            raise UsageError(f"there is no policy builtin:{name}", advice=advice)
        return _build(read(_SHIPPED / f"{name}.yml", f"{BUILTIN}{name}"))
    if not is_file(folder / source):
        advice = f"name a file, or one of {', '.join(BUILTIN + each for each in known)}"
        raise UsageError(f"{source}: there is no such policy file", advice=advice)
    return _build(read(folder / source, within(find_root(folder), folder / source)))


def _build(document: Document) -> Policy:
    validate(document, shipped("policy"))
    data: dict[str, Any] = dict(document.data)
    rules = converter().structure(data.get("rules", []), tuple[Rule, ...])
    if problems := tuple(_unreachable(document, rules)):
        raise ConfigError(problems)
    settings = {
        key: data[key]
        for key in ("optional", "unknown_severity", "minimum_coverage", "max_data_age_days")
        if key in data
    }
    ref = PolicyRef(name=data["name"], source=document.file, digest=hashlib.sha256(document.text.encode()).hexdigest())
    return converter().structure(
        {**settings, "ref": converter().unstructure(ref), "rules": data["rules"], "waivers": data.get("waivers", [])},
        Policy,
    )


def _unreachable(document: Document, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """A rule nobody can reach, or two of one name, are mistakes that no reader of the verdict could see."""
    for index, rule in enumerate(rules):
        above = rules[:index]
        if any(each.name == rule.name for each in above):
            yield document.problem(("rules", index, "name"), f"a rule {rule.name} stands above already")
        if wider := next((each for each in above if _is_wider(each.when, rule.when)), None):
            yield document.problem(
                ("rules", index),
                f"rule {rule.name} is never reached",
                f"rule {wider.name} above it matches everything that it matches: change their order",
            )


def _is_wider(wide: Match, narrow: Match) -> bool:
    """Whether every finding that `narrow` matches, `wide` matches too, as far as their clauses tell."""
    return all(_follows(getattr(narrow, each.name), getattr(wide, each.name)) for each in fields(Match))


def _follows(narrow: Any, wide: Any) -> bool:
    if wide is None or narrow is None:
        return wide is None
    if isinstance(wide, tuple):  # as a text, a pattern is one of those it stands for
        return all(any(matches(text, pattern) for pattern in wide) for text in narrow)
    if isinstance(wide, bool | str):
        return bool(narrow == wide)
    return bool(narrow >= wide)  # at least, over
