"""Many small hosts on loopback, in one process: hosts.py COUNT, until standard input ends. Says `ready` once.

Each host is an address in 127.77.0.0/16 with the services of one of four kinds of host. Their ports are among nmap's
1,000 most common ones, and what they say is what nmap needs to tell them apart.
"""

import asyncio
import resource
import sys
from collections.abc import Awaitable, Callable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PAGE = b"<html><title>Welcome</title><h1>It works</h1></html>"
KINDS: tuple[tuple[int, ...], ...] = (
    (22, 80, 8080, 8888),
    (22, 25, 80, 110, 8080),
    (21, 22, 80, 81, 8080),
    (80, 81, 8080, 8888),
)


def addresses(count: int) -> list[str]:
    """The addresses of so many hosts."""
    return [f"127.77.{number // 250}.{number % 250 + 1}" for number in range(count)]


async def _web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line = await reader.readline()
    if line.split()[-1:] and line.split()[-1].startswith(b"HTTP/"):
        while (await reader.readline()).strip():
            pass
        head = b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\nConnection: close\r\n"
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(PAGE) + (b"" if line.startswith(b"HEAD") else PAGE))


def _greets(greeting: bytes, answer: bytes = b"") -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        while await reader.readline():
            if not answer:
                return
            writer.write(answer)

    return serve


SERVICES: dict[int, Serve] = {
    21: _greets(b"220 (vsFTPd 3.0.3)\r\n", b"530 Please login with USER and PASS.\r\n"),
    22: _greets(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
    25: _greets(b"220 mail.example.com ESMTP Postfix (Debian/GNU)\r\n", b"502 5.5.2 Error: command not recognized\r\n"),
    80: _web,
    110: _greets(b"+OK Dovecot (Debian) ready.\r\n", b"-ERR Unknown command.\r\n"),
    81: _web,
    8080: _web,
    8888: _web,
}


def _guarded(serve: Serve) -> Serve:
    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.wait_for(serve(reader, writer), 30)
            await writer.drain()
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            pass  # probes hang up, and send what no protocol knows
        finally:
            writer.close()

    return guarded


async def _all(count: int) -> None:
    for number, address in enumerate(addresses(count)):
        for port in KINDS[number % len(KINDS)]:
            await asyncio.start_server(_guarded(SERVICES[port]), address, port, backlog=256)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(_all(int(sys.argv[1])))
