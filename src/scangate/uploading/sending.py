"""One file: sent, and waited for until GitHub has processed it."""

import re
import time
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from scangate.http import HttpError
from scangate.uploading.calls import Patience, ask, plain, said, send, throttled
from scangate.uploading.environment import Destination

_ID: Final = re.compile(r"[A-Za-z0-9-]{1,100}")
_MOST: Final = 50
_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST: "GitHub calls the request malformed",
    HTTPStatus.UNAUTHORIZED: "GitHub does not know the token",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the file is too large for GitHub",
    HTTPStatus.UNPROCESSABLE_ENTITY: "GitHub does not take the commit, the ref or the file",
}
_WITHOUT: Final = {
    HTTPStatus.FORBIDDEN: "the token may not write alerts, or code scanning is off in this repository",
    HTTPStatus.NOT_FOUND: "there is no such repository for this token, or code scanning is off in it",
}
_PERMIT: Final = (
    "give the job `permissions: security-events: write`; the token of a pull request from a fork or of Dependabot "
    "can only read; a private repository needs GitHub Code Security"
)


class State(StrEnum):
    """How it ended. NOT_TAKEN: GitHub does not take alerts from us here. PENDING: it had not answered in time."""

    COMPLETE = "complete"
    FAILED = "failed"
    REFUSED = "refused"
    NOT_TAKEN = "not-taken"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an upload. `errors` are the receiver's own words."""

    state: State
    reason: str = ""
    advice: str = ""
    errors: tuple[str, ...] = ()


def upload(to: Destination, body: bytes, patience: Patience | None = None) -> Answer:
    """Send a file and wait for it. Raises HttpError when GitHub cannot be reached or is out of order."""
    patience = patience or Patience()
    path = f"/repos/{to.repository}/code-scanning/sarifs"
    try:
        receipt = send(to, path, body, patience)
    except HttpError as error:
        if (answer := _refusal(error)) is None:
            raise
        return answer
    name = receipt.get("id") if isinstance(receipt, dict) else None
    if not isinstance(name, str) or not _ID.fullmatch(name):
        return Answer(state=State.PENDING, reason="GitHub took it and gave it no id to ask for", advice="look there")
    return _processed(to, f"{path}/{name}", patience)


def _processed(to: Destination, path: str, patience: Patience) -> Answer:
    end = time.monotonic() + patience.processing
    while True:
        try:
            told = ask(to, path, patience)
        except HttpError as error:
            if error.status != HTTPStatus.NOT_FOUND:  # right after the upload it may not be known yet
                why = f"GitHub took the file, and its state cannot be read: {error.message}"
                return Answer(state=State.PENDING, reason=why, advice="it is processed all the same: look there")
            told = {}
        status = told.get("processing_status") if isinstance(told, dict) else None
        if status == "complete":
            return Answer(state=State.COMPLETE, errors=_errors(told))
        if status == "failed":
            return Answer(
                state=State.FAILED,
                reason="GitHub could not process the file",
                advice="run `scangate lint` on it: it names the places",
                errors=_errors(told),
            )
        if time.monotonic() + patience.between >= end:
            why = f"GitHub was not done with the file after {patience.processing:g} s"
            return Answer(state=State.PENDING, reason=why, advice="it is processed all the same: look there later")
        time.sleep(patience.between)


def _errors(told: dict[str, Any]) -> tuple[str, ...]:
    errors = told.get("errors")
    listed = errors if isinstance(errors, list) else [errors] if isinstance(errors, str) else []
    return tuple(plain(str(each)[:4_000]) for each in listed[:_MOST])


def _refusal(error: HttpError) -> Answer | None:
    """What a status means; None where GitHub did not answer, or could not."""
    if throttled(error) or not error.status:
        return None
    words = tuple(filter(None, (said(error),)))
    if reason := _WITHOUT.get(HTTPStatus(error.status)) if error.status in set(HTTPStatus) else None:
        return Answer(state=State.NOT_TAKEN, reason=reason, advice=_PERMIT, errors=words)
    if reason := _REFUSALS.get(HTTPStatus(error.status)) if error.status in set(HTTPStatus) else None:
        return Answer(state=State.REFUSED, reason=reason, advice="", errors=words)
    return None
