"""How fast packets go out: one budget for the process, and one for each target, shared by all scanners."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from scangate.scanners import Context

BURST: Final = 1.0
"""Seconds of unused budget that may be spent at once."""
STEP: Final = 0.2
"""Seconds between looks at whether the user interrupted."""
LEAST: Final = 0.1
"""The share of a target's budget that a lease leaves to others."""


class Bucket:
    """A token bucket; not safe without the lock of this module. `rate` is in packets per second."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.leased = 0.0
        self._tokens = max(1.0, rate * BURST)
        self._at = time.monotonic()

    def take(self, packets: float) -> float:
        """Take tokens, into debt if need be, and say how many seconds to wait before sending."""
        left = max(self.rate - self.leased, self.rate * LEAST / 10)
        now = time.monotonic()
        self._tokens = min(max(1.0, left * BURST), self._tokens + (now - self._at) * left) - packets
        self._at = now
        return max(0.0, -self._tokens / left)


_lock = threading.Lock()
_buckets: dict[tuple[str, float], Bucket] = {}


def spend(packets: float, target: str, ctx: Context) -> None:
    """Wait until so many packets may be sent to a target. Raises what `ctx.check` raises."""
    with _lock:
        wait = max((bucket.take(packets) for bucket in _of(target, ctx)), default=0.0)
    until = time.monotonic() + wait
    while (left := until - time.monotonic()) > 0:
        ctx.check()
        time.sleep(min(STEP, left))
    ctx.check()


@contextmanager
def lease(target: str, ctx: Context) -> Iterator[float | None]:
    """Reserve packets per second for a program that sends its own, for as long as it runs; None is no limit.

    It gets nearly all that is left of its target's budget, and at most half of what is left of that for all.
    """
    with _lock:
        held = [
            (bucket, (bucket.rate - bucket.leased) * share)
            for bucket, share in zip(_of(target, ctx), _shares(ctx), strict=True)
        ]
        rate = min((most for _bucket, most in held), default=None)
        for bucket, _most in held:
            bucket.leased += rate or 0.0
    try:
        yield rate
    finally:
        with _lock:
            for bucket, _most in held:
                bucket.leased = max(0.0, bucket.leased - (rate or 0.0))


def forget() -> None:
    """Begin anew: all budgets are full."""
    with _lock:
        _buckets.clear()


def _of(target: str, ctx: Context) -> list[Bucket]:
    wanted = ((f"target {target}", ctx.scope.rate), ("all", ctx.scope.rate_total))
    return [_buckets.setdefault((name, rate), Bucket(rate)) for name, rate in wanted if rate is not None]


def _shares(ctx: Context) -> list[float]:
    shares = ((ctx.scope.rate, 1 - LEAST), (ctx.scope.rate_total, 0.5))
    return [share for rate, share in shares if rate is not None]
