"""From checkov's JSON to an answer. Pure: the same code reads what our driver wrote and a report made elsewhere."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from scangate.core.model import Finding
from scangate.errors import ScanError
from scangate.scanners.checkov.finding import Place, Record, Spot, absolute, make, spot

_FOREIGN: Final = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a report says. The last three only our driver knows.

    `files`: paths with a result, as checkov has them; `errors`: those it could not parse; `skips`: file to the checks
    its author switched off; `parsed`: framework to absolute path to number of definitions.
    """

    findings: tuple[Finding, ...] = ()
    skips: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    frameworks: frozenset[str] = frozenset()
    parsed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()


def parse(output: bytes, *, target: str, place: Place = _FOREIGN, heed_skips: bool = True) -> Answer:
    """Read our driver's account, or checkov's output: a report, a list of them, or the bare counts of a clean one.

    `heed_skips`: a check that a comment in the file switches off is no finding. Raises ScanError if it is neither.
    """
    try:
        document = json.loads(output)
    except (ValueError, RecursionError) as error:
        what = f"what is not JSON, or was cut off ({error})" if output.strip() else "no output"
        raise ScanError(f"checkov gave {what}", advice="run it again; if it stays, report it") from error
    try:
        return _answer(document, target, place, heed_skips=heed_skips)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ScanError(
            f"checkov gave JSON that is not a checkov report ({type(error).__name__}: {error})",
            advice="give the output of `checkov --output json`",
        ) from error


def _answer(document: Any, target: str, place: Place, *, heed_skips: bool) -> Answer:
    account = document if isinstance(document, dict) and "reports" in document else {"reports": document}
    reports = account["reports"] if isinstance(account["reports"], list) else [account["reports"]]
    results = [(str(report["check_type"]), report["results"]) for report in reports if not _is_bare(report)]
    passed, failed, skipped = (
        [(kind, record) for kind, result in results for record in result.get(f"{name}_checks", ())]
        for name in ("passed", "failed", "skipped")
    )
    return Answer(
        findings=tuple(_findings(failed if heed_skips else failed + skipped, target, place)),
        skips=_skips(skipped, place) if heed_skips else {},
        files=frozenset(absolute(record) for kind, record in passed + failed + skipped if kind != "secrets"),
        errors=frozenset(str(path) for _, result in results for path in result.get("parsing_errors", ())),
        frameworks=frozenset(kind for kind, _ in results),
        parsed={kind: {path: int(n) for path, n in files.items()} for kind, files in account.get("parsed", {}).items()},
        failed={kind: str(why) for kind, why in account.get("failed", {}).items()},
        modules=tuple(sorted(map(str, account.get("modules", ())))),
    )


def _is_bare(report: Mapping[str, Any]) -> bool:
    """Whether these are the bare counts that checkov gives when no framework found anything to check."""
    return "check_type" not in report and report["passed"] == report["failed"] == 0


def _findings(records: Iterable[tuple[str, Record]], target: str, place: Place) -> Iterator[Finding]:
    """Make one finding per check, file, resource and place in it, in a stable order.

    What has the same name in the same file (two RUN lines, two unnamed tasks) is told apart by order, not by lines.
    """
    alike: dict[tuple[str, str, str], dict[Spot, list[tuple[str, Record]]]] = defaultdict(dict)
    for kind, record in records:
        at = spot(kind, record, place)
        alike[at.check, at.path, at.resource].setdefault(at, []).append((kind, record))
    for _, spots in sorted(alike.items()):
        for number, at in enumerate(sorted(spots, key=lambda at: at.lines), start=1):
            resource = at.resource if number == 1 else f"{at.resource} ({number})".strip()
            yield make(replace(at, resource=resource), spots[at], target, place)


def _skips(records: Iterable[tuple[str, Record]], place: Place) -> dict[str, tuple[str, ...]]:
    checks: dict[str, set[str]] = defaultdict(set)
    for kind, record in records:
        at = spot(kind, record, place)
        checks[at.path].add(at.check)
    return {path: tuple(sorted(ids)) for path, ids in sorted(checks.items())}
