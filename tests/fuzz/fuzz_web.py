"""What strangers answer: HTTP messages and pages, BER, BSON, DNS and the rest of what `access` reads."""

from harness import Target

from scangate.scanners.access import ber
from scangate.scanners.access.protocols import bson, dns, snmp
from scangate.scanners.web.exposed import EXPOSED
from scangate.scanners.web.message import Answer, parse
from scangate.scanners.web.page import local, read
from scangate.scanners.web.rules.cookies import cookie

BASE = "http://edge.example.com/a/"


def _page(data: bytes) -> None:
    page = read("/a/", Answer(status=200, headers=(("content-type", "text/html"),), body=data), BASE)
    for url in page.links:
        local(url, BASE)


def _ber(data: bytes) -> None:
    list(ber.values(data))
    ber.path(data, 0, 1, 0)


def _dns(data: bytes) -> None:
    dns.read(b"\x5c\xa9" + data[2:])


def _signs(data: bytes) -> None:
    for each in EXPOSED:
        for sign in each.signs:
            sign.proved(data[:16_384])


TARGETS = (
    Target(
        name="http-message",
        seeds=(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Secure\r\nContent-Length: 2\r\n\r\nhi",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 301 Moved\r\nLocation: https://x/\r\n\r\n",
        ),
        run=parse,
    ),
    Target(
        name="http-page",
        seeds=(
            b'<!doctype html><title>t</title><a href="/x?y=z#f">l</a><form action="//h/p"><input type=password></form>',
            b'<meta name=generator content="W 1.2"><script src="http://[::1]/s.js"></script><!-- c --><![CDATA[x]]>',
        ),
        run=_page,
    ),
    Target(
        name="http-exposed",
        seeds=(
            b"DB_PASSWORD=x\n# c\nA=b\n",
            b"ref: refs/heads/main\n",
            b"FROM debian\n",
            b'{"require": {}}',
            b"-- MySQL dump\n",
        ),
        run=_signs,
    ),
    Target(
        name="http-cookie",
        seeds=(b"__Host-a=b; Secure; Path=/; SameSite=Lax",),
        run=lambda data: cookie(data.decode("latin-1")),
    ),
    Target(name="access-ber", seeds=(snmp.request(1, b"public"), snmp.discovery()), run=_ber, raises=(ValueError,)),
    Target(name="access-snmp", seeds=(snmp.request(1, b"public").replace(b"\xa0", b"\xa2"),), run=snmp.response),
    Target(name="access-bson", seeds=(bson.encode({"hello": 1, "$db": "admin", "on": True}),), run=bson.decode),
    Target(
        name="access-dns",
        seeds=(
            dns.query("a.example", 1),
            dns.query("a.example", 252)[:2] + b"\x81\x80\0\1\0\1\0\0\0\0\1a\0\0\1\0\1\xc0\x0c\0\6",
        ),
        run=_dns,
    ),
)
