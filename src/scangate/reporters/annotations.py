"""Annotations on GitHub's page of a run and beside the lines of a pull request, as workflow commands in the log.

They need no token, so pull requests from forks have them too.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from typing import Final

from scangate.core.model import Report
from scangate.reporters import Screen
from scangate.reporters.commands import Shown, chosen
from scangate.reporters.outline import line

_LEVELS: Final = {"error": "error", "warning": "warning", "note": "notice"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class Annotations:
    """Ten of each type, the most important first."""

    name = "github"
    summary = "GitHub workflow commands: the verdict and ten annotations of each type, for the log of a step"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        return "".join(f"{_command(each)}\n" for each in chosen(report))


def _command(shown: Shown) -> str:
    properties = {"title": shown.title}
    if shown.entry and shown.entry.place.real:
        place = shown.entry.place
        properties |= {"file": place.path, "line": str(place.line), "endLine": str(place.end_line)}
    written = ",".join(f"{name}={line(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{_LEVELS[shown.level]} {written}::{line(shown.text).translate(_DATA)}"
