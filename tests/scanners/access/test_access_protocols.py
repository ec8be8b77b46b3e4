# ruff: noqa: E501 - a row of a table is a line
"""What each protocol's open and closed server says (constructed), and what becomes of it."""

import struct

import pytest
from odd_servers import look, service, tcp, udp

from scangate.scanners.access import Access, ber
from scangate.scanners.access.protocols import PROBES
from scangate.scanners.access.protocols.bson import decode, encode


def http(status: int, body: str, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body.encode()


def mongo(**fields) -> bytes:
    document = encode(fields).replace(b"\x10ok\0\x01\0\0\0", b"\x01ok\0" + struct.pack("<d", 1.0))
    return struct.pack("<iiii", 21 + len(document), 1, 1, 2013) + bytes(5) + document


def zoo(xid: int, error: int) -> bytes:
    return struct.pack(">iiqi", 16, xid, 0, error)


SESSION = struct.pack(">iiiqi16s", 36, 0, 4000, 7, 16, bytes(16))
MYSQL = b"\x2d\0\0\0\x0a8.0.36\0" + bytes(37)
CASES = [
    # name for nmap, greeting, open answer by what was heard last, closed answer, rules of the open one
    ("redis", b"", lambda h: b"$30\r\nredis_version:7.0.15\r\nx:y\r\n\r\n" if b"INFO" in h else b"+PONG\r\n",
     lambda _h: b"-NOAUTH Authentication required.\r\n", ["net-no-auth-redis"]),
    ("memcached", b"", lambda h: b"STAT pid 1\r\nEND\r\n" if b"stats" in h else b"VERSION 1.6\r\n",
     lambda _h: b"CLIENT_ERROR unauthenticated\r\n", ["net-no-auth-memcached"]),
    ("mongodb", b"", lambda h: mongo(databases="x", ok=1) if b"listDatabases" in h else mongo(maxWireVersion=21, ok=1),
     lambda h: mongo(ok=0, code=13) if b"listDatabases" in h else mongo(ok=1), ["net-no-auth-mongodb"]),
    ("zookeeper", b"", lambda h: b"" if h == b"srvr" else zoo(1, 0) if b"\0\0\0\x01/" in h else SESSION,
     lambda h: zoo(1, -102) if b"\0\0\0\x01/" in h else SESSION, ["net-no-auth-zookeeper"]),
    ("ftp", b"220-hello\r\n220 ready\r\n", lambda h: b"230 in\r\n" if b"PASS" in h else b"234 go\r\n" if b"AUTH" in h else b"331 who\r\n",
     lambda h: b"234 go\r\n" if b"AUTH" in h else b"530 no\r\n", ["net-anonymous-ftp"]),
    ("ftp", b"220 ready\r\n", lambda _h: b"530 no\r\n", lambda h: b"234 go\r\n" if b"AUTH" in h else b"530 no\r\n",
     ["net-cleartext-ftp"]),
    ("X11", b"", lambda _h: b"\x01\0\x0b\0\0\0\x0a\0" + bytes(16) + b"\x04\0" + bytes(14) + b"Xorg",
     lambda _h: b"\0\x04\x0b\0\0\0\x01\0nope", ["net-no-auth-x11"]),
    ("vnc", b"RFB 003.008\n", lambda _h: b"\x02\x01\x13", lambda _h: b"\x01\x13", ["net-no-auth-vnc"]),
    ("vnc", b"RFB 003.003\n", lambda _h: b"\0\0\0\x02", lambda _h: b"\0\0\0\0", ["net-cleartext-vnc"]),
    ("smtp", b"220 mail\r\n",
     lambda h: b"250-mail\r\n250 AUTH PLAIN LOGIN\r\n" if h.endswith(b"EHLO scangate.invalid\r\n") else b"250 ok\r\n",
     lambda h: b"250-mail\r\n250 STARTTLS\r\n" if h.endswith(b"EHLO scangate.invalid\r\n") else b"554 relay denied\r\n" if b"RCPT" in h else b"250 ok\r\n",
     ["access-smtp-auth-cleartext", "access-smtp-relay", "net-cleartext-smtp"]),
    ("imap", b"* OK\r\n", lambda _h: b"* CAPABILITY IMAP4rev1\r\na1 OK\r\n",
     lambda _h: b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK\r\n", ["net-cleartext-imap"]),
    ("pop3", b"+OK\r\n", lambda h: b"-ERR\r\n", lambda _h: b"+OK\r\nSTLS\r\n.\r\n", ["net-cleartext-pop3"]),
    ("mysql", MYSQL, lambda _h: b"\x07\0\0\x02\0\0\0\x02\0\0\0", lambda _h: b"\x0c\0\0\x02\xff\x15\x04#28000no", ["net-no-auth-mysql"]),
    ("postgresql", b"", lambda _h: b"R\0\0\0\x08\0\0\0\0", lambda _h: b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0", ["net-no-auth-postgresql"]),
    ("telnet", b"\xff\xfd\x18\xff\xfd\x20login: ", lambda _h: b"", None, ["net-cleartext-telnet"]),
    ("mqtt", b"", lambda _h: b"\x20\x02\0\0", lambda _h: b"\x20\x02\0\x05", ["net-no-auth-mqtt"]),
    ("cassandra", b"", lambda _h: b"\x84\0\0\0\x02\0\0\0\0", lambda _h: b"\x84\0\0\0\x03\0\0\0\0", ["net-no-auth-cassandra"]),
    ("ms-wbt-server", b"", lambda _h: bytes.fromhex("030000130ed00000123400020008000000 0000"),
     lambda _h: bytes.fromhex("030000130ed0000012340003000800050000 00"), ["access-rdp-without-nla"]),
    ("rsync", b"@RSYNCD: 31.0\n", lambda h: b"www\tsite\n@RSYNCD: EXIT\n" if b"#list" in h else b"@RSYNCD: OK\n",
     lambda h: b"www\tsite\n@RSYNCD: EXIT\n" if b"#list" in h else b"@RSYNCD: AUTHREQD x\n", ["net-no-auth-rsync"]),
    ("microsoft-ds", b"",
     lambda h: (b"\0\0\0\x25\xffSMB\x72" + bytes(27) + b"\x11\0\0\0\0") if b"NT LM" in h else b"\0\0\0\x44\xfeSMB" + bytes(60) + b"\x41\0\x01\0",
     lambda h: None if b"NT LM" in h else b"\0\0\0\x44\xfeSMB" + bytes(60) + b"\x41\0\x03\0",
     ["access-smb-signing-not-required", "net-cleartext-smb1"]),
    ("socks5", b"", lambda h: b"\x05\0" if len(h) == 3 else b"\x05\0\0\x01" + bytes(6), lambda _h: b"\x05\xff", ["access-open-proxy"]),
    ("docker", b"", lambda _h: http(200, '{"Version":"24","ApiVersion":"1.43"}'), lambda _h: http(401, "{}"), ["net-no-auth-docker"]),
    ("etcd-client", b"", lambda h: http(200, '{"action":"get","node":{"dir":true}}') if b"/v2" in h else http(404, ""),
     lambda _h: http(401, '{"error":"user name is empty"}'), ["net-no-auth-etcd"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "greeting", "weak", "hardened", "rules"), CASES, ids=[f"{c[0]}-{c[4][0]}" for c in CASES]
)
def test_an_open_server_is_found_and_a_closed_one_is_not(impatient, name, greeting, weak, hardened, rules):
    with tcp(weak, greeting) as port:
        seen = look(Access(), service(port, name))
        assert (seen.rules, seen.gaps, seen.asked) == (rules, [], 1)
    if hardened:
        with tcp(hardened, greeting) as port:
            seen = look(Access(), service(port, name))
            assert (seen.rules, seen.gaps, seen.asked) == ([], [], 1)


def test_datagrams_are_read_as_answers_to_what_was_asked(impatient):
    told = ber.tlv(0x30, ber.integer(1), ber.tlv(4, b"public"), ber.tlv(
        0xA2, ber.integer(0x5CA9), ber.integer(0), ber.integer(0),
        ber.tlv(0x30, ber.tlv(0x30, ber.tlv(6, b"\x2b"), ber.tlv(4, b"a router"))),
    ))  # fmt: skip
    with udp(lambda h: told if b"public" in h and h[4] == 1 else b"") as port:
        assert look(Access(), service(port, "snmp", "udp")).rules == ["net-cleartext-snmp", "net-no-auth-snmp"]
    with udp(lambda h: h[:2] + b"\x81\x83" + h[4:] if h[2] else h[:2] + b"\x80\x80" + h[4:]) as port:
        assert look(Access(), service(port, "domain", "udp")).rules == ["access-dns-recursion"]
    with udp(lambda h: h[:2] + b"\x80\x05" + h[4:]) as port:
        seen = look(Access(), service(port, "domain", "udp"))
        assert (seen.rules, seen.gaps) == ([], [])
    with udp(lambda _h: b"\0\x05\0\x01no such file\0") as port:
        assert look(Access(), service(port, "tftp", "udp")).rules == ["net-cleartext-tftp"]


def test_a_named_service_that_says_nothing_is_a_gap_and_an_unnamed_one_is_none_of_ours(impatient):
    with tcp(lambda _h: b"") as port:
        assert look(Access(), service(port, "redis")).gaps == ["redis: did not answer"]
        seen = look(Access(), service(port, "ssh"))
    assert (seen.gaps, seen.asked, seen.notes) == (
        [],
        1,
        ["no service whose protocol `access` speaks among 1 open ports"],
    )


def test_default_credentials_are_tried_only_when_asked_for(impatient):
    def said(heard: bytes) -> bytes:
        return http(200, '{"name":"guest"}') if b"Basic Z3Vlc3Q6Z3Vlc3Q=" in heard else http(401, "{}")

    with tcp(said) as port:
        rabbit = service(port, "http", product="RabbitMQ")
        assert look(Access(), rabbit).rules == []
        assert look(Access(), rabbit, default_credentials=True).rules == ["access-default-credentials"]


@pytest.mark.parametrize("junk", [b"A" * 10_000_000, bytes(range(256)) * 400, b"\xff" * 70_000, b"\x1b[31m::error::<b>|x|\n" * 4000,
                                  b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000])  # fmt: skip
def test_hostile_answers_are_no_findings_and_end_in_time(impatient, junk):
    names = sorted(
        {name for probe in PROBES if probe.protocol == "tcp" for name in probe.services} - {"telnet", "tftp"}
    )
    with tcp(lambda _h: junk, junk[:100_000]) as port:
        for name in names:
            assert look(Access(), service(port, name), seconds=30).rules == [], name


def test_bson_and_ber_survive_what_is_cut_short():
    whole = encode({"hello": 1, "$db": "admin", "on": True})
    assert decode(whole) == {"hello": 1, "$db": "admin", "on": True}
    for end in range(len(whole)):
        decode(whole[:end])
    with pytest.raises(ValueError, match="cut short"):
        ber.path(b"\x30\x84\xff\xff\xff\xff", 0)
