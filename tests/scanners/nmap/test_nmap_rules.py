"""Each rule: what breaks it, what does not, and how sure it is."""

import pytest
from nmap_xml import broken, elem, findings, head, host, port, report, script, table

from scangate.core.model import Confidence, Severity
from scangate.scanners.network.address import parse_expect
from scangate.scanners.nmap.rules import RULES, SCRIPTS, closed
from scangate.scanners.nmap.rules.exposed import _SERVICES


def test_rules_have_one_id_each_and_all_their_words():
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    for rule in RULES:
        assert rule.id == rule.id.lower()
        assert "/" not in rule.id
        assert rule.title
        assert rule.why
        assert "{port}" in rule.fix
        assert "{host}" in rule.fix
        assert rule.worst is None or rule.worst > rule.severity
        assert rule.script in (*SCRIPTS, "docker-version", "")


class TestUnexpected:
    def test_every_open_port_that_is_not_expected(self):
        document = report(
            host(port(80, "http"), port(443, "http"), port(22, state="closed"), port(25, state="filtered"))
        )
        assert [each.subject for each in findings(document)] == ["192.0.2.7:80/tcp", "192.0.2.7:443/tcp"]
        assert [each.subject for each in findings(document, expect=("80", "443/udp"))] == ["192.0.2.7:443/tcp"]
        assert findings(document, expect=("80/tcp", "443/tcp")) == []

    def test_open_or_filtered_is_not_open(self):
        assert findings(report(host(port(161, "snmp", protocol="udp", state="open|filtered")))) == []

    @pytest.mark.parametrize(
        ("one_port", "severity"),
        [
            (port(8080, "http"), Severity.MEDIUM),
            (port(6379, "redis"), Severity.HIGH),
            (port(6379, "redis", method="table"), Severity.HIGH),
            (port(7000, "redis"), Severity.HIGH),
            (port(6379, "http"), Severity.MEDIUM),
            (port(9200, "http"), Severity.HIGH),
            (port(3306), Severity.HIGH),
            (port(161, "snmp", protocol="udp"), Severity.HIGH),
        ],
    )
    def test_databases_and_management_are_worse(self, one_port, severity):
        found = [each for each in findings(report(host(one_port))) if each.rule == "net-unexpected-port"]
        assert [each.severity for each in found] == [severity]

    def test_the_words_are_complete(self):
        (found,) = findings(report(host(port(6380, "http", product="nginx", version="1.22.1"), address="192.0.2.9")))
        assert found.target == "edge"
        assert found.location.logical == found.subject == "192.0.2.9:6380/tcp"
        assert found.location.path == ""
        assert found.severity_source == "scangate rule"
        assert found.seen_by == ("nmap",)
        assert found.fix is not None
        assert found.fix.summary == "close 6380/tcp on 192.0.2.9, or add it to `expect`"
        assert "nginx 1.22.1" in found.message
        assert found.confidence is Confidence.CONFIRMED

    def test_a_name_is_the_subject_and_ipv6_stands_in_brackets(self):
        document = report(host(port(80, "http"), address="2001:db8::7", kind="ipv6"))
        assert findings(document)[0].subject == "[2001:db8::7]:80/tcp"
        named = findings(document, name="edge.example.com")[0]
        assert named.subject == "edge.example.com:80/tcp"
        assert ("address", "2001:db8::7") in named.evidence[0].facts

    def test_a_guess_is_called_one(self):
        (found,) = findings(report(host(port(1234, "hotline", method="table"))))
        assert "a guess from the port's number" in found.message

    def test_an_expected_port_that_is_open_nowhere(self):
        found = closed(parse_expect("443"), "edge", 3)
        assert (found.rule, found.subject, found.severity) == ("net-expected-port-closed", "edge:443/tcp", Severity.LOW)
        assert "any of the 3 hosts" in found.message

    def test_names_of_services_are_those_nmap_has(self):
        from pathlib import Path

        probes = Path("/usr/share/nmap/nmap-service-probes")
        if not probes.exists():
            pytest.skip("nmap's own data is not installed")
        known = probes.read_text(encoding="latin-1")
        assert [name for name in _SERVICES if f"match {name} " not in known] == []


