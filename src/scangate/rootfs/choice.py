"""Which of several images is meant."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from scangate.errors import ScanError

_MACHINES: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One image: the names it goes by, its digest, its platform (`linux/arm64`) where known, and where it is."""

    names: tuple[str, ...]
    digest: str
    entry: Any
    platform: str = ""


def choose(candidates: Iterable[Candidate], reference: str, *, what: str) -> Candidate:
    """Pick by tag, whole name or `@digest`; without one there must be one image, for one platform or several.

    Raises ScanError that names what there is.
    """
    every = list(candidates)
    if reference.startswith("@"):
        fitting = [each for each in every if each.digest == reference[1:]]
    elif reference:
        fitting = [each for each in every if any(_is_named(name, reference) for name in each.names)]
    else:
        fitting = every
    if len({each.names for each in fitting}) == 1:  # one image for several platforms
        fitting = _for_this_machine(fitting) or fitting
    if len({each.digest for each in fitting}) == 1:
        return fitting[0]
    there = ", ".join(sorted({name for each in every for name in each.names or (each.digest,)})[:_SHOWN]) or "nothing"
    if not every:
        raise ScanError(f"{what} holds no image")
    if reference and not fitting:
        raise ScanError(f"{what} has no image {reference!r}: there is {there[:2000]}")
    raise ScanError(
        f"{what} holds {len(fitting)} images that fit: {there[:2000]}",
        advice="say which one at the end of the address: a tag after a colon, or @sha256:...",
    )


def _is_named(name: str, reference: str) -> bool:
    return name == reference or name.endswith((f"/{reference}", f":{reference}"))


def _for_this_machine(candidates: list[Candidate]) -> list[Candidate]:
    machine = os.uname().machine
    for platform in (f"linux/{_MACHINES.get(machine, machine)}", "linux/amd64"):
        if fitting := [each for each in candidates if each.platform == platform]:
            return fitting
    return []
