"""The configuration: what to scan, with what, judged by which policy, and where each value came from.

Precedence: flag > environment > file > default.
"""

import copy
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scangate.config.document import Document, read
from scangate.config.precedence import Chooser, Setting
from scangate.config.repository import find_root, is_file, real, within
from scangate.config.scope import scope_of
from scangate.config.targets import from_command_line, from_document
from scangate.config.validation import shipped, validate
from scangate.core.model import Target
from scangate.core.scope import Scope
from scangate.errors import UsageError
from scangate.home import home
from scangate.scanners import Scanner

FILE: Final = "scangate.yml"
DEFAULT_POLICY: Final = "builtin:baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSettings:
    """What the config says about one scanner. `timeout` is in seconds for one target; None leaves it to the scanner."""

    enabled: bool = True
    timeout: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that one run needs to know. `policy` is a source for `load_policy`, relative to `policy_folder`."""

    root: Path
    home: Path
    targets: tuple[Target, ...]
    policy: str
    policy_folder: Path
    scanners: Mapping[str, ScannerSettings]
    jobs: int
    settings: tuple[Setting, ...]
    notes: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)

    def settings_of(self, scanner: str) -> ScannerSettings:
        return self.scanners.get(scanner, ScannerSettings())


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What the command line said; None is not said. `words` are targets."""

    config: str | None = None
    policy: str | None = None
    jobs: int | None = None
    words: tuple[str, ...] = ()


def load(flags: Flags, scanners: Mapping[str, Scanner], *, cwd: Path, environ: Mapping[str, str]) -> Config:
    """Put the configuration together. Raises UsageError or ConfigError, the latter with every mistake at once."""
    document, folder = _document(flags, scanners, cwd, environ)
    root = find_root(folder)
    choose = Chooser(document, environ)
    policy = choose("policy", flags.policy, "--policy", "SCANGATE_POLICY", DEFAULT_POLICY)
    jobs = choose("jobs", flags.jobs, "--jobs", "SCANGATE_JOBS", min(8, (os.cpu_count() or 1) * 2))
    scope = scope_of(document)
    declared, notes = from_document(document, root, folder) if document else ((), ())
    targets = from_command_line(flags.words, root, cwd) if flags.words else declared
    if document and flags.words:
        notes = (f"targets were named on the command line: those of {document.file} were not scanned",)
    return Config(
        root=root,
        home=home(),
        targets=targets,
        policy=policy,
        policy_folder=folder if choose.is_from_file("policy") else cwd,
        scanners=_scanners(document),
        jobs=_jobs(jobs, choose.origin("jobs")),
        settings=(*choose.settings, *_other_settings(document, environ, flags, targets)),
        notes=notes,
        scope=scope,
    )


def config_schema(scanners: Mapping[str, Scanner]) -> Mapping[str, Any]:
    """The schema of scangate.yml, with the options of every scanner that is installed."""
    schema = copy.deepcopy(dict(shipped("config")))
    schema["properties"]["scanners"]["properties"] = {
        name: {
            "type": "object",
            "additionalProperties": False,
            "description": scanner.summary,
            "properties": {
                "enabled": {"type": "boolean", "description": "false switches the scanner off."},
                "timeout": {
                    "type": "integer",
                    "minimum": 1,
                    "description": f"Seconds allowed for one target; {scanner.timeout:g} by default.",
                },
                **scanner.options.get("properties", {}),
            },
        }
        for name, scanner in sorted(scanners.items())
    }
    return schema


def _document(
    flags: Flags, scanners: Mapping[str, Scanner], cwd: Path, environ: Mapping[str, str]
) -> tuple[Document | None, Path]:
    """The config file and its folder. Without one, targets on the command line are enough."""
    chosen = flags.config or environ.get("SCANGATE_CONFIG") or None
    path = cwd / (chosen or FILE)
    if chosen is None and not is_file(path):
        if flags.words:
            return None, cwd
        raise UsageError(
            f"there is no {FILE} here, and no target was named",
            advice="run `scangate init` to write a first one, or name a target: scangate scan path:.",
        )
    if not is_file(path):
        raise UsageError(f"{chosen}: there is no such config file", advice="check the path")
    folder = real(path).parent
    document = read(path, within(find_root(folder), path))
    validate(document, config_schema(scanners))
    return document, folder


def _scanners(document: Document | None) -> Mapping[str, ScannerSettings]:
    found = document.data.get("scanners", {}) if document else {}
    return {
        name: ScannerSettings(
            enabled=data.get("enabled", True),
            timeout=data.get("timeout"),
            options={key: value for key, value in data.items() if key not in {"enabled", "timeout"}},
        )
        for name, data in found.items()
    }


def _other_settings(
    document: Document | None, environ: Mapping[str, str], flags: Flags, targets: tuple[Target, ...]
) -> Iterator[Setting]:
    origin = next(
        (f"environment {name}" for name in ("SCANGATE_HOME", "XDG_DATA_HOME") if environ.get(name)), "default"
    )
    yield Setting(name="home", value=str(home()), origin=origin)
    for key, value in (document.data.get("scope", {}) if document else {}).items():
        yield Setting(name=f"scope.{key}", value=str(value), origin=f"{document.file}:{document.line(('scope', key))}")  # type: ignore[union-attr]
    for name, data in (document.data.get("scanners", {}) if document else {}).items():
        for key, value in data.items():
            line = document.line(("scanners", name, key)) if document else 0
            yield Setting(name=f"scanners.{name}.{key}", value=str(value), origin=f"{document.file}:{line}")  # type: ignore[union-attr]
    for target in targets:
        at = target.declared_at
        where = f"{at.path}:{at.line}" if not flags.words else "command line"
        yield Setting(name=f"targets.{target.id}", value=f"{target.kind}:{target.address}", origin=where)


def _jobs(value: object, origin: str) -> int:
    number = int(str(value)) if re.fullmatch("[0-9]{1,9}", str(value)) else 0
    if not 1 <= number <= 256:  # noqa: PLR2004 - the bounds of the schema
        raise UsageError(f"jobs is {value} ({origin})", advice="expected a whole number from 1 to 256")
    return number
