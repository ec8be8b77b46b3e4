"""Who descends from a process that we started, as /proc tells it (Linux). Elsewhere nobody is known but the process.

Three signs, because each can be thrown off: the parent, the session, and a mark in the environment. What loses all
three - a daemon with an empty environment whose parent ended - is not found.
"""

import contextlib
import ctypes
import os
import select
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_PR_SET_CHILD_SUBREAPER: Final = 36


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the process table. A zombie has ended, and waits for its parent to ask how."""

    pid: int
    parent: int
    session: int
    zombie: bool


def table() -> tuple[Process, ...]:
    """All processes there are; empty where there is no /proc."""
    with contextlib.suppress(FileNotFoundError):
        names = (path.name for path in Path("/proc").iterdir())
        return tuple(each for name in names if name.isdecimal() and (each := _read(int(name))))
    return ()


@contextlib.contextmanager
def end_of(pid: int) -> Iterator[Callable[[float], None]]:
    """Give a wait for the end of a child that nobody collected yet: it returns then, or after so many seconds."""
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, or an old kernel: look again and again
        yield lambda seconds: time.sleep(min(seconds, 0.02))
        return
    poll = select.poll()
    poll.register(handle, select.POLLIN)

    def wait(seconds: float) -> None:
        poll.poll(seconds * 1000)

    try:
        yield wait
    finally:
        os.close(handle)


def living(processes: Collection[Process], pids: Collection[int], marks: Collection[bytes]) -> list[int]:
    """The descendants of `pids` that have not ended: by session, parents, and `marks`, each a whole `NAME=value`."""
    children: dict[int, list[int]] = defaultdict(list)
    found = set()
    for each in processes:
        children[each.parent].append(each.pid)
        if each.session in pids or not set(marks).isdisjoint(_environment(each.pid)):
            found.add(each.pid)
    unseen = {*pids, *found}
    while unseen:
        new = set(children[unseen.pop()]) - found
        found |= new
        unseen |= new
    return [each.pid for each in processes if each.pid in found and each.pid not in pids and not each.zombie]


def orphans(processes: Collection[Process]) -> list[int]:
    """Zombies that became our children when their parent ended.

    They never are in our session, as nearly all children of other libraries are, whose exit status is not ours to take.
    """
    us, session = os.getpid(), os.getsid(0)
    return [each.pid for each in processes if each.zombie and each.parent == us and each.session != session]


@cache
def adopt() -> None:
    """Become the parent of orphaned descendants (Linux), so that none is left behind as a zombie."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _read(pid: int) -> Process | None:
    with contextlib.suppress(OSError, ValueError, IndexError):  # it may have gone meanwhile
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        # The name stands in brackets and may hold anything; after the last one: state, parent, group, session.
        fields = text.rpartition(")")[2].split()
        return Process(pid, int(fields[1]), int(fields[3]), fields[0] in "ZX")
    return None


def _environment(pid: int) -> list[bytes]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []
