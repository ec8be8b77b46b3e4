"""Where the storage is: what storage.conf says, or where it is when nobody says anything.

https://github.com/containers/storage/blob/main/docs/containers-storage.conf.5.md
"""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from scangate.errors import ScanError

DRIVERS: Final = ("overlay", "vfs")
_LARGEST: Final = 2**20
_SYSTEM: Final = ("/etc/containers/storage.conf", "/usr/share/containers/storage.conf")


def stores() -> tuple[tuple[Path, str], ...]:
    """Return each place with a driver that has images there, the user's own first. Raises ScanError."""
    found = [
        (root, driver)
        for root in dict.fromkeys(_roots())
        for driver in DRIVERS
        if os.path.isfile(root / f"{driver}-images" / "images.json")  # noqa: PTH113 - never raises
    ]
    if driver := os.environ.get("STORAGE_DRIVER"):
        found.sort(key=lambda each: each[1] != driver)
    return tuple(found)


def _roots() -> Iterator[Path]:
    """Yield graph roots, whether there is anything or not."""
    if given := os.environ.get("CONTAINERS_STORAGE_CONF"):
        yield from _configured(_storage(given, needed=True), rootless=False)
        return
    home = os.environ.get("HOME") or "/"
    if os.getuid():
        own = _storage(f"{os.environ.get('XDG_CONFIG_HOME') or f'{home}/.config'}/containers/storage.conf")
        yield from _configured(own, rootless=False)
        yield Path(os.environ.get("XDG_DATA_HOME") or f"{home}/.local/share") / "containers" / "storage"
    for path in _SYSTEM:
        if system := _storage(path):
            yield from _configured(system, rootless=bool(os.getuid()))
            break
    yield Path("/var/lib/containers/storage")


def _configured(storage: dict[str, Any], *, rootless: bool) -> Iterator[Path]:
    names = ("rootless_storage_path", "graphroot") if rootless else ("graphroot",)
    options = storage.get("options")
    more = options.get("additionalimagestores") if isinstance(options, dict) else None
    for value in (*(storage.get(name) for name in names), *(more if isinstance(more, list) else ())):
        if isinstance(value, str) and value and "\0" not in value:
            yield Path(os.path.expandvars(value))


def _storage(path: str, *, needed: bool = False) -> dict[str, Any]:
    """Read the `[storage]` of a storage.conf."""
    advice = "correct it, or unset CONTAINERS_STORAGE_CONF" if needed else "correct it"
    try:
        with Path(path).open("rb") as file:
            text = file.read(_LARGEST).decode()
    except FileNotFoundError:
        if needed:
            raise ScanError(f"CONTAINERS_STORAGE_CONF names {path}, which is not there", advice=advice) from None
        return {}
    except (OSError, ValueError) as error:
        raise ScanError(f"{path} cannot be read: {error}", advice=advice) from None
    try:
        storage = tomllib.loads(text).get("storage")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScanError(f"{path} is not valid TOML: {str(error)[:200]}", advice=advice) from None
    return storage if isinstance(storage, dict) else {}
