"""Which of several images is meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from scangate.errors import ScanError
from scangate.rootfs.platforms import for_platform, this_machine

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One image: the names it goes by, its digest, its platform (`linux/arm64`) where known, and where it is."""

    names: tuple[str, ...]
    digest: str
    entry: Any
    platform: str = ""


def choose(candidates: Iterable[Candidate], reference: str, *, platform: str = "", what: str) -> Candidate:
    """Pick by tag, whole name or `@digest`; without one there must be one image, for one platform or several.

    Without a platform that of this machine is taken. Raises ScanError that names what there is.
    """
    every = list(candidates)
    if reference.startswith("@"):
        fitting = [each for each in every if each.digest == reference[1:]]
    elif reference:
        fitting = [each for each in every if any(_is_named(name, reference) for name in each.names)]
    else:
        fitting = every
    if len({each.names for each in fitting}) == 1:  # one image for several platforms
        fitting = _for_platform(fitting, platform, what)
    if len({each.digest for each in fitting}) == 1:
        return fitting[0]
    there = _listed(name for each in every for name in each.names or (each.digest,))
    if not every:
        raise ScanError(f"{what} holds no image")
    if reference and not fitting:
        raise ScanError(f"{what} has no image {reference!r}: there is {there}")
    raise ScanError(
        f"{what} holds {len(fitting)} images that fit: {there}",
        advice="say which one at the end of the address: a tag after a colon, or @sha256:...",
    )


def _is_named(name: str, reference: str) -> bool:
    return name == reference or name.endswith((f"/{reference}", f":{reference}"))


def _for_platform(candidates: list[Candidate], wanted: str, what: str) -> list[Candidate]:
    """Keep what is for a platform. Where none says what it is for, its config will."""
    platforms = [(each.platform, each) for each in candidates]
    if not any(platform for platform, _each in platforms):
        return candidates
    for platform in (wanted,) if wanted else this_machine():
        if fitting := for_platform(platforms, platform):
            return fitting
    if len({each.digest for each in candidates}) == 1 and not wanted:
        return candidates
    there = _listed(platform for platform, _each in platforms if platform)
    raise ScanError(
        f"{what} has no image for {wanted or this_machine()[0]}: it is made for {there}",
        advice="name one of these as the target's `platform`",
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names))[:_SHOWN])[:2000] or "nothing"
