"""A policy: from a file, or shipped with scangate as `builtin:NAME`."""

import hashlib
from pathlib import Path
from typing import Any, Final

from scangate.config.build import converter
from scangate.config.document import Document, read
from scangate.config.repository import find_root, within
from scangate.config.validation import shipped, suggest, validate
from scangate.core.model import PolicyRef
from scangate.core.policy import Match, Policy, Rule
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
    if source.startswith(BUILTIN) or (name in known and not (folder / name).exists()):
        if name not in known:
            advice = suggest(name, list(known)) or f"shipped are {', '.join(known)}"
            raise UsageError(f"there is no policy builtin:{name}", advice=advice)
        return _build(read(_SHIPPED / f"{name}.yml", f"{BUILTIN}{name}"))
    if not (folder / source).is_file():
        advice = f"name a file, or one of {', '.join(BUILTIN + each for each in known)}"
        raise UsageError(f"{source}: there is no such policy file", advice=advice)
    return _build(read(folder / source, within(find_root(folder), folder / source)))


def _build(document: Document) -> Policy:
    validate(document, shipped("policy"))
    data: dict[str, Any] = dict(document.data)
    rules = converter().structure(data.get("rules", []), tuple[Rule, ...])
    if problems := _unreachable(document, rules):
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


def _unreachable(document: Document, rules: tuple[Rule, ...]) -> tuple[Problem, ...]:
    """A rule nobody can reach, or two of one name, are mistakes that no reader of the verdict could see."""
    problems, names, catch_all = [], set(), ""
    for index, rule in enumerate(rules):
        if rule.name in names:
            problems.append(document.problem(("rules", index, "name"), f"a rule {rule.name} stands above already"))
        if catch_all:
            problems.append(
                document.problem(
                    ("rules", index),
                    f"rule {rule.name} is never reached",
                    f"rule {catch_all} above it matches everything: move it to the end",
                )
            )
        names.add(rule.name)
        catch_all = catch_all or (rule.name if rule.when == Match() else "")
    return tuple(problems)
