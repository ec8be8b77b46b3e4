"""Host names become addresses once, here, so that what is scanned is what was checked against the exclusions."""

import ipaddress
import queue
import socket
import threading
import time
from typing import Final

from scangate.errors import ScanError
from scangate.scanners.nmap.address import Address, parse_host

PATIENCE: Final = 15.0
"""Seconds one name may take; a resolver with several dead servers takes longer, and would hold up everything."""
MAX_ANSWERS: Final = 64
"""Addresses taken of one name."""


def resolve(name: str, deadline: float) -> tuple[Address, ...]:
    """Ask the system's resolver for every address of a name: IPv4 first, each family in order.

    `deadline` is on the monotonic clock. Raises ScanError with the reason when there is no address to scan.
    """
    answers: queue.Queue[list[str] | OSError] = queue.Queue()
    # getaddrinfo cannot be ended from outside; a daemon thread does not hold up the end of the process.
    threading.Thread(target=_ask, args=(name, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=min(PATIENCE, max(0.0, deadline - time.monotonic())))
    except queue.Empty:
        raise ScanError("its name was not resolved in time") from None
    if isinstance(answer, OSError):
        raise ScanError(f"does not resolve ({answer.strerror or answer})")
    found = {address for text in answer if (address := _usable(text))}
    if not found:
        raise ScanError(f"resolves to no address that can be scanned ({', '.join(sorted(set(answer))[:5]) or 'none'})")
    return tuple(sorted(found, key=lambda address: (address.version, int(address))))[:MAX_ANSWERS]


def _ask(name: str, answers: "queue.Queue[list[str] | OSError]") -> None:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        answers.put([str(entry[4][0]) for entry in found])
    except OSError as error:
        answers.put(error)


def _usable(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(parse_host(text).text)
    except ValueError:  # 0.0.0.0 from a filtering resolver, or an address with a zone
        return None
