"""Secrets that are told by what stands around them: private keys, and passwords in addresses."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from scangate.scanners.image_config.secrets.values import SHORTEST, is_placeholder, is_reference, is_secret

_BEGIN: Final = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_BODY: Final = re.compile(rb"[A-Za-z0-9+/=]{40}")
_BODY_WITHIN: Final = 600
"""Bytes after the first line of a key in which its body begins: headers stand between."""
_PUTTY: Final = b"PuTTY-User-Key-File-"
_PUTTY_LINES: Final = re.compile(rb"^Private-Lines: \d", re.MULTILINE)
_USER: Final = re.compile(r"([^/\s:@\"'<>`|]{0,100}):([^/\s@\"'<>`|]{3,200})@(?P<host>[\w.\-\[\]]{0,100})")
"""What follows `://` in an address with a password."""
_NO_HOST: Final = re.compile(
    r"(?i)(?:.*\.)?(?:example(?:\.\w+)?|test|invalid|host|hostname|server|domain\.\w+|proxy|your.*|foo|bar)?"
)

Mark = tuple[str, int, int, str, bool]
"""Kind, start, end, anchor, certain."""


def private_keys(data: bytes) -> Iterator[Mark]:
    """Yield the private keys of a text that have a body: a program that only looks for such keys has none."""
    at = data.find(b"-----BEGIN")
    while at >= 0:
        match = _BEGIN.match(data, at)
        if match:
            rest = data[match.end() : match.end() + _BODY_WITHIN].partition(b"-----END")[0]
            if body := _BODY.search(rest):
                end = data.find(b"-----END", match.end())
                yield _kind(match[0], rest, body[0], data), at, end if end >= 0 else len(data), "", True
        at = data.find(b"-----BEGIN", at + 10)
    if data.startswith(_PUTTY) and _PUTTY_LINES.search(data):
        kind = "private-key" if b"\nEncryption: none" in data else "encrypted-private-key"
        yield kind, 0, len(data), "", True


def addresses(data: bytes, *, strict: bool) -> Iterator[Mark]:
    """Yield the passwords in addresses (`https://user:password@host`). `strict`: only such as look random."""
    at = data.find(b"@")
    while at >= 0:
        start = data.rfind(b"://", max(0, at - 305), at) + 3
        if start > 2:  # noqa: PLR2004 - it was found
            text = data[start : at + 101].decode("latin-1")
            match = _USER.match(text)
            if match and match.end(2) == at - start and _is_password(match[2], match["host"], strict=strict):
                yield "url-password", start + match.start(2), at, match["host"].lower(), is_secret(match[2])
        at = data.find(b"@", at + 1)


def _is_password(value: str, host: str, *, strict: bool) -> bool:
    if (
        is_reference(value)
        or is_placeholder(value)
        or _NO_HOST.fullmatch(host)
        or re.search(r"[{$%]\w*[}(]|[{}]", value)
    ):
        return False
    return is_secret(value) if strict else len(value) >= SHORTEST // 2


def _kind(first: bytes, rest: bytes, body: bytes, data: bytes) -> str:
    if b"ENCRYPTED" in first or b"ENCRYPTED" in rest[:100] or (b"OPENSSH" in first and not _is_open(body)):
        return "encrypted-private-key"
    if b'"service_account"' in data:
        return "gcp-service-account"
    return "pgp-private-key" if b"PGP" in first else "private-key"


def _is_open(body: bytes) -> bool:
    """An OpenSSH key says in its first bytes which cipher it is encrypted with: `none`."""
    try:
        return b"none" in base64.b64decode(body)[:30]
    except binascii.Error:
        return True
