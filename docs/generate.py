"""Writes the reference pages that are made from the schemas; `--check` fails when one is out of date."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scangate import config, plugins
from scangate.config.validation import shipped
from scangate.errors import ExitCode

FOLDER = Path(__file__).parent
HEAD = "<!-- Made by `make docs` from the schema; edit that instead. -->\n\n"


def main() -> None:
    """Write the pages, or say which are out of date."""
    stale = []
    for name, text in pages().items():
        page = FOLDER / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                page.write_text(text, encoding="utf-8")
    if stale:
        print("docs:", ", ".join(stale), "out of date: run make docs" if "--check" in sys.argv else "written")
    sys.exit(bool(stale) and "--check" in sys.argv)


def pages() -> Mapping[str, str]:
    """Every generated page, by file name."""
    return {
        "configuration.md": HEAD
        + "".join(_page("scangate.yml", config.config_schema(plugins.scanners())))
        + ENVIRONMENT,
        "policy.md": HEAD + "".join(_page("Policy reference", shipped("policy"))),
        "exit-codes.md": HEAD.replace("the schema", "errors.py") + _exit_codes(),
    }


def _page(title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {title}\n\n{schema['description']}\n"
    for name, path in _sections(schema):
        yield f"\n## {name}\n\n| key | value | meaning |\n|---|---|---|\n"
        required = path.get("required", [])
        for key, value in path["properties"].items():
            mark = " (required)" if key in required else ""
            yield f"| `{key}`{mark} | {_type(value)} | {value.get('description', '')} |\n"


def _sections(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "The file", schema
    for name, inner in schema.get("definitions", {}).items():
        if "properties" in inner:
            yield f"`{name}`", inner
    scanners = schema["properties"].get("scanners", {}).get("properties", {})
    for name, inner in scanners.items():
        yield f"`scanners.{name}`: {inner['description']}", inner


def _type(value: Mapping[str, Any]) -> str:
    if reference := value.get("$ref"):
        return f"`{reference.rpartition('/')[2]}`"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "oneOf" in value:
        return " or ".join(map(_type, value["oneOf"]))
    kind = value.get("type", "any")
    words = " or ".join([kind] if isinstance(kind, str) else kind)
    if kind == "array":
        words += f" of {_type(value['items'])}"
    bounds = [f"{sign} {value[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in value]
    return " ".join([words, ", ".join(bounds)]).strip()


def _exit_codes() -> str:
    rows = "".join(f"| {code:d} | {meaning} |\n" for code, meaning in MEANINGS.items())
    return f"# Exit codes\n\n| code | meaning |\n|---|---|\n{rows}\n{AFTERWORD}"


ENVIRONMENT = """
## The environment

A flag goes before the environment, the environment before the file, the file before the default; `scangate config`
shows each value with its origin.

| variable | meaning |
|---|---|
| `SCANGATE_CONFIG` | The config file, as `--config`. |
| `SCANGATE_POLICY` | The policy, as `--policy`. |
| `SCANGATE_JOBS` | How many scans run at the same time, as `--jobs`. |
| `SCANGATE_HOME` | Where engines and advisories are kept; else `$XDG_DATA_HOME/scangate`, `~/.local/share/scangate`. |
| `SCANGATE_ENGINES` | Where engines are, when not in `SCANGATE_HOME`: the container image sets it. |
| `SCANGATE_OSV_MIRROR` | Where `advisories sync` fetches from, instead of OSV's public export: advisories.md. |
| `SCANGATE_OSV_API` | The OSV API that is asked where nothing is synced, instead of the public one. |
| `SCANGATE_OFFLINE` | `1` makes every HTTP call an error. |
| `SCANGATE_DEBUG` | `1` shows the traceback of a bug. |
| `NO_COLOR` | Set to anything, it turns colour off. |

On the command line a target is `[NAME=]KIND:ADDRESS`: `path:deploy`, `web=image:oci-archive:web.tar`,
`hosts:10.0.0.5,10.0.0.6:22,80`, `hosts:[::1]:443`. Such targets replace those of the file; its other settings stay.
"""
MEANINGS = {
    ExitCode.PASS: "PASS: every required scan ran, and the policy fails nothing.",
    ExitCode.FAIL: "FAIL: the policy says no.",
    ExitCode.USAGE: "The command line, the config or the policy is wrong; nothing was scanned.",
    ExitCode.INCOMPLETE: "INCOMPLETE: something required was not scanned, or a report asked for could not be written.",
    ExitCode.BUG: "A bug of ours; the message says where to report it.",
    ExitCode.INTERRUPTED: "Interrupted by SIGINT or SIGTERM; scans were ended and a partial result was written.",
}
AFTERWORD = """\
All other codes are reserved. Reports are written before 0, 1, 3 and 130.

A proven failure outranks a gap: a run that found a blocking weakness and could not scan everything answers 1.
`--exit-zero` turns 1 and 3 into 0 and says so on standard error: for a job whose reports are ignored when it fails,
with a second job that runs `scangate judge result.json`.

`scangate doctor` answers 3 when something is missing; `scangate report` answers 2 when a report cannot be written.
"""


if __name__ == "__main__":
    main()
