"""Cookies, and the attributes that keep them from strangers. Their values are never shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.visit import Visit

_HELP: Final = "https://developer.mozilla.org/docs/Web/HTTP/Headers/Set-Cookie"
SECURE: Final = Rule(
    id="http-cookie-not-secure", title="A cookie may travel without TLS", severity=Severity.MEDIUM, cwes=("CWE-614",),
    why="whoever can read the traffic takes over the session", help=_HELP, controls=("PCI DSS 4.0.1 6.2.4",),
    fix="set `Secure` on the cookies of {port} on {host}",
)  # fmt: skip
HTTP_ONLY: Final = Rule(
    id="http-cookie-not-httponly", title="Scripts can read a cookie", severity=Severity.LOW, cwes=("CWE-1004",),
    why="a script that gets into a page takes the session with it", help=_HELP,
    fix="set `HttpOnly` on the cookies of {port} on {host}",
)  # fmt: skip
SAME_SITE: Final = Rule(
    id="http-cookie-no-samesite", title="A cookie does not say who may have it sent", severity=Severity.LOW,
    cwes=("CWE-1275",), why="another site can have requests made in the name of who is logged in", help=_HELP,
    fix="set `SameSite=Lax` or `Strict` on the cookies of {port} on {host}",
)  # fmt: skip
PREFIX: Final = Rule(
    id="http-cookie-prefix-broken", title="A cookie breaks the promise of its prefix", severity=Severity.LOW,
    cwes=("CWE-1286",), why="browsers drop it", help=_HELP,
    fix="send `__Host-` and `__Secure-` cookies of {port} on {host} as their prefix promises",
)  # fmt: skip
RULES: Final = (SECURE, HTTP_ONLY, SAME_SITE, PREFIX)
_MOST: Final = 50
_FOR_SCRIPTS: Final = ("csrf", "xsrf")
"""Words in the name of a cookie that a script of the site must read, by design."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """`attributes` by their lower-case names."""

    name: str
    attributes: dict[str, str]

    def has(self, name: str) -> bool:
        return name in self.attributes

    @property
    def keeps_its_prefix(self) -> bool:
        if self.name.startswith("__Host-"):
            return self.has("secure") and self.attributes.get("path") == "/" and not self.has("domain")
        return self.has("secure") or not self.name.startswith("__Secure-")


def cookie(header: str) -> Cookie:
    """Read one Set-Cookie header."""
    pair, *rest = header[:4_000].split(";")
    name = pair.partition("=")[0].strip()[:100]
    split = (each.partition("=") for each in rest[:30])
    return Cookie(name=name, attributes={key.strip().lower(): value.strip() for key, _equals, value in split})


def check(visit: Visit) -> Iterator[Hit]:
    sent = (header for page in visit.pages for header in page.answer.all("set-cookie"))
    found = list({each.name: each for each in map(cookie, sent)}.values())[:_MOST]
    loose = [each for each in found if not each.has("secure")] if visit.tls else []
    read = [each for each in found if not each.has("httponly") and not _is_for_scripts(each)]
    anyone = [each for each in found if each.attributes.get("samesite", "").lower() not in ("lax", "strict", "none")]
    # `None` is for TLS alone; without Secure it is the same as nothing.
    anyone += [
        each for each in found if each.attributes.get("samesite", "").lower() == "none" and not each.has("secure")
    ]
    broken = [each for each in found if not each.keeps_its_prefix]
    for rule, cookies, said in (
        (SECURE, loose, "without `Secure`"),
        (HTTP_ONLY, read, "without `HttpOnly`"),
        (SAME_SITE, anyone, "without `SameSite`"),
        (PREFIX, broken, "with a prefix that it does not keep"),
    ):
        if cookies:
            names = ", ".join(sorted(each.name for each in cookies))
            yield Hit(rule=rule, said=f"{visit.where} set {names} {said}", facts=(("cookies", names),))


def _is_for_scripts(each: Cookie) -> bool:
    return any(word in each.name.lower() for word in _FOR_SCRIPTS)
