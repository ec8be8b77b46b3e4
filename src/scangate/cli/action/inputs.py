"""The inputs of the action, from INPUT_* variables to one argument each. No shell ever sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scangate.errors import UsageError

_BOOLEANS: Final = {"": False, "false": False, "true": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of action.yml; empty where none was given."""

    targets: tuple[str, ...]
    config: str
    policy: str
    baseline: str
    jobs: str
    advisories: str
    result: str
    sarif: str
    exit_zero: bool


def read(environ: Mapping[str, str]) -> Inputs:
    """Read the inputs as GitHub passes them: INPUT_ and the name in capitals, hyphens kept. Raises UsageError."""

    def text(name: str, default: str = "") -> str:
        return environ.get(f"INPUT_{name.upper()}", "").strip() or default

    if (exit_zero := text("exit-zero").lower()) not in _BOOLEANS:
        raise UsageError(f"the input exit-zero is {exit_zero}", advice="expected true or false")
    files = {"result": text("result", "scangate.result.json"), "sarif": text("sarif", "scangate.sarif")}
    for name, file in files.items():
        if file == "-":
            raise UsageError(f"the input {name} is -", advice="name a file of the workspace")
    return Inputs(
        targets=tuple(filter(None, map(str.strip, text("targets").splitlines()))),
        config=text("config"),
        policy=text("policy"),
        baseline=text("baseline"),
        jobs=text("jobs"),
        advisories=text("advisories"),
        exit_zero=_BOOLEANS[exit_zero],
        **files,
    )


def arguments(inputs: Inputs) -> list[str]:
    """Build the command line of the scan: whatever an input holds, it stays the value of its own option."""
    flags = {name: getattr(inputs, name) for name in ("config", "policy", "baseline", "jobs")}
    return [
        "scan",
        *(f"--{name}={value}" for name, value in flags.items() if value),
        "--output=console",
        f"--output=result={inputs.result}",
        f"--output=sarif={inputs.sarif}",
        *(["--exit-zero"] if inputs.exit_zero else []),
        "--",
        *inputs.targets,
    ]
