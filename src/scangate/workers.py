"""What becomes of a job in an executor that came from outside: its workers may hang, die, or never begin."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import zip_longest
from typing import Final, ParamSpec, Protocol, TypeVar

from scangate import process
from scangate.core.model import Run, Status, Target
from scangate.core.text import clean
from scangate.errors import Interrupted, UsageError
from scangate.scanners import Scanner, after

P = ParamSpec("P")
T = TypeVar("T")
GRACE: Final = 1.5
"""Seconds that running scans have to end after an interrupt."""
HANGS: Final = 5.0
"""Seconds past the time limit after which nothing waits for a scan any more."""


class Work(Protocol):
    """What is known of a job here. `timeout` is in seconds."""

    @property
    def scanner(self) -> str: ...
    @property
    def target(self) -> Target: ...
    @property
    def timeout(self) -> float: ...


def together(executor: Executor, jobs: Sequence[Work], work: Sequence[Callable[[], Run]]) -> list[Run]:
    """Do all jobs at the same time, as far as the executor does, and give a run for each: never raises."""
    futures: list[Future[Run]] = []
    try:
        futures.extend(submit(executor, each) for each in work)
        await_all({future: job.timeout + HANGS for future, job in zip(futures, jobs, strict=True)})
    except Interrupted:
        process.stop()
        wait(futures, timeout=GRACE)
    return [settle(future, job.scanner, job.target.id) for job, future in zip_longest(jobs, futures)]


def waves(jobs: Mapping[int, str], scanners: Mapping[str, Scanner]) -> Iterator[list[int]]:
    """Yield the numbers of the jobs that may be done together, by the names of their scanners.

    A scanner that names others in `after` comes a wave later than each of those. Raises UsageError for a circle.
    """
    waiting = dict(jobs)
    while waiting:
        names = set(waiting.values())
        ready = [number for number, name in waiting.items() if not names.intersection(after(scanners[name]))]
        if not ready:
            text = f"the scanners {', '.join(sorted(names))} wait for each other"
            raise UsageError(text, advice="this is a bug in one of them: uninstall it")
        yield ready
        for number in ready:
            del waiting[number]


def submit(executor: Executor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Hand over one job. An executor that takes none any more gives a future that failed."""
    try:
        return executor.submit(work, *args, **kwargs)
    except RuntimeError as error:  # shut down, or broken by a worker that died
        refused: Future[T] = Future()
        refused.set_exception(error)
        return refused


def await_all(patience: Mapping[Future[T], float]) -> None:
    """Wait until all are done, or until for as many seconds as one may take none ended: then what still runs hangs."""
    pending = set(patience)
    while pending:
        longest = max(patience[future] for future in pending)
        done, pending = wait(pending, timeout=longest, return_when=FIRST_COMPLETED)
        if not done:
            return


def settle(future: Future[Run] | None, scanner: str, target: str) -> Run:
    """Take back the run of a job, finished or not; None was never handed over. Never raises."""
    interrupted = process.stopping()
    late = Status.CANCELLED if interrupted else Status.TIMED_OUT
    if future is None or future.cancel():
        why = "interrupted before it was started" if interrupted else "scans that hang kept it from being started"
        return Run(scanner=scanner, target=target, status=late, reason=why)
    if not future.done():
        why = "interrupted before it was finished" if interrupted else "it did not end in the time allowed"
        return Run(scanner=scanner, target=target, status=late, reason=why)
    if error := future.exception():
        reason = clean(f"its worker failed: {type(error).__name__}: {error}")
        return Run(scanner=scanner, target=target, status=Status.FAILED, reason=reason)
    return future.result()