class TestCleartext:
    @pytest.mark.parametrize(
        ("one_port", "rule"),
        [
            (port(23, "telnet"), "net-cleartext-telnet"),
            (port(514, "shell"), "net-cleartext-rsh"),
            (port(513, "login"), "net-cleartext-rsh"),
            (port(512, "exec"), "net-cleartext-rsh"),
            (port(21, "ftp"), "net-cleartext-ftp"),
            (port(110, "pop3", script("pop3-capabilities", "USER TOP UIDL")), "net-cleartext-pop3"),
            (port(143, "imap", script("imap-capabilities", "IMAP4rev1 IDLE")), "net-cleartext-imap"),
            (port(25, "smtp", script("smtp-commands", "mail, PIPELINING, SIZE 1024")), "net-cleartext-smtp"),
            (port(389, "ldap"), "net-cleartext-ldap"),
            (port(5900, "vnc"), "net-cleartext-vnc"),
            (port(161, "snmp", protocol="udp", product="SNMPv1 server"), "net-cleartext-snmp"),
            (port(161, "snmp", protocol="udp", product="SNMPv1 server; SNMPv3 server"), "net-cleartext-snmp"),
        ],
    )
    def test_what_carries_secrets_in_the_open(self, one_port, rule):
        assert set(broken(one_port)) == {rule}

    @pytest.mark.parametrize(
        "one_port",
        [
            port(992, "telnet", tunnel="ssl"),
            port(990, "ftp", tunnel="ssl"),
            port(21, "ftp", script("ssl-cert", "Subject: x")),
            port(110, "pop3", script("pop3-capabilities", "USER STLS TOP")),
            port(143, "imap", script("imap-capabilities", "IMAP4rev1 STARTTLS LOGINDISABLED")),
            port(25, "smtp", script("smtp-commands", "mail, PIPELINING, STARTTLS")),
            port(161, "snmp", protocol="udp", product="net-snmp; net-snmp SNMPv3 server"),
            port(22, "ssh"),
            port(80, "http"),
        ],
    )
    def test_tls_that_is_offered_is_enough(self, one_port):
        assert broken(one_port) == {}

    def test_confidence_is_honest(self):
        def confidence(one_port, **head_attributes):
            (found,) = broken(one_port, **head_attributes).values()
            return found.confidence

        assert confidence(port(23, "telnet")) is Confidence.CONFIRMED
        assert confidence(port(23, "telnet", method="table")) is Confidence.POTENTIAL
        assert confidence(port(25, "smtp", script("smtp-commands", "SIZE"))) is Confidence.CONFIRMED
        assert confidence(port(389, "ldap")) is Confidence.FIRM
        assert confidence(port(389, "ldap"), args="nmap -sV 192.0.2.7") is Confidence.POTENTIAL

    def test_a_login_page_without_tls(self):
        basic = script("http-auth", "x", table("", elem("scheme", "Basic"), table("params", elem("realm", "x"))))
        digest = script("http-auth", "x", table("", elem("scheme", "Digest")))
        output = "\nSpidering limited to: maxpagecount=1\n  url                     method\n  {}  {}\n"
        form = script("http-auth-finder", output.format("http://192.0.2.7:80/", "FORM"))
        redirected = script("http-auth-finder", output.format("https://192.0.2.7:443/login", "FORM"))
        by_http = script("http-auth-finder", output.format("http://192.0.2.7:80/", "HTTP: Digest, Basic"))
        assert set(broken(port(80, "http", basic))) == {"net-cleartext-http-login"}
        assert set(broken(port(80, "http", form))) == {"net-cleartext-http-login"}
        assert set(broken(port(80, "http", by_http))) == {"net-cleartext-http-login"}
        assert broken(port(80, "http", digest)) == {}
        assert broken(port(80, "http", redirected)) == {}
        assert broken(port(443, "http", basic, form, tunnel="ssl")) == {}


