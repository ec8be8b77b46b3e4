"""What becomes of a job in an executor that came from outside: its workers may hang, die, or never begin."""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import ParamSpec, TypeVar

from scangate import process
from scangate.core.model import Run, Status
from scangate.core.text import clean

P = ParamSpec("P")
T = TypeVar("T")


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
