"""What a Go toolchain calls itself, and the version that advisories on the standard library know it by."""

import re
from typing import Final

_MINOR: Final = 2
_RELEASE: Final = re.compile(
    r"go([0-9]{1,4}(?:\.[0-9]{1,9}){1,2})(?:(rc|beta)([0-9]{1,9}))?(?=([-+\s]?))[-+\s]?", re.ASCII
)


def of_toolchain(text: str) -> tuple[str, bool]:
    """Return `1.21.3` for `go1.21.3 X:boringcrypto`, `1.22.0-rc.1` for `go1.22rc1`; empty for one between releases.

    What follows the number (an experiment, a distributor's mark such as `-1` or `+auto`) does not say what is fixed.
    Not sure is `go1.22-20231128-RC02`: a company's own build of about that version.
    """
    match = _RELEASE.match(text)
    if not match or (not match[4] and match.end() != len(text)):
        return "", False
    version, stage, number, mark = match.groups()
    parts = version.count(".") + 1
    if stage:
        version += (".0" if parts == _MINOR else "") + f"-{stage}.{number}"
    return version, not (parts == _MINOR and mark == "-")
