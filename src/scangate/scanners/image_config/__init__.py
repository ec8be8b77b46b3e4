"""How an image is made and what should not be in it: its user, secrets, keys, setuid files, caches, ports, its base.

One file per group of rules, each with a tuple CHECKS; see rule.py for what a rule is. docs/scanners/image_config.md
describes them all.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scangate import __version__
from scangate.core.model import Asked, Gap, Item, Kind, Note, Target, Tool
from scangate.scanners import Context, Found, Need

if TYPE_CHECKING:
    from scangate.rootfs.files import Files
    from scangate.rootfs.view import RootFs
    from scangate.scanners.image_config.rule import Check, Image


class ImageConfig:
    """Reads the image itself, together with `packages`: no daemon, no engine, no network."""

    name = "image_config"
    summary = "secrets, root, setuid files, caches, ports and other weaknesses of how an image is made"
    kinds = frozenset({Kind.IMAGE})
    options: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
    timeout = 600.0

    def needs(self) -> tuple[Need, ...]:
        return ()

    def find(self, need: Need, home: Path) -> Found | None:  # noqa: ARG002 - it needs nothing
        return None

    def scan(self, target: Target, ctx: Context) -> Iterator[Item]:
        from scangate.scanners.images import opened

        yield Tool(name="scangate", version=__version__)
        ctx.tell("reading the image")
        with opened(target, ctx) as (rootfs, files):
            yield from examine(_image(target, rootfs, files), ctx)


def examine(image: "Image", ctx: Context) -> Iterator[Item]:
    """Make all the checks there are. One is asked for each that can be made, and each file that could not be read."""
    checks = tuple(_checks())
    fitting = [each for each in checks if image.config or not each.of_config]
    gaps = sorted(filter(_matters, image.files.gaps))
    yield Asked(unit="checks", count=len(fitting) + len(gaps))
    yield from gaps
    if left_out := [each.name for each in checks if each not in fitting]:
        yield Note(text=f"a directory does not say how it is run: not looked at: {', '.join(left_out)}")
    if image.base:
        yield Note(text=f"base image: {image.base.name or 'of unknown name'}: {image.base.how}")
    for check in fitting:
        ctx.check()
        yield from check.look(image)


def _checks() -> "Iterable[Check]":
    from scangate.scanners.image_config import (
        files,
        leftovers,
        modes,
        network,
        provenance,
        running,
        users,
        variables,
    )

    for group in (users, variables, files, leftovers, modes, network, running, provenance):
        yield from group.CHECKS


def _image(target: Target, rootfs: "RootFs", files: "Files") -> "Image":
    from scangate.rootfs.base_image import recognise
    from scangate.scanners.image_config.rule import Image

    if rootfs.address.scheme == "rootfs":
        return Image(target=target.id, files=files)
    return Image(
        target=target.id,
        files=files,
        layers=rootfs.layers,
        config=rootfs.config,
        base=recognise(rootfs.config, rootfs.layers),
        scheme=rootfs.address.scheme,
    )


def _matters(gap: Gap) -> bool:
    """Tell whether a file that could not be read is one that this scanner asked for; what is no file matters to all."""
    from scangate.scanners.image_config import looking, paths, traces

    path = gap.what
    return looking.wanted(path) or paths.looked_into(path, 1) or traces.may_be(path) or path == "symbolic links"
