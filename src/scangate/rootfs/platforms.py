"""What machine an image is made for, as `linux/arm64` or `linux/arm/v7`."""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from scangate.rootfs.documents import text

T = TypeVar("T")
_MACHINES: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm/v7", "armv6l": "arm/v6", "i686": "386"}
_SAME: Final = {"linux/arm64/v8": "linux/arm64", "linux/amd64/v1": "linux/amd64", "linux/arm": "linux/arm/v7"}
"""Variants that are as good as told, and the one that is meant where none is."""


def platform_of(document: Mapping[str, Any]) -> str:
    """Read the `os`, `architecture` and `variant` of a descriptor's platform, or of a config; empty without them."""
    system, machine, variant = (text(document, key) for key in ("os", "architecture", "variant"))
    return "/".join(filter(None, (system, machine, variant))) if system and machine else ""


def this_machine() -> tuple[str, ...]:
    """Return the platforms that are meant when none is asked for, the best first."""
    machine = os.uname().machine
    return f"linux/{_MACHINES.get(machine, machine)}", "linux/amd64"


def for_platform(items: Iterable[tuple[str, T]], wanted: str) -> list[T]:
    """Return those that are for it; where none is exactly, those of its system and machine in one variant only."""
    items = list(items)
    if exact := [item for platform, item in items if same(platform, wanted)]:
        return exact
    kin = [(platform, item) for platform, item in items if _general(platform) == wanted]
    return [item for _platform, item in kin] if len({platform for platform, _item in kin}) == 1 else []


def same(one: str, other: str) -> bool:
    return _SAME.get(one, one) == _SAME.get(other, other)


def fits(platform: str, wanted: str) -> bool:
    """Tell whether an image that says to be for a platform may be what was wanted. Many do not say their variant."""
    return not platform or not wanted or same(platform, wanted) or _general(wanted) == platform == _general(platform)


def _general(platform: str) -> str:
    return "/".join(platform.split("/")[:2])
