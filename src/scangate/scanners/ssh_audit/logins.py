"""Which ways to log in a server offers: the `ssh` of this machine asks, as somebody who has nothing to show.

The server refuses, and says what it would have taken. It writes a line into its log, as for any refused login.
"""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scangate import process
from scangate.errors import ScanError
from scangate.scanners import Context
from scangate.scanners.network.endpoints import Endpoint

SECONDS: Final = 15.0
USER: Final = "scangate"
_OPTIONS: Final = (
    *("BatchMode=yes", "PreferredAuthentications=none", "PubkeyAuthentication=no", "IdentityFile=none"),
    *("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null"),
    *("ConnectTimeout=5", "ConnectionAttempts=1", "NumberOfPasswordPrompts=0", "ForwardAgent=no", "LogLevel=ERROR"),
)
# So that an old server is understood; a client too new for one of these is asked again without them.
_OLD: Final = (
    *("KexAlgorithms=+diffie-hellman-group14-sha1,diffie-hellman-group1-sha1", "HostKeyAlgorithms=+ssh-rsa"),
    *("Ciphers=+aes128-cbc,3des-cbc", "MACs=+hmac-sha1,hmac-md5"),
)
_REFUSED: Final = re.compile(r"Permission denied \(([a-z0-9@.,-]{1,300})\)", re.IGNORECASE)
_TOO_NEW: Final = re.compile(r"Bad SSH2|Bad configuration|Unsupported|terminating, \d+ bad", re.IGNORECASE)


def ask(endpoint: Endpoint, ctx: Context, home: Path) -> tuple[str, ...] | None:
    """The ways that were named; None when it was not to be found out. Raises what a process does when time is up."""
    program = process.which("ssh")
    if not program:
        return None
    said = _run(program, endpoint, (*_OPTIONS, *_OLD), ctx, home)
    if said and _TOO_NEW.search(said):
        said = _run(program, endpoint, _OPTIONS, ctx, home)
    named = _REFUSED.search(said or "")
    return tuple(named[1].split(",")) if named else None


def _run(program: str, endpoint: Endpoint, options: Sequence[str], ctx: Context, home: Path) -> str | None:
    chosen = tuple(word for option in options for word in ("-o", option))
    argv = (program, "-F", "none", "-T", "-N", *chosen, "-l", USER, "-p", str(endpoint.port), endpoint.address)
    deadline = min(ctx.deadline, time.monotonic() + SECONDS)
    try:
        done = process.run(argv, deadline=deadline, cwd=home, env={"HOME": str(home)}, max_output=2**16)
    except ScanError:
        ctx.check()
        return None  # it was let in, or the server keeps it waiting: nothing is known
    return done.stderr.decode(errors="replace")
