"""What an image is made of, whatever it is kept in."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer. `digest` is its diff id (`sha256:...`, of the uncompressed tar), empty for a directory.

    `index` counts from 0 at the bottom; `created_by` is the build step, where the image's history has one. It may hold
    secrets, as everything that an image's author wrote: it is shown only after `secrets.masked`.
    """

    index: int
    digest: str
    created_by: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of an image's history. `empty`: it left no layer. `created` is RFC 3339, as written."""

    created_by: str = field(default="", repr=False)
    created: str = ""
    comment: str = field(default="", repr=False)
    author: str = ""
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The facts of an image. `digest` is its id: the sha256 of its config. All are empty for a directory.

    What says how it runs is as the image has it: `env` and `labels` are pairs, `exposed` are ports (`22/tcp`),
    `healthcheck` the words of its test (`CMD-SHELL`, ...). `builder` is the program that made it, where it says so.
    `annotations` are those of the manifest; `signed` tells whether a signature lies beside the image, None where
    nobody can know: both come from whoever read the manifest. Values may be secrets, so they are not in its repr.
    https://github.com/opencontainers/image-spec/blob/main/config.md
    """

    os: str = ""
    architecture: str = ""
    digest: str = ""
    created: str = ""
    builder: str = ""
    user: str = ""
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    entrypoint: tuple[str, ...] = field(default=(), repr=False)
    cmd: tuple[str, ...] = field(default=(), repr=False)
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    working_dir: str = ""
    stop_signal: str = ""
    labels: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    healthcheck: tuple[str, ...] = field(default=(), repr=False)
    history: tuple[Step, ...] = ()
    annotations: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    signed: bool | None = None
