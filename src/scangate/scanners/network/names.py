"""Host names become addresses once in a scan, here, so that all scanners go where the scope was asked about.

Whoever controls a name could otherwise answer with one address for the check and another for the connection.
"""

import ipaddress
import socket
import threading
import time
from concurrent.futures import Future
from typing import Final

from scangate.core.address_kinds import Address
from scangate.errors import ScanError
from scangate.scanners.network.address import parse_host

PATIENCE: Final = 15.0
"""Seconds one name may take; a resolver with several dead servers takes longer, and would hold up everything."""
MAX_ANSWERS: Final = 64
"""Addresses taken of one name."""

_lock = threading.Lock()
_book: dict[str, Future[list[str]]] = {}
"""Every name that was asked for in this scan. What comes too late for one scanner is what the next one gets."""


def resolve(name: str, deadline: float) -> tuple[Address, ...]:
    """Give every address of a name, by the system's resolver: IPv4 first, each family in order; always the same.

    `deadline` is on the monotonic clock. Raises ScanError with the reason when there is no address to scan.
    """
    name = name.lower().removesuffix(".")
    try:
        answer = _asked(name).result(timeout=min(PATIENCE, max(0.0, deadline - time.monotonic())))
    except TimeoutError:
        raise ScanError("its name was not resolved in time") from None
    except OSError as error:
        raise ScanError(f"does not resolve ({error.strerror or error})") from None
    found = {address for text in answer if (address := _usable(text))}
    if not found:
        raise ScanError(f"resolves to no address that can be scanned ({', '.join(sorted(set(answer))[:5]) or 'none'})")
    return tuple(sorted(found, key=lambda address: (address.version, int(address))))[:MAX_ANSWERS]


def forget() -> None:
    """Begin anew: every name is asked again."""
    with _lock:
        _book.clear()


def _asked(name: str) -> Future[list[str]]:
    with _lock:
        if name not in _book:
            _book[name] = Future()
            # getaddrinfo cannot be ended from outside; a daemon thread does not hold up the end of the process.
            threading.Thread(target=_ask, args=(name, _book[name]), daemon=True).start()
        return _book[name]


def _ask(name: str, answer: Future[list[str]]) -> None:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        answer.set_result([str(entry[4][0]) for entry in found])
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that no resolver takes
        answer.set_exception(error if isinstance(error, OSError) else OSError(str(error)))


def _usable(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(parse_host(text).text)
    except ValueError:  # 0.0.0.0 from a filtering resolver, or an address with a zone
        return None