class TestUnauthenticated:
    @pytest.mark.parametrize(
        ("one_port", "rule"),
        [
            (port(6379, "redis", script("redis-info", "x", elem("Version", "7.0.15"))), "net-no-auth-redis"),
            (port(11211, "memcached", script("memcached-info", "x", elem("Process ID", "9"))), "net-no-auth-memcached"),
            (port(27017, "mongodb", script("mongodb-databases", "ok = 1\n totalSize = 9")), "net-no-auth-mongodb"),
            (port(2375, "docker", script("docker-version", "x", elem("Version", "24.0"))), "net-no-auth-docker"),
            (port(9200, "http", product="Elasticsearch REST API", version="7.1.0"), "net-no-auth-elasticsearch"),
            (port(8000, "jdwp"), "net-no-auth-jdwp"),
            (port(6000, "X11", script("x11-access", "X server access is granted")), "net-no-auth-x11"),
            (port(161, "x", script("snmp-sysdescr", "Linux web 6.1"), protocol="udp"), "net-no-auth-snmp"),
            (
                port(990, "ftp", script("ftp-anon", "Anonymous FTP login allowed (FTP code 230)"), tunnel="ssl"),
                "net-anonymous-ftp",
            ),
        ],
    )
    def test_what_lets_anyone_in(self, one_port, rule):
        assert set(broken(one_port)) == {rule}

    @pytest.mark.parametrize(
        "one_port",
        [
            port(6379, "redis", script("redis-info", "ERROR: Authentication required")),
            port(27017, "mongodb", script("mongodb-databases", "errmsg = not authorized\n code = 13")),
            port(9200, "http", product="Elasticsearch REST API"),
            port(8000, "jdwp", method="table"),
            port(2375, "docker"),
            port(990, "ftp", script("ftp-anon", 'got code 500 "no".'), tunnel="ssl"),
        ],
    )
    def test_what_asks_for_a_login(self, one_port):
        assert broken(one_port) == {}

    def test_vnc_says_itself_that_it_needs_none(self):
        found = broken(
            port(5900, "vnc", script("vnc-info", "x", elem("WARNING", "Server does not require authentication")))
        )
        assert set(found) == {"net-no-auth-vnc", "net-cleartext-vnc"}

    def test_anonymous_ftp_that_can_be_written_is_worse(self):
        text = "Anonymous FTP login allowed (FTP code 230)\ndrwxrwxrwx 2 0 0 6 May 1 pub [NSE: writeable]"
        found = broken(port(990, "ftp", script("ftp-anon", text), tunnel="ssl"))["net-anonymous-ftp"]
        assert found.severity is Severity.HIGH


def certificate(
    *,
    begins="2026-01-01T00:00:00",
    ends="2027-06-01T00:00:00",
    kind="rsa",
    bits="2048",
    signed="sha256WithRSAEncryption",
    subject="edge.example.com",
    issuer="Example CA",
    san="DNS:edge.example.com, DNS:*.apps.example.com",
):
    extensions = [table("", elem("name", "X509v3 Subject Alternative Name"), elem("value", san))] if san else []
    inner = (
        table("subject", elem("commonName", subject)) + table("issuer", elem("commonName", issuer))
        + table("pubkey", elem("type", kind), elem("bits", bits)) + table("extensions", *extensions)
        + elem("sig_algo", signed) + table("validity", elem("notBefore", begins), elem("notAfter", ends))
    )  # fmt: skip
    return port(443, "http", script("ssl-cert", "Subject: x", inner), tunnel="ssl")


class TestCertificate:
    def test_a_good_one_breaks_nothing(self):
        assert broken(certificate(), name="edge.example.com") == {}

    @pytest.mark.parametrize(
        ("changed", "rule"),
        [
            ({"ends": "2026-11-20T00:00:00"}, "tls-certificate-expired"),
            ({"ends": "2026-11-21T00:00:00+00:00"}, "tls-certificate-expired"),
            ({"ends": "2026-12-20T00:00:00"}, "tls-certificate-expires-soon"),
            ({"begins": "2026-11-23T00:00:00"}, "tls-certificate-not-yet-valid"),
            ({"bits": "1024"}, "tls-certificate-weak-key"),
            ({"kind": "ec", "bits": "192"}, "tls-certificate-weak-key"),
            ({"signed": "sha1WithRSAEncryption"}, "tls-certificate-weak-signature"),
            ({"signed": "md5WithRSAEncryption"}, "tls-certificate-weak-signature"),
            ({"signed": "ecdsa-with-SHA1"}, "tls-certificate-weak-signature"),
            ({"issuer": "edge.example.com"}, "tls-certificate-self-signed"),
            ({"san": "DNS:other.example.com"}, "tls-certificate-name-mismatch"),
            ({"san": "", "subject": "other"}, "tls-certificate-name-mismatch"),
        ],
    )
    def test_what_is_wrong_with_one(self, changed, rule):
        assert set(broken(certificate(**changed), name="edge.example.com")) == {rule}

    @pytest.mark.parametrize(
        "changed",
        [
            {"kind": "ec", "bits": "256"},
            {"kind": "ed25519", "bits": "0"},
            {"kind": "rsa", "bits": "9" * 40},
            {"ends": 'Can\'t parse; string is "99991301"', "begins": "MISSING"},
            {"san": "", "subject": "edge.example.com"},
            {"san": "DNS:EDGE.example.com"},
        ],
    )
    def test_what_is_not_wrong(self, changed):
        assert broken(certificate(**changed), name="edge.example.com") == {}

    def test_a_star_is_one_label(self):
        assert broken(certificate(), name="a.apps.example.com") == {}
        assert set(broken(certificate(), name="a.b.apps.example.com")) == {"tls-certificate-name-mismatch"}
        assert set(broken(certificate(), name="apps.example.com")) == {"tls-certificate-name-mismatch"}

    def test_an_address_has_no_name_to_match(self):
        assert broken(certificate(san="DNS:other.example.com")) == {}

    def test_the_day_is_that_of_the_scan(self):
        document = (head() + host(certificate(ends="2026-11-20T00:00:00"))).encode()
        undated = document.replace(b'start="1795289891"', b"")
        assert "tls-certificate-expired" in {each.rule for each in findings(document)}
        assert "tls-certificate-expired" not in {each.rule for each in findings(undated)}


