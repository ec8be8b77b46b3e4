"""Infrastructure code, checked by checkov in an environment of its own. See docs/scanners/checkov.md."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from scangate import engines
from scangate.core.model import Asked, Gap, Item, Kind, Note, Target, Tool
from scangate.engines import Engine, EngineState
from scangate.errors import ScanError, ToolMissingError
from scangate.scanners import Context, Found, Need
from scangate.scanners.checkov import census as counting
from scangate.scanners.checkov import command, coverage
from scangate.scanners.checkov.finding import Place
from scangate.scanners.checkov.frameworks import FRAMEWORKS
from scangate.scanners.checkov.parse import Answer, parse

INSTALL: Final = "scangate engines install checkov"
SHOWN: Final = 10
"""Names listed in one note."""


class Checkov:
    """Terraform, CloudFormation, Kubernetes, Dockerfiles, pipelines and secrets, without the network."""

    name = "checkov"
    summary = "infrastructure code: Terraform, CloudFormation, Kubernetes, Dockerfiles, pipelines, secrets"
    kinds = frozenset({Kind.PATH})
    timeout = 900.0
    options: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "frameworks": {
                "description": "What to look for. All of them unless given.",
                "type": "array",
                "items": {"enum": sorted(FRAMEWORKS)},
                "minItems": 1,
                "uniqueItems": True,
            },
            "skip_paths": {
                "description": "Files and folders to leave out, relative to the target; `**/` is any depth.",
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "uniqueItems": True,
            },
            "inline_skips": {
                "description": "Comments such as `checkov:skip=CKV_AWS_18`: `heed` them, or `ignore` them and report.",
                "enum": ["heed", "ignore"],
                "default": "heed",
            },
        },
    }

    def needs(self) -> tuple[Need, ...]:
        return (Need(name="checkov", install=INSTALL),)

    def find(self, need: Need, home: Path) -> Found | None:
        """Only the engine that scangate pins and installs: the table of severities and the driver fit that version."""
        engine = engines.locate(need.name, home)
        if engine.state is not EngineState.CURRENT:
            return None
        return Found(name=need.name, path=str(engine.python), version=engine.version, digest=engine.digest)

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        """Scan one folder or file. Asked counts files that are plainly infrastructure code, and those with a result."""
        engine = _engine(ctx.home)
        base = _base(target, ctx)
        place = Place(root=str(ctx.root.resolve()), base=str(base if base.is_dir() else base.parent))
        yield Tool(name=engine.name, version=engine.version, digest=engine.digest)
        skip = counting.skipping(base, (*ctx.options.get("skip_paths", ()), *target.exclude))
        census = counting.take(base, ctx.options.get("frameworks") or FRAMEWORKS, skip, ctx.check)
        ctx.tell(f"checkov: {len(census.owned)} files of infrastructure code in {target.address}")
        answer = Answer()
        if census.frameworks:
            skip += counting.exactly(census.closed)
            output = command.run(engine, base, census.frameworks, skip, deadline=ctx.deadline)
            heed = ctx.options.get("inline_skips", "heed") == "heed"
            answer = parse(output, target=target.id, place=place, heed_skips=heed)
        ctx.check()
        yield from answer.findings
        yield from (Gap(what=place.name(path), reason=reason) for path, reason in sorted(census.gaps.items()))
        yield from coverage.uncovered(census, answer.parsed, answer.failed, place.name)
        yield from _notes(census, answer, place)
        yield Asked(unit="files", count=coverage.asked(census, answer.files))
        _insist(census.frameworks, answer, single=base.is_file())


def _engine(home: Path) -> Engine:
    engine = engines.locate("checkov", home)
    if engine.state is not EngineState.CURRENT:
        how = "not installed" if engine.state is EngineState.MISSING else "not the version this scangate needs"
        raise ToolMissingError(f"checkov {engine.version} is {how} in {engine.path.parent}", advice=INSTALL)
    return engine


def _base(target: Target, ctx: Context) -> Path:
    """What to scan, absolute and without links, so that every path in a report begins with it."""
    try:
        return (ctx.root / target.address).resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ScanError(
            f"{target.address} cannot be read: {getattr(error, 'strerror', None) or error}",
            advice=f"give a file or folder relative to {ctx.root}",
        ) from error


def _notes(census: counting.Census, answer: Answer, place: Place) -> Iterator[Note]:
    for path, checks in answer.skips.items():
        yield Note(text=f"{path}: comments in the file switch off {len(checks)} checks: {_some(checks)}")
    if census.left_out:
        yield Note(text=f"left out by `skip_paths`: {_some([place.name(path) for path in census.left_out])}")
    if census.compose:
        names = _some([place.name(path) for path in census.compose])
        yield Note(text=f"Compose files are searched for secrets only, checkov has no other checks for them: {names}")
    if answer.modules:
        names = _some(answer.modules)
        yield Note(text=f"modules from elsewhere are not fetched (scan a Terraform plan to include them): {names}")
    foreign = answer.errors - census.owned.keys()
    if foreign:
        names = _some([place.name(path) for path in foreign])
        yield Note(text=f"could not be parsed, and look like no infrastructure code: {names}")


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    rest = len(ordered) - SHOWN
    return ", ".join(ordered[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _insist(frameworks: set[str], answer: Answer, *, single: bool) -> None:
    """Every framework that was asked must have answered. Of a single file checkov drops those that do not read it."""
    if answer.failed:
        reasons = "; ".join(f"{framework}: {why}" for framework, why in sorted(answer.failed.items()))
        raise ScanError(
            f"checkov crashed on {reasons}",
            advice="leave out the file it stumbles over with `skip_paths`, and report it to checkov",
        )
    if not single and (silent := sorted(frameworks - answer.frameworks)):
        raise ScanError(f"checkov gave no report on {', '.join(silent)}", advice="run it again; if it stays, report it")
