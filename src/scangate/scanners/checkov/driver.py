"""Runs checkov in the engine's own interpreter, never in ours, and gives an account of what it really parsed.

    python -I driver.py ARGUMENTS.json      (a list of arguments for checkov)

Standard output is one JSON object: `reports` (checkov's own, less what nobody reads), `parsed` (framework to file to
number of definitions), `failed` (framework to the error that ended it) and `modules` (Terraform's, not at hand).

The checks run in one process, one framework after another: a framework that crashes or is killed cannot be mistaken for
one that found nothing, and it is faster than checkov's own way, a process for each. Only the standard library here.
"""

import gc
import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

FORBIDDEN: Final = ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.sendto", "socket.sendmsg")
PROGRAMS: Final = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.startfile", "pty.spawn")
KEPT: Final = (
    "check_id",
    "check_name",
    "file_path",
    "file_abs_path",
    "file_line_range",
    "resource",
    "check_class",
    "caller_file_path",
    "guideline",
    "severity",
    "details",
)
FAULTS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a framework may end with and the others go on. Anything else ends the whole run, and that is said too."""
NO_MODULE: Final = "Failed to download module "


def main(argv: list[str]) -> int:
    """Scan as `argv` says. Answers 0 once every framework was asked, whatever was found; else checkov's own code."""
    answer, sys.stdout = sys.stdout, sys.stderr  # so that nothing but our JSON is on standard output
    sys.addaudithook(_stay_inside)
    sys.argv = ["checkov"]
    modules: set[str] = set()
    failed: dict[str, str] = {}
    logging.disable(logging.INFO)  # checkov formats every debug line for a log nobody sees: a quarter of its time
    engine = importlib.import_module("checkov.main")
    logging.getLogger().addHandler(_Listener(modules))
    importlib.import_module(
        "checkov.secrets.utils"
    ).EXCLUDED_PATHS.clear()  # matched anywhere in the path: `x.github.io`
    empty = importlib.import_module("checkov.common.output.report").Report
    for runner in engine.DEFAULT_RUNNERS:
        runner.run = _contained(runner, failed, empty)
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    scan = engine.Checkov(argv=argv)
    if code := scan.run():
        return int(code)
    account = {
        "reports": [_slim(report) for report in scan.scan_reports],
        "parsed": {runner.check_type: found for runner in scan.runners if (found := _parsed(runner))},
        "failed": failed,
        "modules": sorted(modules),
    }
    json.dump(account, answer, default=str)
    answer.flush()
    return 0


def _stay_inside(event: str, _args: tuple[Any, ...]) -> None:
    """An audit hook cannot be taken off again: no connection, no name looked up, no program started."""
    if event.startswith((*FORBIDDEN, *PROGRAMS)):
        raise PermissionError(f"{event} is not allowed while scanning")


class _Listener(logging.Handler):
    def __init__(self, modules: set[str]) -> None:
        super().__init__(logging.WARNING)
        self.modules = modules

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith(NO_MODULE):
            self.modules.add(text.removeprefix(NO_MODULE).split(" (for external", 1)[0])


def _contained(runner: Any, failed: dict[str, str], empty: Callable[[str], Any]) -> Callable[..., Any]:
    run = runner.run

    def contained(*args: Any, **kwargs: Any) -> Any:
        try:
            report = run(*args, **kwargs)
        except FAULTS as error:
            logging.getLogger(__name__).exception("%s", runner.check_type)
            failed[runner.check_type] = f"{type(error).__name__}: {error}"[:300]
            return empty(runner.check_type)
        if report is None:
            failed[runner.check_type] = "it gave no report"
            return empty(runner.check_type)
        return report

    return contained


def _slim(report: Any) -> dict[str, Any]:
    """Drop what nobody reads: of a passed check its file is enough; code blocks and values may hold secrets."""
    return {
        "check_type": report.check_type,
        "results": {
            "passed_checks": [
                {"file_abs_path": path} for path in sorted({r.file_abs_path for r in report.passed_checks})
            ],
            "failed_checks": _records(report.failed_checks),
            "skipped_checks": _records(report.skipped_checks),
            "parsing_errors": sorted(map(os.fspath, report.parsing_errors)),
        },
        "summary": report.get_summary(),
    }


def _records(records: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {name: getattr(record, name, None) for name in KEPT}
        | {"check_result": {name: record.check_result.get(name) for name in ("evaluated_keys", "suppress_comment")}}
        for record in records
    ]


def _parsed(runner: Any) -> dict[str, int]:
    """Files the framework has definitions of. A key is a path, an object with one, or a path below the folder."""
    definitions = getattr(runner, "definitions", None) or {}
    folder = str(getattr(runner, "root_folder", None) or "")
    found = {}
    for key, value in definitions.items():
        path = str(getattr(key, "file_path", key))
        if folder and not path.startswith(folder):
            path = folder + path
        if value:
            found[path] = len(value) if isinstance(value, list) else 1
    return dict(sorted(found.items()))


if __name__ == "__main__":
    sys.exit(main(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
