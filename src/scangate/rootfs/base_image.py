"""Which of an image's layers are its base's: so that a finding can say whether a newer base clears it.

No image has to say what it was built on. What there is: annotations and labels that name it, a builder's comment, and
the order of the steps. The answer says how it was found, and how sure it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from scangate.core.model import Confidence
from scangate.rootfs.image import Config, Layer, Step

_NAME: Final = "org.opencontainers.image.base.name"
_DIGEST: Final = "org.opencontainers.image.base.digest"
_ENDS: Final = re.compile(r"(?:/bin/sh -c #\(nop\) +)?(?:CMD|ENTRYPOINT)\b")
"""How a step begins that a Dockerfile usually ends with."""
_STARTS: Final = re.compile(
    r"(?:/bin/sh -c #\(nop\) +)?ADD (?:file:|rootfs|alpine-minirootfs|\S+\.tar)|# ?debian\.sh\b"
)
_DEBIAN: Final = re.compile(r"debian\.sh --arch '[^']{1,40}' out/ '([a-z]{1,40})'")
_FROM: Final = "FROM "
_ID: Final = re.compile(r"FROM [0-9a-f]{12,64}")
_PAUSE: Final = 3_600.0
"""Seconds between two steps that one build seldom takes: the base was there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The image that another one was built on. `layers` and `steps` count from the bottom: those below are its own.

    `layers` is 0 where only its name is known. `how` is one sentence of evidence.
    """

    layers: int
    steps: int
    how: str
    name: str = ""
    digest: str = ""
    confidence: Confidence = Confidence.POTENTIAL


def recognise(
    config: Config,
    layers: Sequence[Layer],
    annotations: Mapping[str, str] | None = None,
    *,
    system: int | None = None,
) -> Base | None:
    """Tell what an image was built on; None when nothing speaks of a base, or all of the image is one.

    `annotations` are the manifest's (those of the config when not given). `system` is the index of the layer that
    brought the operating system, for an image without a usable history.
    """
    notes = dict(config.annotations) if annotations is None else annotations
    labels = dict(config.labels)
    # Labels are inherited from the base, so that they may speak of the base's base; annotations are not.
    name = notes.get(_NAME) or labels.get(_NAME, "")
    digest = notes.get(_DIGEST) or ("" if notes.get(_NAME) else labels.get(_DIGEST, ""))
    found = _from_history(config.history, len(layers))
    if found is None and system is not None and 0 <= system < len(layers) - 1:
        how = f"layer {system + 1} brought the operating system, and other layers follow"
        found = Base(layers=system + 1, steps=0, how=how)
    if found is None:
        where = "annotations" if notes.get(_NAME) else "labels, which may be those of its base,"
        how = f"the image's {where} name its base, and nothing says which layers are the base's"
        return Base(layers=0, steps=0, how=how, name=name, digest=digest) if name else None
    return replace(found, name=name or found.name, digest=digest)


def _from_history(history: tuple[Step, ...], count: int) -> Base | None:
    if sum(not step.empty for step in history) != count:
        return None
    for found in (_by_comment(history), _by_end(history), _by_start(history)):
        if found and 0 < found.layers < count:
            return replace(found, name=found.name or _known(history, found.steps))
    return None


def _by_comment(history: tuple[Step, ...]) -> Base | None:
    """Buildah writes `FROM name` into the comment of its first step, and `FROM id` into those that follow.

    When it makes one layer of all steps, only the last one has the comment.
    """
    marked = [index for index, step in enumerate(history) if step.comment.startswith(_FROM)]
    if not marked:
        return None
    first = last = marked[-1]
    if last < len(history) - 1:
        how = f"build step {last + 1} is the last that says what it was built from, and another builder went on"
        return _base(history, last + 1, how, Confidence.FIRM)
    while _ID.fullmatch(history[first].comment) and first and history[first - 1].comment.startswith(_FROM):
        first -= 1
    name = "" if _ID.fullmatch(history[first].comment) else history[first].comment.removeprefix(_FROM).strip()
    how = f"the builder wrote `FROM` into the comment of build step {first + 1}"
    steps = first
    while first == last and steps and history[steps - 1].empty and not _ENDS.match(history[steps - 1].created_by):
        steps -= 1
    return _base(history, steps, how, Confidence.CONFIRMED, name=name)


def _by_end(history: tuple[Step, ...]) -> Base | None:
    """The last CMD or ENTRYPOINT that layers follow ended somebody else's Dockerfile."""
    last = max((index for index, step in enumerate(history) if not step.empty), default=0)
    for index in reversed(range(last)):
        if _ENDS.match(history[index].created_by):
            steps = index + 1
            while steps < last and history[steps].empty and _ENDS.match(history[steps].created_by):
                steps += 1
            break
    else:
        return None
    how = f"build step {steps} is the command that a base image ends with, and layers follow it"
    if pause := _pause(history, steps):
        return _base(history, steps, f"{how}, {pause}", Confidence.FIRM)
    if _form(history[steps - 1]) != _form(history[last]):
        return _base(history, steps, f"{how}, which another kind of builder wrote", Confidence.FIRM)
    return _base(history, steps, how, Confidence.POTENTIAL)


def _by_start(history: tuple[Step, ...]) -> Base | None:
    """An image of a distribution begins with an archive of its files; what follows was added."""
    if not history or not _STARTS.match(history[0].created_by):
        return None
    steps = next((index for index, step in enumerate(history[1:], 1) if not step.empty), len(history))
    return _base(history, steps, "the first build step unpacks a distribution's files", Confidence.POTENTIAL)


def _base(history: tuple[Step, ...], steps: int, how: str, confidence: Confidence, *, name: str = "") -> Base:
    layers = sum(not step.empty for step in islice(history, steps))
    return Base(layers=layers, steps=steps, how=how, name=name, confidence=confidence)


def _pause(history: tuple[Step, ...], steps: int) -> str:
    before = list(_times(history[:steps]))
    after = list(_times(history[steps:]))
    if not before or not after or (seconds := (after[0] - before[-1]).total_seconds()) < _PAUSE:
        return ""
    return f"{seconds / 3_600:.0f} hours later"


def _times(steps: Sequence[Step]) -> Iterator[datetime]:
    for step in steps:
        # Nanoseconds are more than Python reads, and say nothing here.
        plain = re.sub(r"\.\d+", "", step.created[:64]).replace("Z", "+00:00")
        try:
            time = datetime.fromisoformat(plain)
        except ValueError:
            continue
        if time.tzinfo:
            yield time


def _form(step: Step) -> str:
    if "buildkit" in step.comment or step.created_by.endswith("# buildkit"):
        return "buildkit"
    return "classic" if "#(nop)" in step.created_by else step.comment.partition(" ")[0]


def _known(history: tuple[Step, ...], steps: int) -> str:
    """Name a base that is nothing but a distribution's own image, as its first step says."""
    layers = sum(not step.empty for step in history[:steps])
    found = _DEBIAN.search(history[0].created_by[:400])
    return f"debian:{found[1]}" if found and layers == 1 else ""
