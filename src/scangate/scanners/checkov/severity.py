"""How bad a failed check is: checkov's own word where it has one, else our table."""

from functools import cache
from pathlib import Path
from typing import Final

from scangate.core.model import Severity

TABLE: Final = Path(__file__).with_name("severity.tsv")


def rate(check: str, said: str | None) -> tuple[Severity, str]:
    """The severity of a check, and where it comes from. `said`: what checkov reported, with a platform key only."""
    if said and said.upper() in Severity.__members__:
        return Severity[said.upper()], "checkov"
    severity = table().get(check, Severity.UNKNOWN)
    return severity, "scangate's checkov table" if severity else "not in scangate's table"


@cache
def table() -> dict[str, Severity]:
    """Check to severity: the rows of severity.tsv."""
    lines = TABLE.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {check: Severity[severity.upper()] for check, severity, *_ in rows}
