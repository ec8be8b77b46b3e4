"""A desktop over RFB (constructed), as far as its handshake goes. The hardened side has none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rig.site import Site
from rig.stand_in import stand_in

PROGRAMS: tuple[str, ...] = ()
hardened = None


def _talk(heard: BinaryIO, said: BinaryIO) -> None:
    said.write(b"RFB 003.008\n")
    heard.read(12)
    said.write(bytes((1, 1)))  # one security type: None
    if heard.read(1) != b"\x01":
        return
    said.write(bytes(4))  # it went well
    heard.read(1)
    name = b"rig"
    pixels = bytes.fromhex("20 18 00 01 00ff 00ff 00ff 10 08 00 000000")
    said.write(bytes.fromhex("0040 0040") + pixels + len(name).to_bytes(4, "big") + name)
    heard.read(1)


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Ask for no password."""
    with stand_in(site.address, 5900, _talk):
        yield
