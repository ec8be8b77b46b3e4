"""Issues on Azure Pipelines' page of a run, as logging commands.

Azure knows errors and warnings only; what the policy accepts is in the log as plain text.
https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

from typing import Final

from scangate.core.model import Report
from scangate.reporters import Screen
from scangate.reporters.commands import Shown, chosen
from scangate.reporters.outline import line

# The agent decodes %AZP25 to %, and on most agents nothing else that begins with %25.
_DATA: Final = str.maketrans({"%": "%AZP25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%AZP25", "\r": "%0D", "\n": "%0A", ";": "%3B", "]": "%5D"})


class Azure:
    """Ten errors and ten warnings, the most important first."""

    name = "azure"
    summary = "Azure Pipelines logging commands: the verdict, ten errors and ten warnings, for the log of a step"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return "".join(f"{_command(each)}\n" for each in chosen(report))


def _command(shown: Shown) -> str:
    text = line(f"{shown.title}: {shown.text}")
    if shown.level == "note":
        return f"scangate: {line(shown.text)}" if shown.entry is None else f"scangate: {text}"
    properties = {"type": shown.level}
    if shown.entry:
        properties["code"] = shown.entry.rule
        if shown.entry.place.real:
            properties |= {"sourcepath": shown.entry.place.path, "linenumber": str(shown.entry.place.line)}
    written = "".join(f"{name}={line(value).translate(_PROPERTY)};" for name, value in properties.items())
    return f"##vso[task.logissue {written}]{text.translate(_DATA)}"
