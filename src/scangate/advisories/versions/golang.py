"""Go modules, as `go list -m -versions` orders them, and Go itself.

https://go.dev/ref/mod#versions. Semantic versions: a pseudo-version (`v0.0.0-20210101000000-abcdefabcdef`) is a
pre-release, `+incompatible` no difference. The toolchain writes its own versions otherwise (`go1.22rc1`, `go1.21`,
`go1.22.3 X:boringcrypto`, https://go.dev/doc/toolchain#version); advisories on `stdlib` write 1.22.0-rc.1.
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions import semver

_TOOLCHAIN: Final = re.compile(
    r"""(?xa)
    (?:go)? ([0-9]{1,9}) (?:\.([0-9]{1,9}))? (?:\.([0-9]{1,9}))? (?:(alpha|beta|rc)([0-9]{1,9}))? (?:\ X:.{1,200})?
    """
)


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares by semver's precedence. Raises ValueError on what is no version."""
    if match := _TOOLCHAIN.fullmatch(version):
        major, minor, patch, stage, count = match.groups()
        return semver.key(f"{major}.{minor or 0}.{patch or 0}" + (f"-{stage}.{count}" if stage else ""))
    try:
        return semver.key(version)
    except ValueError:
        raise ValueError(f"not a Go version: {version[:80]!r}") from None
