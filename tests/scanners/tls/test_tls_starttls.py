"""Each protocol up to the point where TLS begins: real TLS behind a script that speaks the protocol (constructed)."""

import pytest
from tls_servers import HOST, context, scripted, secure, signed

from scangate.core.model import Service


@pytest.fixture
def tls(tmp_path):
    made = context(signed("a.test", names=["a.test"]).write(tmp_path))
    made.set_ciphers("ECDHE+AESGCM")
    return made


def lines(connection):
    """Each line that comes."""
    held = b""
    while True:
        # One byte at a time: what follows the last line belongs to TLS.
        while not held.endswith(b"\n"):
            piece = connection.recv(1)
            if not piece:
                return
            held += piece
        yield held.strip()
        held = b""


def dialogue(*steps, greeting=b""):
    """Send the greeting, and then for each line that is expected its answer."""

    def before(connection):
        if greeting:
            connection.sendall(greeting)
        heard = lines(connection)
        for expected, answer in steps:
            assert next(heard).startswith(expected)
            connection.sendall(answer)

    return before


def ldap(code):
    def before(connection):
        asked = connection.recv(100)
        assert b"1.3.6.1.4.1.1466.20037" in asked
        connection.sendall(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01" + bytes((code,)) + b"\x04\x00\x04\x00")

    return before


def postgres(answer):
    def before(connection):
        assert connection.recv(8) == bytes.fromhex("0000000804d2162f")
        connection.sendall(answer)

    return before


def mysql(abilities):
    body = b"\x0a8.0.36\x00" + bytes(4) + b"saltsalt\x00" + abilities.to_bytes(2, "little") + b"\x21" + bytes(20)

    def before(connection):
        connection.sendall(len(body).to_bytes(3, "little") + b"\x00" + body)
        if abilities & 0x0800:
            assert len(connection.recv(36)) == 36

    return before


def xmpp(features):
    def before(connection):
        assert b"<stream:stream to='" in connection.recv(1000)
        connection.sendall(b"<?xml version='1.0'?><stream:stream id='1'>" + features)
        if b"xmpp-tls" in features:
            assert b"<starttls" in connection.recv(200)
            connection.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")

    return before


SMTP = (b"EHLO", b"250-mail\r\n250-SIZE\r\n250 STARTTLS\r\n"), (b"STARTTLS", b"220 go\r\n")
OFFERED = {
    "smtp": dialogue(*SMTP, greeting=b"220-mail ESMTP\r\n220 ready\r\n"),
    "submission": dialogue(*SMTP, greeting=b"220 mail ESMTP\r\n"),
    "imap": dialogue((b"a1 STARTTLS", b"* CAPABILITY IMAP4\r\na1 OK go\r\n"), greeting=b"* OK ready\r\n"),
    "pop3": dialogue((b"STLS", b"+OK go\r\n"), greeting=b"+OK ready\r\n"),
    "ftp": dialogue((b"AUTH TLS", b"234 go\r\n"), greeting=b"220 ready\r\n"),
    "ldap": ldap(0),
    "postgresql": postgres(b"S"),
    "mysql": mysql(0xFFFF),
    "xmpp-client": xmpp(b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"),
}
REFUSED = {
    "smtp": (dialogue((b"EHLO", b"250-mail\r\n250 SIZE\r\n"), greeting=b"220 mail\r\n"), "net-cleartext-smtp"),
    "imap": (dialogue((b"a1", b"a1 BAD no\r\n"), greeting=b"* OK\r\n"), "net-cleartext-imap"),
    "pop3": (dialogue((b"STLS", b"-ERR no\r\n"), greeting=b"+OK\r\n"), "net-cleartext-pop3"),
    "ftp": (dialogue((b"AUTH", b"530 no\r\n"), greeting=b"220 hi\r\n"), "net-cleartext-ftp"),
    "ldap": (ldap(2), "net-cleartext-ldap"),
    "postgresql": (postgres(b"N"), None),
    "mysql": (mysql(0xF7FF), None),
    "xmpp-client": (xmpp(b"<stream:features><bind/></stream:features>"), None),
}


@pytest.mark.parametrize("name", OFFERED)
def test_what_is_offered_after_starttls_is_judged_like_any_tls(scan, tls, name):
    with scripted(secure(tls, OFFERED[name])) as port:
        outcome = scan(port, name=name, tunnel="")
    assert outcome.gaps == {}
    assert outcome.rules == {"tls-certificate-self-signed"}
    (service,) = outcome.services
    assert (service.tls, service.tunnel) == ("TLSv1.3", "")
    assert service.certificate
    assert "STARTTLS of" in dict(outcome.said("tls-certificate-self-signed").evidence[0].facts)["begins with"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_service_that_has_no_tls_is_told_so_by_the_rule_that_nmap_has(scan, name):
    before, rule = REFUSED[name]
    with scripted(before) as port:
        outcome = scan(port, name=name, tunnel="")
    assert outcome.gaps == {}
    assert outcome.rules == ({rule} if rule else set())
    assert outcome.asked == 1
    for finding in outcome.all(type(outcome.said(rule))) if rule else ():
        assert finding.confidence.name == "CONFIRMED"
        assert finding.subject == f"{HOST}:{port}/tcp"


@pytest.mark.parametrize("name", OFFERED)
def test_half_an_answer_is_a_gap(scan, name):
    with scripted(lambda connection: connection.sendall(b"\x30")) as port:
        outcome = scan(port, name=name, tunnel="")
    assert list(outcome.gaps) == [f"{HOST}:{port}/tcp"]


@pytest.mark.parametrize("name", OFFERED)
def test_another_protocol_is_a_gap_where_nmap_names_this_one(scan, name):
    with scripted(lambda connection: connection.sendall(b"\xff\xfe\xfd" * 2000)) as port:
        outcome = scan(port, name=name, tunnel="")
    assert list(outcome.gaps) == [f"{HOST}:{port}/tcp"]
    assert outcome.rules == set()


@pytest.mark.parametrize("name", ["smtp", "ftp", "imap", "pop3", "xmpp-client"])
def test_endless_talk_ends(scan, name):
    start = {"smtp": b"220-x\r\n", "ftp": b"220-x\r\n", "imap": b"* OK\r\n", "pop3": b"+OK\r\n", "xmpp-client": b"<a>"}

    def chatter(connection):
        connection.sendall(start[name])
        while True:
            connection.sendall(b"220-x\r\n" if name in ("smtp", "ftp") else b"* x\r\n" * 100)

    with scripted(chatter) as port:
        outcome = scan(port, name=name, tunnel="")
    assert list(outcome.gaps) == [f"{HOST}:{port}/tcp"] or outcome.rules == {"net-cleartext-pop3"}


def test_mysql_is_not_asked_so_often_that_it_locks_us_out(scan, tls):
    made = []

    def before(connection):
        made.append(1)
        OFFERED["mysql"](connection)

    with scripted(secure(tls, before)) as port:
        scan(port, name="mysql", tunnel="", connections=400)
    assert len(made) <= 40


def test_tls_from_the_first_byte_on_a_port_of_starttls_is_found_where_nobody_knows(scan, tls, monkeypatch):
    from scangate.scanners.tls import asking
    from scangate.scanners.tls.starttls import postgres

    with scripted(secure(tls)) as port:
        monkeypatch.setattr(asking, "BY_PORT", {port: postgres.POSTGRES})
        service = Service(host=HOST, address=HOST, port=port, protocol="tcp", state="open", name="unknown")
        outcome = scan(port, services=[service])
    assert outcome.gaps == {}
    assert outcome.services[0].tunnel == "ssl"
