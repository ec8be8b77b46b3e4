"""The JSON of ssh-audit 2 and 3. Much in it is the server's own words, and nothing has to be there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from scangate.core.text import clean
from scangate.errors import ScanError

MOST: Final = 200
"""Entries read of one list."""
_LONGEST: Final = 200
_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,7}", re.ASCII)
_SHA256: Final = re.compile(r"[A-Za-z0-9+/]{43}", re.ASCII)
_KINDS: Final = ("kex", "key", "enc", "mac")
_ECDSA: Final = "ecdsa-sha2-nistp"
_PREFERRED: Final = ("ssh-ed25519", f"{_ECDSA}256", f"{_ECDSA}384", f"{_ECDSA}521", "ssh-rsa", "ssh-dss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """One that the server offers. `kind`: kex, key, enc, mac. `bits`: of its key or prime, 0 when that is not said."""

    kind: str
    name: str
    bits: int = 0
    fails: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """One that ssh-audit 2 concludes from the banner. `score` is CVSS 2."""

    id: str
    description: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A report. `host_key`: SHA256:..., of the best key; `advice`: what to remove, change or add, in its words."""

    banner: str
    software: str
    algorithms: tuple[Algorithm, ...]
    host_key: str
    vulnerabilities: tuple[Vulnerability, ...]
    advice: tuple[str, ...]

    def names(self, kind: str) -> frozenset[str]:
        """What is offered of one kind."""
        return frozenset(each.name for each in self.algorithms if each.kind == kind)


def parse(output: bytes) -> Audit:
    """Read a report. Raises ScanError for what is none, or only half of one."""
    try:
        document = json.loads(output)
    except (ValueError, RecursionError):
        raise ScanError("ssh-audit left no whole report", advice="run it by hand to see why") from None
    # One target is one object; some versions wrap it in a list.
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, dict) or not all(isinstance(document.get(kind), list) for kind in _KINDS):
        raise ScanError("ssh-audit's report has no algorithms: it did not get to the key exchange")
    banner = _table(document.get("banner"))
    return Audit(
        banner=_text(banner.get("raw")),
        software=_text(banner.get("software")),
        algorithms=tuple(each for kind in _KINDS for each in _algorithms(kind, document[kind])),
        host_key=_host_key(document.get("fingerprints")),
        vulnerabilities=tuple(_vulnerabilities(document.get("cves"))),
        advice=tuple(_advice(document.get("recommendations"))),
    )


def _algorithms(kind: str, entries: list[Any]) -> Iterator[Algorithm]:
    for entry in entries[:MOST]:
        name = _text(entry.get("algorithm")) if isinstance(entry, dict) else _text(entry)
        if not name:
            continue
        details = _table(entry)
        notes = details.get("notes")
        bits = details.get("keysize")
        yield Algorithm(
            kind=kind,
            name=name,
            bits=bits if isinstance(bits, int) and 0 < bits < 2**20 else 0,
            fails=_texts(notes, "fail"),
            warnings=_texts(notes, "warn"),
        )


def _host_key(entries: Any) -> str:
    """The fingerprint of the kind of key that clients like best, so that it is the same one each time."""
    found: dict[str, str] = {}
    for entry in entries[:MOST] if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        kind = _text(entry.get("hostkey") or entry.get("type"))
        # 2.3 and older write `fp` with the algorithm in front.
        digest = _text(entry.get("hash") or entry.get("fp")).removeprefix("SHA256:")
        if entry.get("hash_alg", "SHA256") == "SHA256" and _SHA256.fullmatch(digest):
            found.setdefault(kind, f"SHA256:{digest}")
    order = sorted(found, key=lambda kind: (_PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED), kind))
    return found[order[0]] if order else ""


def _vulnerabilities(entries: Any) -> Iterator[Vulnerability]:
    for entry in entries[:MOST] if isinstance(entries, list) else ():
        if isinstance(entry, dict) and _CVE.fullmatch(name := _text(entry.get("name"))):
            score = entry.get("cvssv2")
            known = float(score) if isinstance(score, (int, float)) and 0 <= score <= 10 else 0.0  # noqa: PLR2004 - CVSS
            yield Vulnerability(id=name, description=_text(entry.get("description")), score=known)


def _advice(document: Any) -> Iterator[str]:
    """`remove hmac-md5 (mac)`, the most urgent first."""
    for urgency in ("critical", "warning"):
        actions = _table(_table(document).get(urgency))
        for action, word in (("del", "remove"), ("chg", "change"), ("add", "add")):
            kinds = _table(actions.get(action))
            for kind in _KINDS:
                entries = kinds.get(kind)
                for entry in entries[:MOST] if isinstance(entries, list) else ():
                    if name := _text(_table(entry).get("name")):
                        yield f"{word} {name} ({kind})"


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(notes: Any, key: str) -> tuple[str, ...]:
    found = notes.get(key) if isinstance(notes, dict) else None
    return tuple(_text(each) for each in found[:MOST]) if isinstance(found, list) else ()


def _text(value: Any) -> str:
    return clean(value, _LONGEST) if isinstance(value, str) else ""
