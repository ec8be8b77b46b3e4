"""Bring the store to what a source has now: the ecosystems that are wanted, and KEV and EPSS."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from scangate.advisories import feeds, names
from scangate.advisories.bringing import Bringer, Synced
from scangate.advisories.draft import replacing
from scangate.advisories.folder import Folder
from scangate.advisories.places import is_public, source
from scangate.advisories.schema import FILE, SYNC, Feed, Holding
from scangate.advisories.sources import FEEDS, AbsentError, Source
from scangate.advisories.store import Store, StoreMissingError
from scangate.advisories.versions import SCHEMES, scheme
from scangate.errors import ScanError, ScangateError, UsageError


def sync(
    place: str | None,
    home: Path,
    ecosystems: Sequence[str] | None = None,
    tell: Callable[[str], None] = lambda _text: None,
    *,
    now: datetime | None = None,
    check: Callable[[], None] = lambda: None,
    about_cves: Mapping[str, str | None] | None = None,
    sha256: str = "",
) -> tuple[Synced, ...]:
    """Replace what the store holds of each ecosystem, and of KEV and EPSS, by what the source has of it now.

    `place`: a folder, a bundle, or the address of a mirror; None is OSV's public export, or the mirror that
    SCANGATE_OSV_MIRROR names, and with it the public addresses of KEV and EPSS. `ecosystems`: None means those that are
    held already; of a place that was named, all that are there and whose versions we can order. `about_cves`: by name
    an address or a file of KEV or EPSS, None for one that is not wanted. `sha256`: that of a bundle.
    What fails leaves its old data in place and says so in its row; when everything fails, or anything interrupts, the
    store stays as it was. Raises UsageError (nothing of that name), ScangateError (nothing could be brought).
    """
    others = about_cves or {}
    with source(place, home, sha256, check) as origin:
        is_enough = any(others.values())
        own = [] if is_public(place) else [origin]
        wanted = _wanted(origin, place, ecosystems, _held(home), tell, check=check, is_enough=is_enough)
        with _writable(home), replacing(home) as connection:
            bringer = Bringer(connection, home, now or datetime.now(UTC), tell, check)
            rows = [bringer.export(origin, name) for name in wanted]
            for name in FEEDS:
                named = others.get(name, "")
                public = [] if place is not None else [feeds.PUBLISHED[name]]
                if named is not None:
                    rows.append(bringer.feed(name, [named] if named else [*own, *public]))
            done = tuple(filter(None, rows))
            if all(each.failure for each in done):
                advice = "the advisories of the last sync are still there"
                raise ScangateError("; ".join(each.failure for each in done) or "nothing was brought", advice=advice)
    return done


def status(home: Path) -> tuple[Holding, ...]:
    """Say what the store holds, by ecosystem; nothing when nothing was ever synced. Raises ScanError when damaged."""
    try:
        with Store.open(home) as store:
            return store.holdings()
    except StoreMissingError:
        return ()


def feeds_held(home: Path) -> tuple[Feed, ...]:
    """Say which of KEV and EPSS the store holds. Raises as `status` does."""
    try:
        with Store.open(home) as store:
            return store.feeds()
    except StoreMissingError:
        return ()


def _held(home: Path) -> Mapping[str, str]:
    """The exports that are here, each with the address it came from. A store that cannot be read will be made anew."""
    try:
        with Store.open(home) as store:
            return {each.name: each.url for each in store.exports()}
    except ScanError:
        return {}


def _wanted(
    origin: Source,
    place: str | None,
    asked: Sequence[str] | None,
    held: Mapping[str, str],
    tell: Callable[[str], None],
    *,
    check: Callable[[], None],
    is_enough: bool,
) -> tuple[str, ...]:
    if asked is not None:
        for name in asked:
            if not names.ECOSYSTEM.fullmatch(name) or not scheme(name):
                known = ", ".join(sorted(SCHEMES))
                raise UsageError(f"the versions of `{name}` cannot be compared", advice=f"these can: {known}")
        return tuple(sorted(set(asked)))
    if place is None:
        if not held and not is_enough:
            raise UsageError(
                "nothing is stored yet, and no ecosystem was named",
                advice=f"name what you scan, for example: {SYNC} -e Debian:12 -e PyPI -e npm",
            )
        return tuple(held)
    try:
        there = origin.names(check)
    except AbsentError:
        mine = tuple(name for name, url in held.items() if url.startswith(f"{place.rstrip('/')}/"))
        if mine or is_enough or (isinstance(origin, Folder) and origin.feeds):
            return mine
        raise
    usable = [name for name in there if scheme(name)]
    if left_out := [name for name in there if name not in usable]:
        tell(f"left out, because their versions cannot be compared: {', '.join(left_out)}")
    if not usable:
        raise ScangateError("the source has no ecosystem whose versions can be compared", advice="name another with -e")
    # `Debian` brings `Debian:12` with it.
    return tuple(name for name in usable if name == names.family(name) or names.family(name) not in usable)


@contextmanager
def _writable(home: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        text = f"the advisories cannot be written to {home}: {error}"
        advice = f"check the space and the permissions there; if {FILE} is damaged, delete it"
        raise ScangateError(text, advice=advice) from error
