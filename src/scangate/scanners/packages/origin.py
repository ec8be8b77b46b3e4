"""Where in an image its packages come from: which layer, and whether that is the base image's or the image's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from scangate.core.model import Package
from scangate.scanners.image_config.secrets.commands import shown

if TYPE_CHECKING:
    from scangate.rootfs import Layer
    from scangate.rootfs.base_image import Base
    from scangate.rootfs.view import RootFs

BASE: Final = "base image"
OWN: Final = "yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The layers by digest, and the base image as far as it could be told. Both are empty for an SBOM."""

    layers: "Mapping[str, Layer]" = field(default_factory=dict)
    base: "Base | None" = None

    def of(self, packages: Iterable[Package]) -> str:
        """Answer BASE when all of them came with the base image, else OWN; empty where nobody can tell."""
        if not self.base or not self.base.layers:
            return ""
        found = [self.layers.get(package.layer) for package in packages]
        if None in found:
            return ""
        return BASE if all(layer and layer.index < self.base.layers for layer in found) else OWN

    @property
    def base_name(self) -> str:
        """What to call the base image in a sentence: `the base image`, with its name where it is known."""
        name = self.base.name if self.base else ""
        return f"the base image {name}" if name else "the base image"

    def layer(self, package: Package, prefix: str = "") -> str:
        """Name a layer by its digest, and by its number from 1 at the bottom and its build step where known."""
        if not package.layer:
            return ""
        layer = self.layers.get(package.layer)
        step = f" (#{layer.index + 1} {shown(layer.created_by)}".rstrip() + ")" if layer else ""
        return f"{prefix}{package.layer}{step}"


def origin(rootfs: "RootFs") -> Origin:
    """Tell where things come from in this image."""
    from scangate.rootfs.base_image import recognise

    return Origin(layers={layer.digest: layer for layer in rootfs.layers}, base=recognise(rootfs.config, rootfs.layers))
