"""A folder of advisories, in the layout of OSV's bulk export."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from scangate.advisories import archive, names
from scangate.advisories.osv import parse
from scangate.advisories.schema import Export, Feed, Rejections
from scangate.advisories.sources import FEEDS, INNER, LAYOUT, AbsentError, Fetched, Opened, Records, Task, folder, stamp
from scangate.errors import ScangateError


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with one folder per ecosystem, with loose records that say where they belong, or with both."""

    path: Path

    @property
    def root(self) -> Path:
        return self.path / INNER if (self.path / INNER).is_dir() else self.path

    @property
    def feeds(self) -> tuple[str, ...]:
        """Those that are here."""
        return tuple(name for name, place in FEEDS.items() if (self.path / place).is_file())

    def names(self, check: Callable[[], None]) -> tuple[str, ...]:
        root, others = self.root, {Path(place).parent.name for place in FEEDS.values()}
        with _readable(root):
            folders = {
                each.name
                for each in root.iterdir()
                if names.ECOSYSTEM.fullmatch(each.name) and each.name not in others and _files(each)
            }
        loose = _contents(_loose(root), Rejections(), check)
        found = folders.union(*(_ecosystems(raw) for _file, raw in loose))
        if not found:
            raise AbsentError(f"{root} holds no advisories", advice=f"expected {LAYOUT}")
        return tuple(sorted(found))

    @contextmanager
    def opened(self, name: str, held: Export | None, task: Task) -> Iterator[Opened | None]:  # noqa: ARG002
        root = self.root
        with _readable(root), ExitStack() as stack:
            own, wider = _files(root / folder(name)), _files(root / folder(names.family(name)))
            files, loose = own or wider, _loose(root)
            if not files and not loose:
                raise ScangateError(f"{root / name} holds no advisories", advice=f"expected {LAYOUT}")
            newest = datetime.fromtimestamp(max(each.stat().st_mtime for each in files or loose), UTC)
            export = Export(
                name=name, source=str(self.path), as_of=min(newest, task.now).date(), synced_at=stamp(task.now)
            )
            if files and files[0].suffix == ".zip":
                stream = stack.enter_context(files[0].open("rb"))
                found = archive.records(stream, str(files[0]), task.rejections, task.check)
            else:
                found = _contents(files, task.rejections, task.check)
            strays = (each for each in _contents(loose, task.rejections, task.check) if _belongs(each[1], name))
            yield Opened(export=export, records=chain(found, strays), others=not own)

    def feed(self, name: str, held: Feed | None, task: Task) -> Fetched | None:  # noqa: ARG002
        path = self.path / FEEDS[name]
        if not path.is_file():
            raise AbsentError(f"{self.path} holds no {FEEDS[name]}")
        return read(path, str(self.path))


def read(path: Path, source: str) -> Fetched:
    """Read a feed's file. Raises ScangateError."""
    with _readable(path), path.open("rb") as stream:
        raw = stream.read(archive.MAX_FEED + 1)
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    if len(raw) > archive.MAX_FEED:
        raise ScangateError(f"{path} is larger than {archive.MAX_FEED} bytes, the most that is read")
    return Fetched(raw=raw, source=source, day=day)


def _files(folder: Path) -> list[Path]:
    whole = folder / "all.zip"
    return [whole] if whole.is_file() else _loose(folder)


def _loose(folder: Path) -> list[Path]:
    return sorted(each for each in folder.glob("*.json") if each.is_file())


def _contents(files: Iterable[Path], rejections: Rejections, check: Callable[[], None]) -> Records:
    for file in files:
        check()
        try:
            with file.open("rb") as stream:
                raw = stream.read(archive.MAX_RECORD + 1)
        except OSError as error:
            rejections.add(file.name, f"cannot be read: {error.strerror}")
            continue
        if len(raw) > archive.MAX_RECORD:
            rejections.add(file.name, f"is larger than {archive.MAX_RECORD} bytes")
        else:
            yield file.name, raw


def _ecosystems(raw: bytes) -> frozenset[str]:
    try:
        return frozenset(entry.ecosystem for entry in parse(raw).affected)
    except ValueError:
        return frozenset()


def _belongs(raw: bytes, export: str) -> bool:
    """A record that says nowhere where it belongs is everybody's, to be rejected with its reason."""
    found = _ecosystems(raw)
    return not found or any(names.covers(export, each) for each in found)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ScangateError(f"{path} cannot be read: {error.strerror or error}") from error
