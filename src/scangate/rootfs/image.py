"""What an image is made of, whatever it is kept in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer. `digest` is its diff id (`sha256:...`, of the uncompressed tar), empty for a directory.

    `index` counts from 0 at the bottom; `created_by` is the build step, where the image's history has one.
    """

    index: int
    digest: str
    created_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The facts of an image. `digest` is its id: the sha256 of its config. All are empty for a directory."""

    os: str = ""
    architecture: str = ""
    digest: str = ""
