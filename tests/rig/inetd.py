"""A tiny inetd: for each connection one run of a program, with the connection as its standard input and output.

python inetd.py ADDRESS PORT PROGRAM [ARGUMENT ...]
"""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rig.daemon import daemon, find


@contextmanager
def inetd(address: str, port: int, argv: Sequence[str], log: Path) -> Iterator[None]:
    """Serve a program that speaks to its standard input."""
    program = find(argv[0]) or argv[0]
    served = (sys.executable, __file__, address, str(port), program, *argv[1:])
    environ = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    with daemon(served, log, tcp=((address, port),), environ=environ):
        yield


def main(address: str, port: str, *argv: str) -> None:
    """Accept for ever; whoever started us ends us."""
    with socket.create_server((address, int(port))) as listener:
        children: list[subprocess.Popen[bytes]] = []
        while True:
            connection, _peer = listener.accept()
            with connection:
                children.append(subprocess.Popen(argv, stdin=connection, stdout=connection, stderr=connection))
            children = [child for child in children if child.poll() is None]


if __name__ == "__main__":
    main(*sys.argv[1:])
