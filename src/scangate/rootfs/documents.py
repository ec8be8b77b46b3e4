"""JSON out of an image: bounded, and of the shape it should have, or a ScanError that says which document is wrong.

What only says how an image runs is read as far as it is of the right shape: an engine would ignore the rest, too.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from scangate.errors import ScanError
from scangate.rootfs.image import Config, Layer, Step
from scangate.rootfs.limits import MAX_DOCUMENT, MAX_LAYERS
from scangate.rootfs.stream import Region, damaged, digest_of

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def load(region: Region, expected: str = "") -> tuple[Any, bytes]:
    """Return the document and its bytes, which have the expected digest."""
    data = region.read_all(MAX_DOCUMENT)
    if expected and expected != digest_of(data, expected.partition(":")[0]):
        raise damaged(region.what)
    try:
        return json.loads(data), data
    except (ValueError, RecursionError) as error:
        # The text of a RecursionError is Python's; that of a ValueError may hold none of the document but its place.
        raise ScanError(f"{region.what} is not valid JSON: {str(error)[:200]}") from None


def table(document: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise ScanError(f"{what} is not a JSON object")
    return document


def tables(document: Any, what: str, limit: int = MAX_LAYERS) -> list[Mapping[str, Any]]:
    if not isinstance(document, list):
        raise ScanError(f"{what} is not a JSON array")
    if len(document) > limit:
        raise ScanError(f"{what} has {len(document)} entries: at most {limit} are read")
    return [table(each, f"an entry of {what}") for each in document]


def text(document: Mapping[str, Any], key: str, default: str = "") -> str:
    value = document.get(key)
    return value if isinstance(value, str) else default


def digest(document: Mapping[str, Any], key: str, what: str) -> str:
    """Return a digest that is one: it becomes a part of a path."""
    value = text(document, key)
    if not DIGEST.fullmatch(value):
        raise ScanError(f"{what} has no valid digest: {value[:200]!r}")
    return value


def read_config(region: Region, count: int, expected: str = "") -> tuple[Config, tuple[Layer, ...]]:
    """Read an image's config, which must have `count` layers and the expected digest."""
    document, data = load(region, expected)
    config = table(document, region.what)
    rootfs = table(config.get("rootfs"), f"`rootfs` of {region.what}")
    ids = rootfs.get("diff_ids")
    ids = [] if ids is None else ids
    if not isinstance(ids, list) or not all(isinstance(each, str) and DIGEST.fullmatch(each) for each in ids):
        raise ScanError(f"`rootfs.diff_ids` of {region.what} is not an array of digests")
    if len(ids) != count:
        raise ScanError(f"{region.what} speaks of {len(ids)} layers, and the manifest of {count}")
    history = config.get("history")
    steps = tables(history, f"`history` of {region.what}", limit=64 * MAX_LAYERS) if history is not None else []
    facts = _facts(config, tuple(map(_step, steps)), digest_of(data))
    builders = [step.created_by for step in facts.history if not step.empty]
    builders = builders if len(builders) == count else [""] * count
    layers = tuple(
        Layer(index=index, digest=each, created_by=builder)
        for index, (each, builder) in enumerate(zip(ids, builders, strict=True))
    )
    return facts, layers


def pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Return the texts of a JSON object by name, sorted: labels, annotations."""
    if not isinstance(value, dict):
        return ()
    return tuple(sorted((name, each) for name, each in value.items() if isinstance(each, str)))


def _facts(document: Mapping[str, Any], history: tuple[Step, ...], image_id: str) -> Config:
    run = document.get("config")
    run = run if isinstance(run, dict) else {}
    health = run.get("Healthcheck")
    return Config(
        os=text(document, "os"),
        architecture=text(document, "architecture"),
        digest=image_id,
        created=text(document, "created"),
        builder=_builder(document, history),
        user=text(run, "User"),
        env=tuple((name, value) for name, _equals, value in (each.partition("=") for each in _texts(run.get("Env")))),
        entrypoint=_texts(run.get("Entrypoint")),
        cmd=_texts(run.get("Cmd")),
        exposed=_names(run.get("ExposedPorts")),
        volumes=_names(run.get("Volumes")),
        working_dir=text(run, "WorkingDir"),
        stop_signal=text(run, "StopSignal"),
        labels=pairs(run.get("Labels")),
        healthcheck=_texts(health.get("Test")) if isinstance(health, dict) else (),
        history=history,
    )


def _step(entry: Mapping[str, Any]) -> Step:
    return Step(
        created_by=text(entry, "created_by"),
        created=text(entry, "created"),
        comment=text(entry, "comment"),
        author=text(entry, "author"),
        empty=entry.get("empty_layer") is True,
    )


def _builder(document: Mapping[str, Any], history: tuple[Step, ...]) -> str:
    """Return `docker`, `buildkit` or nothing: which program can be told from what it leaves."""
    if any(step.comment.startswith("buildkit.") for step in history) or "moby.buildkit.buildinfo.v1" in document:
        return "buildkit"
    return "docker" if text(document, "docker_version") or "container_config" in document else ""


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):  # what a shell would get, as some builders write it
        value = [value]
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _names(value: Any) -> tuple[str, ...]:
    return tuple(sorted(value)) if isinstance(value, dict) else ()
