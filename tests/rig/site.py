"""A side of the rig: its address, its folder, and who signs its certificates."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rig.authority import Authority

WEAK, HARDENED = "weak", "hardened"
PASSWORD = "Rig-2026-not-a-secret"
"""Of every account that has one, on both sides."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Services listen on their usual ports, on an address that no other process of the tests uses."""

    side: str
    address: str
    folder: Path
    authority: Authority

    @property
    def weak(self) -> bool:
        return self.side == WEAK

    def room(self, name: str, owner: str = "nobody") -> Path:
        """Make a folder for one service, which belongs to the user it runs as."""
        room = self.folder / name
        room.mkdir(mode=0o755)
        shutil.chown(room, owner)
        return room

    def write(self, path: Path, text: str, owner: str = "root", mode: int = 0o644) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        shutil.chown(path, owner)
        return path


ASKED = "SCANGATE_RIG"
"""The variable that asks for the rig: without it nothing is started, whatever is installed."""


@contextmanager
def site(side: str, authority: Authority | None = None) -> Iterator[Site]:
    """Lay out one side; its folder is gone afterwards. Addresses of two processes, or two sides, differ."""
    if ASKED not in os.environ:
        pytest.skip("real servers from Debian, and minutes of time: `make rig`")
    pid = os.getpid()
    network = 80 if side == WEAK else 81
    # Not pytest's folder: that one is closed to the users the services run as.
    with tempfile.TemporaryDirectory(prefix=f"rig-{side}-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        address = f"127.{network}.{pid >> 8 & 255}.{pid & 255}"
        yield Site(side=side, address=address, folder=Path(folder), authority=authority or Authority())
