"""Which of several values is in force, and where it came from: flag > environment > file > default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scangate.config.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value in force, and where it came from: a flag, the environment, a line of the file, or the default."""

    name: str
    value: str
    origin: str


class Chooser:
    """Chooses one value after the other, and remembers where each came from. An empty variable is not set."""

    def __init__(self, document: Document | None, environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self.settings: list[Setting] = []
        self._from_file: set[str] = set()

    def __call__(self, name: str, flag: Any, flag_name: str, variable: str, default: Any) -> Any:
        document = self._document
        if flag is not None:
            value, origin = flag, f"flag {flag_name}"
        elif self._environ.get(variable):
            value, origin = self._environ[variable], f"environment {variable}"
        elif document is not None and name in document.data:
            value, origin = document.data[name], f"{document.file}:{document.line((name,))}"
            self._from_file.add(name)
        else:
            value, origin = default, "default"
        self.settings.append(Setting(name=name, value=str(value), origin=origin))
        return value

    def is_from_file(self, name: str) -> bool:
        return name in self._from_file

    def origin(self, name: str) -> str:
        """Where a value that was chosen came from."""
        return next(each.origin for each in self.settings if each.name == name)
