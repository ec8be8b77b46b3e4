"""The only place that opens a socket to a target: inside the scope, at the rate allowed, to the pinned address alone.

The socket is connected, so that what comes from another address is never read, UDP included.
"""

import errno
import ipaddress
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Final

from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.guard import check
from scangate.scanners.network.rates import spend

TIMEOUT: Final = 5.0
"""Seconds for a connection to come about, and for one answer."""
MOST: Final = 64 * 2**10
"""Bytes read of one answer."""
STEP: Final = 0.2
"""Seconds between looks at whether the user interrupted."""
_CONNECTION: Final = 4
"""Packets that a connection is counted as: SYN, ACK, FIN and one with data."""
_GOING_ON: Final = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)


class RefusedError(ScanError):
    """The host answered that nothing listens there."""


class UnreachableError(ScanError):
    """No answer in time, or no way to the host."""


class BrokenError(ScanError):
    """The connection ended in the middle."""


def connect(endpoint: Endpoint, ctx: Context, timeout: float = TIMEOUT) -> socket.socket:
    """Connect by TCP. Use it with `with`; its timeout is set to `timeout` seconds.

    Raises OutsideScopeError, RefusedError, UnreachableError; DeadlineError and CancelledError as `ctx.check` does.
    """
    made = _open(endpoint, socket.SOCK_STREAM, ctx, _CONNECTION)
    try:
        made.setblocking(False)
        _check(endpoint, made.connect_ex((endpoint.address, endpoint.port)))
        _await(made, endpoint, ctx, time.monotonic() + timeout)
        _check(endpoint, made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        made.settimeout(max(0.01, min(timeout, ctx.remaining)))
    except BaseException:
        made.close()
        raise
    return made


def datagram(endpoint: Endpoint, ctx: Context, timeout: float = TIMEOUT) -> socket.socket:
    """Make a UDP socket that reaches this endpoint and hears it alone; one packet is paid for. Raises as `connect`."""
    made = _open(endpoint, socket.SOCK_DGRAM, ctx, 1)
    try:
        made.settimeout(max(0.01, min(timeout, ctx.remaining)))
        _check(endpoint, made.connect_ex((endpoint.address, endpoint.port)))
    except BaseException:
        made.close()
        raise
    return made


def receive(
    source: socket.socket,
    ctx: Context,
    *,
    most: int = MOST,
    ended: Callable[[bytes], bool] = lambda _data: False,
    seconds: float = TIMEOUT,
) -> bytes:
    """Read until the peer closes, `ended` says so, or `most` bytes are there; whatever came within `seconds` is kept.

    Also for an ssl.SSLSocket. Raises BrokenError when the connection is reset before anything came.
    """
    until = time.monotonic() + min(seconds, ctx.remaining)
    read = bytearray()
    while len(read) < most and (left := until - time.monotonic()) > 0:
        ctx.check()
        source.settimeout(min(STEP, left))
        try:
            piece = source.recv(min(16_384, most - len(read)))
        except TimeoutError:
            continue
        except OSError as error:
            if not read:
                raise BrokenError(f"the connection broke: {error.strerror or error}") from None
            break
        read += piece
        if not piece or ended(bytes(read)):
            break
    return bytes(read)


def _open(endpoint: Endpoint, kind: socket.SocketKind, ctx: Context, packets: int) -> socket.socket:
    try:
        address = ipaddress.ip_address(endpoint.address)
    except ValueError:
        raise ScanError(f"{endpoint.address!r} is not an address: nothing was sent") from None
    check(address, ctx, named_by=endpoint.host if endpoint.named else "")
    spend(packets, endpoint.target, ctx)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004
    try:
        return socket.socket(family, kind)
    except OSError as error:
        raise UnreachableError(f"no socket for {endpoint.where}: {error.strerror or error}") from None


def _await(made: socket.socket, endpoint: Endpoint, ctx: Context, until: float) -> None:
    poll = select.poll()
    poll.register(made, select.POLLOUT)
    while True:
        ctx.check()
        left = until - time.monotonic()
        if left <= 0:
            raise UnreachableError(f"{endpoint.where} did not answer in time")
        if poll.poll(max(1, int(min(STEP, left) * 1000))):
            return


def _check(endpoint: Endpoint, code: int) -> None:
    if code in _GOING_ON:
        return
    if code == errno.ECONNREFUSED:
        raise RefusedError(f"{endpoint.where} refused the connection")
    raise UnreachableError(f"{endpoint.where} cannot be reached: {os.strerror(code)}")
