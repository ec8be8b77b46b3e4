"""Hostile input for every parser: mutations of valid seeds, the same ones each time.

    python tests/fuzz/run.py [-n INPUTS] [NAME ...]      (make fuzz)

A target is a function of bytes. It may raise what it says it raises; anything else, more than SECONDS for one input, or
more than MEMORY in all, is a failure. Targets live in `fuzz_*.py` beside this file, each with a tuple `TARGETS`.
"""

import random
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType

SECONDS = 5
MEMORY = 500 * 2**20
"""Bytes beyond what the process holds when it begins."""
LONGEST = 2**18
INTERESTING = (b"\0", b"\xff", b"\n", b"-1", b"0", b"9" * 25, b"%s", b"../", b"\x7f\xff\xff\xff", b"\xff" * 8, b"\xef\xbb\xbf", b"{", b"[" * 2000, b'"', b"<!--", b"]]>")  # fmt: skip  # noqa: E501


@dataclass(frozen=True)
class Target:
    """`run` gets one mutated seed. `raises`: the errors its parser documents."""

    name: str
    seeds: Sequence[bytes]
    run: Callable[[bytes], object]
    raises: tuple[type[Exception], ...] = ()


def targets() -> tuple[Target, ...]:
    """Return all there are, by name."""
    files = sorted(Path(__file__).parent.glob("fuzz_*.py"))
    found = [each for file in files for each in import_module(file.stem).TARGETS]
    assert len({each.name for each in found}) == len(found), "two targets have one name"
    return tuple(sorted(found, key=lambda each: each.name))


def inputs(target: Target, count: int) -> Iterator[bytes]:
    """Yield the seeds, and then mutations of them. The same name and count give the same inputs."""
    chance = random.Random(target.name)
    yield from target.seeds[:count]
    for _turn in range(count - len(target.seeds)):
        data = bytearray(chance.choice(target.seeds))
        for _change in range(chance.choice((1, 1, 2, 4, 16))):
            _mutate(data, chance, target.seeds)
        yield bytes(data[:LONGEST])


def attack(target: Target, count: int) -> None:
    """Run them all. Raises AssertionError with the input that was too much."""
    ceiling = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + MEMORY
    before = signal.signal(signal.SIGALRM, _too_long)
    try:
        for number, data in enumerate(inputs(target, count)):
            signal.alarm(SECONDS)
            try:
                target.run(data)
            except target.raises:
                pass
            except BaseException as error:
                raise AssertionError(f"{target.name}, input {number}: {error!r} from {data[:2000]!r}") from error
            finally:
                signal.alarm(0)
    finally:
        signal.signal(signal.SIGALRM, before)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert used < ceiling, f"{target.name} took {used >> 20} MiB"


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def _mutate(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    length = min(len(data) - at, chance.choice((1, 2, 4, 8, 64, 512)))
    kind = chance.randrange(7)
    if kind == 0 and data:
        data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[at : at + length] = b""
    elif kind == 2:
        data[at:at] = chance.choice(INTERESTING)
    elif kind == 3:
        data[at : at + length] = chance.choice(INTERESTING)
    elif kind == 4:
        data[at:at] = data[at : at + length] * chance.choice((1, 2, 8))
    elif kind == 5:
        other = chance.choice(seeds)
        start = chance.randrange(len(other) + 1)
        data[at : at + length] = other[start : start + length]
    else:
        del data[at:]
