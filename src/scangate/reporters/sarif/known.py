"""What only somebody with the repository at hand can know of a finding or a report; empty where nobody did.

Reporters read no files. Whoever does may hand over the line's hash as GitHub counts it (line_hash.py), the lines
themselves, and the commit.
"""

from scangate.core.model import Location, Report


def line_hash(where: Location) -> str:
    """`hex:count` of the line that the location begins with."""
    return str(getattr(where, "line_hash", ""))


def code(where: Location) -> tuple[str, int]:
    """Return a few lines around the place, and the number of the first of them."""
    return str(getattr(where, "code", "")), int(getattr(where, "code_line", 0))


def version(report: Report) -> tuple[str, str, str]:
    """Return the address of the repository, the commit, and the branch."""
    return tuple(str(getattr(report, name, "")) for name in ("repository", "revision", "branch"))  # type: ignore[return-value]
