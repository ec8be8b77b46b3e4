"""What GitHub Advanced Security for Azure DevOps wants besides: which build of which pipeline it was.

AdvancedSecurity-Publish@1 adds it; a file that is sent in another way must bring it.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from scangate.linting.case import Case, part, text
from scangate.linting.rules.rule import AZURE, Effect, Hit, Rule

PREFIX: Final = "azuredevops/pipeline/build/"
_ADDED: Final = "Unless AdvancedSecurity-Publish@1 sends the file, which adds it."
_GUID: Final = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _full_name(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if run.driver and not text(run.driver, "fullName"):
            name = text(run.driver, "name")
            mend = partial(run.driver.__setitem__, "fullName", name) if name else None
            yield Hit(f"{run.node.pointer}/tool/driver/fullName", "the tool has no full name", mend)


def _no_rules(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if not isinstance(run.driver.get("rules"), list):
            mend = partial(run.driver.__setitem__, "rules", []) if run.driver else None
            yield Hit(f"{run.node.pointer}/tool/driver/rules", "the tool has no array of rules", mend)


def _details(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        if not text(run.node.value, "automationDetails", "id").startswith(PREFIX):
            yield Hit(f"{run.node.pointer}/automationDetails/id", f"the id does not begin with {PREFIX}")


def _build(case: Case) -> Iterator[Hit]:
    for run in case.runs:
        properties = part(run.node.value, "automationDetails", "properties")
        for name, valid in _PROPERTIES.items():
            if not valid(properties.get(f"{PREFIX}{name}")):
                pointer = f"{run.node.pointer}/automationDetails/properties/{PREFIX.replace('/', '~1')}{name}"
                yield Hit(pointer, f"there is no valid {name}")


def _identifies(value: Any) -> bool:
    return (type(value) is int or (isinstance(value, str) and bool(re.fullmatch(r"-1|[0-9]{1,18}", value)))) and bool(
        int(value) > 0 or int(value) == -1
    )


def _named(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _guid(value: Any) -> bool:
    return isinstance(value, str) and bool(_GUID.fullmatch(value)) and bool(value.strip("0-"))


_PROPERTIES: Final = {
    "buildDefinitionId": _identifies,
    "buildDefinitionName": _named,
    "phaseId": _guid,
    "phaseName": _named,
}
RULES: Final = (
    Rule("tool-full-name", {AZURE: (Effect.REJECTED, "Azure demands one (GHAzDO1018).")}, _full_name),
    Rule("no-rules", {AZURE: (Effect.REJECTED, "Azure demands it (GHAzDO1018).")}, _no_rules),
    Rule("pipeline-id", {AZURE: (Effect.REJECTED, f"Azure reads the build from it (GHAzDO1020). {_ADDED}")}, _details),
    Rule(
        "pipeline-build", {AZURE: (Effect.REJECTED, f"Azure drops the run without it (GHAzDO1019). {_ADDED}")}, _build
    ),
)
