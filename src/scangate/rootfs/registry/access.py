"""One registry or mirror: calls to it, with what it wants to be shown.

Nothing is shown before it is asked for, and then only what the user keeps for this registry. A token is for one
repository, is shared by all calls, and is fetched again when the registry will not take it any more.
"""

import base64
import json
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import IO, Final
from urllib.parse import urlencode, urlsplit

from scangate import http
from scangate.errors import ScanError
from scangate.rootfs.registry.challenge import Challenge, parse_challenges
from scangate.rootfs.registry.credentials import Credentials, credentials_for
from scangate.rootfs.registry.places import Place, base_url, trusted_plain
from scangate.rootfs.stream import Check

LIMITS: Final = http.Limits(deadline=120, longest_wait=60)
"""For documents; a wait that a registry asks for is granted up to the longest one."""
BLOB: Final = http.Limits(deadline=6 * 3600, read=30, tries=5, longest_wait=60)
_LARGEST_TOKEN: Final = 2**16
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Access:
    """Calls to one place. Several threads may call."""

    def __init__(self, place: Place, check: Check) -> None:
        self.place = place
        self._check = check
        self._base = ""
        self._lock = threading.Lock()
        self._authorization = ""
        self._proven = False

    def get(self, path: str, headers: Mapping[str, str], max_bytes: int) -> http.Response:
        """Fetch a document. `path` is relative to the repository. Raises ScanError."""

        def call(shown: Mapping[str, str]) -> http.Response:
            sent = {**headers, **shown}
            return http.get(self._url(path), headers=sent, max_bytes=max_bytes, limits=LIMITS, check=self._check)

        return self._admitted(call, lambda: False)

    def download(self, path: str, into: IO[bytes], max_bytes: int, check: Check) -> http.Response:
        """Fetch a blob into an empty file, or go on with what it holds already. Raises ScanError."""

        def call(shown: Mapping[str, str]) -> http.Response:
            into.seek(0)
            return http.download(
                self._url(path), into, headers=shown, max_bytes=max_bytes, limits=BLOB, check=check, resume=True
            )

        had = into.seek(0, 2)

        def grew() -> bool:
            nonlocal had
            before, had = had, into.seek(0, 2)
            return had > before

        return self._admitted(call, grew)

    def _url(self, path: str) -> str:
        with self._lock:
            self._base = self._base or base_url(self.place)
        return f"{self._base}/{path}"

    def _admitted(
        self, call: Callable[[Mapping[str, str]], http.Response], progressed: Callable[[], bool]
    ) -> http.Response:
        """Call, with a new token when the one at hand is refused; but not with one after the other."""
        while True:
            shown = self._authorization
            try:
                response = call({"Authorization": shown} if shown else {})
            except http.HttpError as error:
                if error.status != HTTPStatus.UNAUTHORIZED:
                    raise
                with self._lock:
                    if self._authorization == shown:  # or else another thread was first
                        self._renew(error, worked=self._proven or progressed())
            else:
                self._proven = True
                return response

    def _renew(self, error: http.HttpError, *, worked: bool) -> None:
        if self._authorization and not worked:
            raise self._denied(error)
        challenges = {each.scheme: each for each in parse_challenges(error.headers.get("www-authenticate", ""))}
        credentials = credentials_for(self.place.registry, self.place.repository)
        if "bearer" in challenges:
            renewed = f"Bearer {self._token(challenges['bearer'], credentials)}"
        elif "basic" in challenges and credentials and credentials.password:
            renewed = _basic(credentials)
        else:
            raise self._denied(error)
        if renewed == self._authorization:
            raise self._denied(error)
        self._authorization, self._proven = renewed, False

    def _token(self, challenge: Challenge, credentials: Credentials | None) -> str:
        if credentials and credentials.registry:
            return credentials.registry
        realm = self._realm(challenge)
        wish = {"scope": challenge.parameters.get("scope") or f"repository:{self.place.repository}:pull"}
        if service := challenge.parameters.get("service"):
            wish["service"] = service
        try:
            answer = self._exchanged(realm, wish, credentials)
        except http.HttpError as error:
            if error.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                raise self._denied(error) from None
            raise
        try:
            document = json.loads(answer.body)
            token = document.get("token") or document.get("access_token")
        except (ValueError, AttributeError, RecursionError):
            token = None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
            raise ScanError(f"{self.place.host} sent no token that could be used", advice="try again later")
        return token

    def _exchanged(self, realm: str, wish: Mapping[str, str], credentials: Credentials | None) -> http.Response:
        if credentials and credentials.identity:
            form = dict(wish) | {
                "grant_type": "refresh_token",
                "client_id": "scangate",
                "refresh_token": credentials.identity,
            }
            body = urlencode(form).encode()
            return http.post(realm, body, headers=_FORM, max_bytes=_LARGEST_TOKEN, limits=LIMITS, check=self._check)
        headers = {}
        if credentials and credentials.password:
            wish = dict(wish) | {"account": credentials.user}
            headers["Authorization"] = _basic(credentials)
        url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(wish)}"
        return http.get(url, headers=headers, max_bytes=_LARGEST_TOKEN, limits=LIMITS, check=self._check)

    def _realm(self, challenge: Challenge) -> str:
        """Where tokens are given out: over TLS, or where all that is involved may be spoken to without."""
        realm = challenge.parameters.get("realm", "")
        try:
            parts = urlsplit(realm)
            host, plain = parts.netloc, parts.scheme == "http"
        except ValueError:
            host, plain = "", False
        known = plain or realm.startswith("https://")
        if not host or "@" in host or not known or "#" in realm or not realm.isprintable():
            raise ScanError(f"{self.place.host} gives no address where its tokens can be had")
        if plain and not (trusted_plain(host) and trusted_plain(self.place.host)):
            raise ScanError(
                f"{self.place.host} sends to {host[:200]} for a token without TLS, where nothing is shown",
                advice="have the registry name an https address as its realm",
            )
        return realm

    def _denied(self, error: http.HttpError) -> ScanError:
        name = f"{self.place.registry}/{self.place.repository}"
        return http.HttpError(
            f"{self.place.host} does not let us read {name} (it answered {error.status})",
            advice=f"check the name, and log in: docker login {self.place.registry}, or set DOCKER_AUTH_CONFIG",
            status=error.status,
        )


def _basic(credentials: Credentials) -> str:
    return f"Basic {base64.b64encode(f'{credentials.user}:{credentials.password}'.encode()).decode()}"
