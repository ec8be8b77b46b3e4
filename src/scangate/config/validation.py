"""JSON Schema speaks to the user: every mistake at once, each with its place, what was expected, and a suggestion."""

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

import jsonschema

from scangate.config.document import MAX_PROBLEMS, Document
from scangate.errors import ConfigError, Problem

_FOLDER: Final = Path(__file__).parent
_SHOWN: Final = 60


@cache
def shipped(name: str) -> Mapping[str, Any]:
    """One of the schemas that lie beside this file: `config` or `policy`."""
    schema: Mapping[str, Any] = json.loads((_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def validate(document: Document, schema: Mapping[str, Any]) -> None:
    """Raise ConfigError with every violation."""
    validator = jsonschema.Draft7Validator(schema, format_checker=_FORMATS)
    found = (problem for error in validator.iter_errors(document.data) for problem in _problems(document, error))
    if problems := tuple(islice(found, MAX_PROBLEMS)):
        raise ConfigError(problems)


def suggest(word: str, known: Iterator[str] | list[str]) -> str:
    """Ask "did you mean", or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def _problems(document: Document, error: jsonschema.ValidationError) -> Iterator[Problem]:
    place = tuple(error.absolute_path)
    schema: Any = error.schema
    if error.validator == "oneOf" and schema.get("type") == "object" and not isinstance(error.instance, dict):
        return  # that it is no mapping is said already
    if error.validator in {"oneOf", "anyOf"} and (branch := _nearest(error)):
        for inner in branch:
            yield from _problems(document, inner)
    elif error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        given: Any = error.instance
        for key in given:
            if key not in known:
                advice = suggest(key, known) or f"known here: {', '.join(known) or 'nothing'}"
                yield document.problem((*place, key), "this key is not known", advice)
    elif error.validator == "required":
        key = re.sub(r"^'(.*?)' is a required.*", r"\1", error.message)
        yield document.problem(place, f"{key} is missing", _description(schema, key))
    else:
        yield document.problem(place, _message(error), str(schema.get("description", "")))


def _nearest(error: jsonschema.ValidationError) -> list[jsonschema.ValidationError]:
    """The violations of the one alternative that the value was meant for, if that is plain."""
    branches: dict[int, list[jsonschema.ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    meant = [group for group in branches.values() if all(inner.validator != "type" or inner.path for inner in group)]
    return meant[0] if len(meant) == 1 else []


def _message(error: jsonschema.ValidationError) -> str:
    wanted: Any = error.validator_value
    given = _show(error.instance)
    words: Mapping[str, Callable[[], str]] = {
        "type": lambda: f"expected {_types(wanted)}, not {given}",
        "enum": lambda: _choice(error.instance, wanted),
        "const": lambda: f"expected {_show(wanted)}, not {given}",
        "minimum": lambda: f"expected at least {wanted}, not {given}",
        "maximum": lambda: f"expected at most {wanted}, not {given}",
        "exclusiveMinimum": lambda: f"expected more than {wanted}, not {given}",
        "pattern": lambda: f"{given} does not have the form that is expected here",
        "format": lambda: f"expected {_format(wanted)}, not {given}",
        "minItems": lambda: f"expected at least {wanted} of them",
        "minLength": lambda: (
            f"expected at least {wanted} characters, not {given}" if error.instance else "expected some text"
        ),
        "maxLength": lambda: f"expected at most {wanted} characters",
        "minProperties": lambda: f"expected at least {wanted} of its keys",
        "uniqueItems": lambda: "the same value stands here twice",
        "oneOf": lambda: _alternatives(error),
    }
    name = str(error.validator)
    return words[name]() if name in words else error.message[:300]


def _alternatives(error: jsonschema.ValidationError) -> str:
    branches: Any = error.validator_value
    each = [inner for branch in branches for inner in branch.get("anyOf", [branch])]
    named = [inner["required"][0] for inner in each if inner.get("required")]
    if named and isinstance(error.instance, dict):
        given = [name for name in named if name in error.instance]
        return f"expected exactly one of {', '.join(named)}: " + (
            f"{' and '.join(given)} are given" if given else "none is given"
        )
    return f"{_show(error.instance)} is none of the things that are expected here"


def _choice(given: object, wanted: list[object]) -> str:
    choices = ", ".join(map(str, wanted))
    hint = suggest(given, [str(each) for each in wanted]) if isinstance(given, str) else ""
    return f"expected one of {choices}, not {_show(given)}" + (f"; {hint}" if hint else "")


def _types(wanted: str | list[str]) -> str:
    names = {"object": "a mapping", "array": "a list", "string": "text", "null": "nothing"}
    names |= {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
    return " or ".join(names.get(each, each) for each in ([wanted] if isinstance(wanted, str) else wanted))


def _format(name: str) -> str:
    return {"date": "a date like 2026-12-31"}.get(name, name)


def _description(schema: Mapping[str, Any], key: str) -> str:
    return str(schema.get("properties", {}).get(key, {}).get("description", ""))


def _show(value: object) -> str:
    text = "nothing" if value is None else repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_FORMATS: Final = jsonschema.FormatChecker(formats=("date",))