def suites(version, *names, warnings=()):
    listed = [
        table("", elem("name", name), elem("strength", strength), elem("kex_info", "rsa 2048"))
        for name, strength in names
    ]
    return table(version, table("ciphers", *listed), table("warnings", *(elem("", each) for each in warnings)))


def tls(*versions, more=()):
    return port(443, "http", script("ssl-enum-ciphers", "x", "".join(versions)), *more, tunnel="ssl")


GOOD = ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "A")


class TestTls:
    def test_versions_1_2_and_1_3_are_fine(self):
        assert broken(tls(suites("TLSv1.2", GOOD), suites("TLSv1.3", ("TLS_AKE_WITH_AES_128_GCM_SHA256", "A")))) == {}

    def test_obsolete_versions(self):
        found = broken(tls(suites("TLSv1.0", GOOD), suites("TLSv1.1", GOOD)))["tls-protocol-obsolete"]
        assert found.severity is Severity.MEDIUM
        assert "TLS 1.0, TLS 1.1" in found.message
        assert broken(tls(suites("SSLv3", GOOD)))["tls-protocol-obsolete"].severity is Severity.HIGH
        old = tls(suites("TLSv1.2", GOOD), more=(script("sslv2", "\n  SSLv2 supported\n  ciphers: none"),))
        assert broken(old)["tls-protocol-obsolete"].severity is Severity.HIGH

    @pytest.mark.parametrize(
        ("name", "strength", "severity"),
        [
            ("TLS_RSA_WITH_DES_CBC_SHA", "D", Severity.MEDIUM),
            ("TLS_RSA_WITH_RC4_128_SHA", "C", Severity.MEDIUM),
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "C", Severity.MEDIUM),
            ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "D", Severity.MEDIUM),
            ("TLS_RSA_WITH_NULL_SHA", "F", Severity.HIGH),
            ("TLS_DH_anon_WITH_AES_128_CBC_SHA", "F", Severity.HIGH),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", "E", Severity.HIGH),
        ],
    )
    def test_weak_suites(self, name, strength, severity):
        found = broken(tls(suites("TLSv1.2", GOOD, (name, strength))))["tls-cipher-weak"]
        assert found.severity is severity
        assert name in found.message
        assert GOOD[0] not in found.message

    def test_a_grade_that_is_the_certificates_is_not_blamed_on_the_suites(self):
        warning = "Insecure certificate signature (SHA1), score capped at F"
        assert broken(tls(suites("TLSv1.2", (GOOD[0], "F"), warnings=(warning,)))) == {}

    def test_a_long_list_is_cut(self):
        weak = [(f"TLS_RSA_WITH_RC4_{number}_SHA", "C") for number in range(30)]
        assert "and 22 more" in broken(tls(suites("TLSv1.2", *weak)))["tls-cipher-weak"].message


class TestSsh:
    def test_broken_algorithms(self):
        answer = script(
            "ssh2-enum-algos", "x",
            table("kex_algorithms", elem("", "curve25519-sha256"), elem("", "diffie-hellman-group1-sha1"))
            + table("mac_algorithms", elem("", "hmac-md5")) + table("compression_algorithms", elem("", "none")),
        )  # fmt: skip
        found = broken(port(22, "ssh", answer))["ssh-algorithm-weak"]
        assert "offers diffie-hellman-group1-sha1, hmac-md5." in found.message

    def test_version_1(self):
        assert set(broken(port(22, "ssh", script("sshv1", "Server supports SSHv1")))) == {"ssh-protocol-1"}

    def test_today_s_algorithms(self):
        answer = script("ssh2-enum-algos", "x", table("kex_algorithms", elem("", "curve25519-sha256")))
        assert broken(port(22, "ssh", answer)) == {}


def test_every_group_takes_answers_of_the_wrong_shape():
    """Another version of a script, or a server that writes the script's answer, must not break the scan."""
    shapes = (
        "",
        elem("", "x"),
        elem("subject", "x") + elem("extensions", "x") + elem("TLSv1.2", "x"),
        table("", elem("x", "y")),
    )
    for name in (*SCRIPTS, "docker-version"):
        for shape in shapes:
            findings(report(host(port(443, "http", script(name, "x", shape)))), name="edge.example.com")
