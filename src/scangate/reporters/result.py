"""result.json: the whole report, and the way back without loss. `result.schema.json` beside this file describes it.

Everything that is not printable ASCII is escaped, so the text is safe to print and no byte of it depends on a locale.
"""

import json
from typing import Any, Final, NoReturn

from scangate import __version__
from scangate.core.model import Report
from scangate.core.text import clean
from scangate.errors import UsageError
from scangate.reporters import Screen
from scangate.reporters.outline import inert

SCHEMA: Final = "scangate-result/1"
MAX_SIZE: Final = 512 * 2**20
"""Bytes (of a text: characters) that are read."""
_SHOWN_ERRORS: Final = 5
_ADVICE: Final = "write the file anew with this version of scangate"


class Result:
    """The whole report, for judging it again, for baselines and for programs."""

    name = "result"
    summary = "the whole report as JSON, readable again by scangate (result.schema.json)"

    def render(self, report: Report, screen: Screen) -> str:
        from scangate.reporters.conversion import converter

        del screen
        document = {"schema": SCHEMA, "scangate": __version__, **converter().unstructure(report)}
        return inert(json.dumps(document, indent=1, allow_nan=False)) + "\n"


def read(text: str | bytes, source: str) -> Report:
    """Build the report that a result.json holds. `source` names the file in errors.

    Raises UsageError: too large, not JSON, not a result of ours, another version, or a value that the schema forbids.
    """
    document = _parse(text, source)
    schema = document.pop("schema", None) if isinstance(document, dict) else None
    if not isinstance(schema, str) or not schema.startswith("scangate-result/"):
        _refuse(source, f'it does not say "schema": "{SCHEMA}", so it is no result of scangate')
    if schema != SCHEMA:
        _refuse(source, f"its format is {clean(schema, 60)}, and this scangate {__version__} reads {SCHEMA}")
    if not isinstance(document.pop("scangate", None), str):
        _refuse(source, 'expected the version that wrote it, as in "0.1.0" @ $.scangate')
    return _structure(document, source)


def _parse(text: str | bytes, source: str) -> Any:
    if len(text) > MAX_SIZE:
        _refuse(source, f"it is larger than {MAX_SIZE >> 20} MiB")
    try:
        return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text, parse_constant=_not_a_number)
    except RecursionError:
        _refuse(source, "it is nested too deeply")
    except ValueError as error:  # also what is not UTF-8, and numbers of thousands of digits
        _refuse(source, f"it is not JSON: {clean(str(error), 200)}")


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


def _structure(document: dict[str, Any], source: str) -> Report:
    from cattrs import ClassValidationError, transform_error

    from scangate.reporters.conversion import converter

    try:
        return converter().structure(document, Report)
    except ClassValidationError as error:
        mistakes = [clean(each, 300) for each in transform_error(error, "$", _explain)]
        more = len(mistakes) - _SHOWN_ERRORS
        shown = mistakes[:_SHOWN_ERRORS] + [f"and {more:,} more"] * (more > 0)
        _refuse(source, "\n  ".join((f"it breaks the schema of {SCHEMA}:", *shown)))


def _explain(error: BaseException, _kind: type | None) -> str:
    """Say one mistake; cattrs adds the place."""
    from cattrs.errors import ForbiddenExtraKeysError

    if isinstance(error, ForbiddenExtraKeysError):
        return f"unknown fields: {', '.join(sorted(error.extra_fields))}"
    if isinstance(error, KeyError):
        return "a required field is missing"
    return str(error)


def _refuse(source: str, why: str, advice: str = _ADVICE) -> NoReturn:
    raise UsageError(f"{source} cannot be read: {why}", advice=advice) from None
