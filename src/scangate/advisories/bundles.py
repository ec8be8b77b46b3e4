"""Advisories in one file, for where there is no network: records byte for byte, KEV, EPSS, and a manifest.

A bundle is a folder as `sync --from` reads it, in a .zip or .tar.zst: first `manifest.json` with size and sha256 of
each file, then `osv/ECOSYSTEM/all.zip`, `kev/...`, `epss/...`. The same data and the same versions of scangate and of
the compressing library give the same bytes. What is not as the manifest says is refused before anything is used;
whether the manifest is the one that was sent, only the bundle's own sha256 can say: give it to `sync --sha256`.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scangate.advisories import archive, container, manifest
from scangate.advisories.folder import read
from scangate.advisories.manifest import Part
from scangate.advisories.schema import Export, Feed
from scangate.advisories.sources import FEEDS, INNER, AbsentError, Fetched, Opened, Task, folder, stamp
from scangate.advisories.store import Store
from scangate.errors import ScangateError, UsageError

_CHUNK: Final = 2**20
_DATE: Final = (1980, 1, 1, 0, 0, 0)


def bundle(
    home: Path, into: Path, ecosystems: Sequence[str] = (), check: Callable[[], None] = lambda: None
) -> tuple[tuple[Part, ...], str]:
    """Write what is held, or of it only these ecosystems, and give the files in it and the bundle's own sha256.

    Raises UsageError (an ecosystem that is not held, a form that is none), ScanError (the store cannot be read).
    """
    form = next((each for each in container.FORMS if into.name.endswith(each)), "")
    if not form:
        raise UsageError(f"{into} is no name for a bundle", advice=f"end it in {' or '.join(container.FORMS)}")
    draft = into.with_name(f"{into.name}.part")
    try:
        with Store.open(home) as store, TemporaryDirectory(dir=home, prefix="bundle-") as place:
            files = dict(_files(store, Path(place), ecosystems, check))
            text = manifest.write(tuple(files))
            with draft.open("w+b") as stream:
                paths = [(each.path, files[each]) for each in sorted(files)]
                container.write(stream, form, [(manifest.NAME, text), *paths])
        digest = _digest(draft)
        draft.replace(into)
    except OSError as error:
        raise ScangateError(f"{into} cannot be written: {error.strerror or error}", advice="check the place") from error
    finally:
        draft.unlink(missing_ok=True)
    return tuple(sorted(files)), digest


def _files(
    store: Store, place: Path, ecosystems: Sequence[str], check: Callable[[], None]
) -> Iterator[tuple[Part, Path]]:
    held = {each.name: each for each in store.exports()}
    if unknown := [each for each in ecosystems if each not in held]:
        raise UsageError(f"{unknown[0]} is not stored", advice=f"stored are: {', '.join(held) or 'none'}")
    for number, export in enumerate(each for each in held.values() if each.name in (ecosystems or held)):
        path = place / str(number)
        with zipfile.ZipFile(path, "w") as inner:  # not compressed: the bundle is
            for name, raw in store.records(export.name):
                check()
                inner.writestr(zipfile.ZipInfo(f"{name}.json", _DATE), raw)
        yield _part(f"{INNER}/{folder(export.name)}/all.zip", export.name, export, path), path
    for feed in store.feeds():
        path = place / feed.name
        path.write_bytes(store.published(feed.name))
        yield _part(FEEDS[feed.name], feed.name, feed, path), path


def _part(path: str, holds: str, held: Export | Feed, file: Path) -> Part:
    size, digest = file.stat().st_size, _digest(file)
    return Part(path=path, holds=holds, source=held.source, as_of=held.as_of.isoformat(), size=size, sha256=digest)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def opened(path: Path, home: Path, sha256: str, check: Callable[[], None]) -> Iterator["Bundle"]:
    """Verify a bundle, all of it. Raises ScangateError that names what is not as it was made."""
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix="bundle-") as place:
        try:
            if sha256 and _digest(path) != sha256.lower():
                raise ScangateError(f"{path} is not the bundle with the sha256 {sha256}", advice="fetch it again")
            with path.open("rb") as stream:
                files = _unpacked(path, container.members(stream, str(path)), Path(place), check)
        except container.BROKEN as error:
            raise ScangateError(f"{path} is no complete bundle: {error}", advice="fetch it again") from None
        yield Bundle(path, files)


def _unpacked(
    path: Path, members: Iterator[container.Member], place: Path, check: Callable[[], None]
) -> dict[str, tuple[Part, Path]]:
    """Write each file to a place of ours, under a name of ours."""
    name, read_some = next(members, ("", lambda _size: b""))
    if name != manifest.NAME:
        raise ScangateError(
            f"{path} does not begin with {manifest.NAME}", advice="name a file made by `advisories bundle`"
        )
    parts = manifest.read(read_some(manifest.MAX))
    if sum(each.size for each in parts) > archive.MAX_UNPACKED:
        raise ScangateError(f"{path} holds more than {archive.MAX_UNPACKED} bytes, which no advisory data does")
    expected = {each.path: each for each in parts}
    found: dict[str, tuple[Part, Path]] = {}
    for name, read_some in members:
        part = expected.pop(name, None)
        if part is None:
            raise ScangateError(f"{path}: {name[:200]!r} is not in its manifest", advice="fetch it again")
        file = place / str(len(found))
        digest, size = hashlib.sha256(), 0
        with file.open("wb") as into:
            while size <= part.size and (chunk := read_some(_CHUNK)):
                check()
                digest.update(chunk)
                size += into.write(chunk)
        if size != part.size or digest.hexdigest() != part.sha256:
            raise ScangateError(f"{path}: {name} is not what its manifest says", advice="fetch it again")
        found[part.holds] = part, file
    if expected:
        raise ScangateError(f"{path}: {min(expected)} is missing", advice="fetch it again")
    return found


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was verified: the data keep the dates they had where it was made."""

    path: Path
    files: dict[str, tuple[Part, Path]]

    def names(self, check: Callable[[], None]) -> tuple[str, ...]:  # noqa: ARG002
        found = tuple(sorted(each for each in self.files if each not in FEEDS))
        if not found:
            raise AbsentError(f"{self.path} holds no ecosystem")
        return found

    @contextmanager
    def opened(self, name: str, held: Export | None, task: Task) -> Iterator[Opened | None]:  # noqa: ARG002
        if name not in self.files:
            raise ScangateError(f"{self.path} does not hold {name}", advice=f"it holds {', '.join(sorted(self.files))}")
        part, file = self.files[name]
        export = Export(
            name=name, source=self._source(part), as_of=min(part.day, task.now.date()), synced_at=stamp(task.now)
        )
        with file.open("rb") as stream:
            yield Opened(export=export, records=archive.records(stream, name, task.rejections, task.check))

    def feed(self, name: str, held: Feed | None, task: Task) -> Fetched | None:  # noqa: ARG002
        if name not in self.files:
            raise AbsentError(f"{self.path} holds no {name}")
        part, file = self.files[name]
        return replace(read(file, self._source(part)), day=part.day)

    def _source(self, part: Part) -> str:
        return f"{self.path}, made of {part.source}"
