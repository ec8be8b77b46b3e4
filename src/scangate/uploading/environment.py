"""Where a file goes, as the environment of a workflow says it. The token is only ever in the header of a call."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scangate.errors import UsageError

API: Final = "https://api.github.com"
_REPOSITORY: Final = re.compile(r"(?!\.)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF: Final = re.compile(r"refs/(heads|tags)/[^\s\x00-\x1f\x7f~^:?*\[\\]{1,240}|refs/pull/[0-9]{1,12}/(merge|head)")
_TOKEN: Final = re.compile(r"[!-~]{1,4096}")
_LARGEST_EVENT: Final = 32 * 2**20
_PULL_REQUEST: Final = frozenset({"pull_request"})
"""Events that check out the merge of a pull request. pull_request_target is not one: it has the base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """`api` has no slash at its end. `token` shows in no repr."""

    repository: str
    commit: str
    ref: str
    api: str = API
    token: str = field(repr=False)


def destination(
    environ: Mapping[str, str], *, repository: str | None = None, commit: str | None = None, ref: str | None = None
) -> Destination:
    """Read where to; what is given as an argument goes before the environment. Raises UsageError."""
    return Destination(
        repository=_valid(_REPOSITORY, repository or environ.get("GITHUB_REPOSITORY", ""), "repository", "OWNER/NAME"),
        commit=_valid(_COMMIT, commit or environ.get("GITHUB_SHA", ""), "commit", "the full SHA, 40 hex digits"),
        ref=_valid(_REF, ref or _ref(environ), "ref", "refs/heads/..., refs/tags/... or refs/pull/N/merge"),
        api=_api(environ),
        token=_token(environ),
    )


def _ref(environ: Mapping[str, str]) -> str:
    """The ref of the event; for a pull request that of its merge, whatever was set meanwhile."""
    if environ.get("GITHUB_EVENT_NAME") in _PULL_REQUEST:
        number = _pull_request(environ.get("GITHUB_EVENT_PATH", ""))
        if number:
            return f"refs/pull/{number}/merge"
    return environ.get("GITHUB_REF", "")


def _pull_request(file: str) -> int:
    """Return the number in the event's payload; 0 when there is none."""
    with suppress(OSError, ValueError, RecursionError):
        with Path(file).open("rb") as stream:
            event = json.loads(stream.read(_LARGEST_EVENT))
        inner = event.get("pull_request") if isinstance(event, dict) else None
        number = inner.get("number") if isinstance(inner, dict) else None
        return number if type(number) is int and 0 < number < 10**12 else 0
    return 0


def _api(environ: Mapping[str, str]) -> str:
    place = environ.get("GITHUB_API_URL", "") or API
    try:
        parts = urlsplit(place)
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        fine = parts.hostname and not parts.query and not parts.fragment and "@" not in parts.netloc
    except ValueError:
        fine = False
    # A token that is sent without TLS is everybody's.
    if not fine or (parts.scheme != "https" and not (local and parts.scheme == "http")):
        raise UsageError("GITHUB_API_URL is no https address", advice=f"expected such as {API}")
    return place.rstrip("/")


def _token(environ: Mapping[str, str]) -> str:
    token = environ.get("GITHUB_TOKEN", "") or environ.get("GH_TOKEN", "")
    if not token:
        raise UsageError(
            "there is no token",
            advice="set GITHUB_TOKEN or GH_TOKEN; in a workflow: env: GITHUB_TOKEN: ${{ github.token }}",
        )
    if not _TOKEN.fullmatch(token):
        raise UsageError("GITHUB_TOKEN is no token: it holds blanks or characters no header may", advice="set it anew")
    return token


def _valid(form: re.Pattern[str], value: str, name: str, expected: str) -> str:
    if form.fullmatch(value) and ".." not in value:
        return value
    variable = {"repository": "GITHUB_REPOSITORY", "commit": "GITHUB_SHA", "ref": "GITHUB_REF"}[name]
    said = f"the {name} {value!r:.100} is none" if value else f"there is no {name}"
    raise UsageError(said, advice=f"give --{name}, or set {variable}: {expected}")
