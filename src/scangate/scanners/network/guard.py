"""The guard that stands before every socket and every command line of a network scanner: the scope, and its window."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from scangate.core.address_kinds import Address
from scangate.core.scope import Permission, Scope, permit
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.names import resolve

NAMES: Final = 30.0
"""Seconds for the names among the lines of a scope."""


_pinned: list[tuple[Scope, Scope]] = []
"""The scope of this scan, as given and with its names resolved."""


class OutsideScopeError(ScanError):
    """An address may not be touched, or not now."""


def pinned(ctx: Context) -> Scope:
    """Give the scope with the addresses of its names, the same ones for the whole scan.

    Raises ScanError when a name in `deny` does not resolve: it could not be kept out. In `allow`, it covers nothing.
    """
    scope = ctx.scope
    if not any(isinstance(line, str) for line in (*scope.allow, *scope.deny)):
        return scope
    for given, found in _pinned:
        if given is scope:
            return found
    with_names = _with_names(scope, ctx)
    _pinned[:] = [(scope, with_names)]
    return with_names


def forget() -> None:
    """Begin anew: the names of the scope are asked again."""
    _pinned.clear()


def _with_names(scope: Scope, ctx: Context) -> Scope:
    until = min(ctx.deadline, time.monotonic() + NAMES)
    found: list[tuple[str, tuple[Address, ...]]] = []
    for line in dict.fromkeys((*scope.deny, *scope.allow)):
        if not isinstance(line, str):
            continue
        try:
            found.append((line, resolve(line, until)))
        except ScanError as error:
            if line in scope.deny:
                raise ScanError(
                    f"`deny` of the scope names {line}, which {error.message}: it cannot be kept out of the scan",
                    advice="name what is denied by its addresses",
                ) from None
    return replace(scope, names=tuple(found))


def check(address: Address, ctx: Context, *, named_by: str = "") -> Permission:
    """Let a packet to this address through, or raise OutsideScopeError. Also when the window has closed meanwhile."""
    ctx.check()
    window_open(ctx)
    permission = permit(address, pinned(ctx), named_by=named_by)
    if not permission.allowed:
        raise OutsideScopeError(
            f"outside the scope: {address} is {permission.because}",
            advice="name it under `scope: allow:` in scangate.yml if it is yours to scan",
        )
    return permission


def window_open(ctx: Context) -> float:
    """The moment (on the monotonic clock) when the scan must have ended: its deadline, or the end of the window.

    Raises OutsideScopeError when no window is open.
    """
    if ctx.scope.window is None:
        return ctx.deadline
    now = datetime.now(UTC)
    closes = ctx.scope.window.closes(now)
    if closes is None:
        raise OutsideScopeError(
            f"it is {now:%A %H:%M} UTC, and the scope's window is {ctx.scope.window}: nothing was sent",
            advice="scan inside the window, or change `scope: window:` in scangate.yml",
        )
    return min(ctx.deadline, time.monotonic() + (closes - now).total_seconds())
