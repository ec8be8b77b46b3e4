"""Credential helpers: programs called docker-credential-NAME that keep credentials in a keychain, or make them.

https://github.com/docker/docker-credential-helpers
"""

import json
import os
import re
import time
from typing import Any, Final

from scangate import process
from scangate.errors import ScanError, ToolMissingError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PATIENCE: Final = 30.0
_LARGEST: Final = 2**20


def ask(name: str, server: str) -> tuple[str, str] | None:
    """Return user and secret that the helper knows for a server, None when it knows none.

    It gets the whole environment, as from docker: it is the user's own, and may need the keys of a cloud that are
    there. Nothing it writes is ever shown, for it may be the secret. Raises ScanError.
    """
    if not _NAME.fullmatch(name):
        raise ScanError(
            f"{name[:100]!r} cannot be the name of a credential helper", advice="check Docker's config.json"
        )
    program = f"docker-credential-{name}"
    try:
        done = process.run(
            [program, "get"],
            deadline=time.monotonic() + _PATIENCE,
            env=os.environ,
            max_output=_LARGEST,
            stdin=server.encode(),
        )
    except ToolMissingError:
        advice = f"install {program}, or take it out of Docker's config.json"
        raise ToolMissingError(f"the credential helper {program} is not installed", advice=advice) from None
    if done.returncode:
        if b"not found" in done.stdout + done.stderr:
            return None
        advice = f"try it: echo {server} | {program} get"
        raise ScanError(f"{program} failed with exit code {done.returncode} for {server}", advice=advice)
    try:
        answer: Any = json.loads(done.stdout)
        user, secret = answer["Username"], answer["Secret"]
    except (ValueError, TypeError, KeyError, RecursionError):
        user = secret = None
    if not isinstance(user, str) or not isinstance(secret, str):
        raise ScanError(f"{program} did not answer with a Username and a Secret for {server}")
    return user, secret
