"""Reading nmap's XML: everything that is there, whatever happened to it."""

import csv
import io
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nmap_xml import elem, findings, head, host, items, port, report, script, table, tail

import scangate.scanners.nmap
from scangate.errors import ScanError
from scangate.scanners.nmap import stream
from scangate.scanners.nmap.report import parse
from scangate.scanners.nmap.seen import Ended, Rest, Seen, Started

REFUSED = {"defused_et_local_includer.xml"}


def seen(document: bytes) -> list[Seen]:
    return [event for event in parse(document) if isinstance(event, Seen)]


def open_ports(document: bytes) -> int:
    return sum(each.state == "open" for one in seen(document) for each in one.ports)


def counted(shared: Path) -> dict[str, str]:
    with (shared / "samples" / "raw_counts.tsv").open(encoding="utf-8") as table:
        rows = csv.DictReader(table, delimiter="\t")
        return {row["file"]: row["breakdown"] for row in rows if row["tool"] == "nmap" and row["raw_count"] != "ERROR"}


def test_every_sample_is_read_and_its_open_ports_are_as_counted(shared):
    folder = shared / "samples" / "nmap"
    files = sorted(folder.rglob("*.xml"))
    counts = counted(shared)
    assert len(files) > 30
    assert len(counts) > 25
    for file in files:
        document = file.read_bytes()
        if file.name in REFUSED:
            with pytest.raises(ScanError, match="declares entities"):
                list(parse(document))
            continue
        items(document)
        name = file.relative_to(folder).as_posix()
        if name in counts:
            wanted = re.search(r"(?:^|;)open=(\d+)", counts[name])
            assert open_ports(document) == (int(wanted[1]) if wanted else 0), name


def test_an_interrupted_report_keeps_the_hosts_whose_end_arrived(shared):
    document = (shared / "samples/nmap/local/interrupted_midway_TERM.xml").read_bytes()
    events = list(parse(document))
    assert len([event for event in events if isinstance(event, Seen)]) == 5
    assert events[-1] == Ended(complete=False)


def test_a_host_that_timed_out_did_not_answer(shared):
    (one,) = seen((shared / "samples/nmap/local/host_timeout.xml").read_bytes())
    assert one.timed_out
    assert not one.answered


def test_a_refusal_carries_its_message(shared):
    ended = list(parse((shared / "samples/nmap/local/badport.xml").read_bytes()))[-1]
    assert ended == Ended(complete=True, exit="error", message="Ports specified must be between 0 and 65535 inclusive")


def test_old_reports_without_an_exit_are_complete(shared):
    ended = list(parse((shared / "samples/nmap/libnmap/1_hosts.xml").read_bytes()))[-1]
    assert isinstance(ended, Ended)
    assert ended.complete


def test_only_what_came_back_is_an_answer():
    filtered = port(80, state="filtered")
    assert not seen(report(host(filtered)))[0].answered
    assert not seen(report(host(filtered, port(53, protocol="udp", state="open|filtered"))))[0].answered
    assert seen(report(host(filtered, port(81, state="closed"))))[0].answered
    assert seen(report(host(filtered, reason="arp-response")))[0].answered
    assert not seen(report(host(reason="echo-reply")))[0].answered
    assert not seen(report(host(filtered, reason="echo-reply", state="down")))[0].answered
    refused = '<extraports state="filtered" count="9"><extrareasons reason="port-unreach" count="9"/></extraports>'
    assert seen(report(host(extra=refused)))[0].answered
    forbidden = refused.replace("port-unreach", "admin-prohibited")
    assert not seen(report(host(extra=forbidden)))[0].answered


class TestDefectsOfPythonNmap:
    """What python-nmap gets wrong, each kept from happening here. Numbers 1, 6, 8 and 9 are in test_nmap_faults too."""

    def test_2_it_drops_tunnel_system_method_counted_ports_and_times(self):
        extra = '<extraports state="closed" count="997"><extrareasons reason="reset" count="997"/></extraports>'
        (one,) = seen(report(host(port(443, "http", tunnel="ssl", ostype="Linux"), extra=extra)))
        (https,) = one.ports
        assert (https.tunnel, https.system, https.method, https.confidence) == ("ssl", "Linux", "probed", 10)
        assert one.rest == (Rest(state="closed", count=997, reasons=(("reset", 997),)),)
        assert one.ended - one.started == 9

    def test_3_it_keeps_only_the_last_cpe(self):
        cpes = ("cpe:/a:openbsd:openssh:9.2p1", "cpe:/o:linux:linux_kernel")
        (one,) = seen(report(host(port(22, "ssh", cpes=cpes))))
        assert one.ports[0].cpes == cpes

    def test_4_it_flattens_script_tables_to_text(self):
        answer = script(
            "ssl-cert", "text", table("subject", elem("commonName", "x")) + table("list", elem("", "a"), elem("", "b"))
        )
        (one,) = seen(report(host(port(443, "http", answer))))
        table_read = one.ports[0].scripts["ssl-cert"].table
        assert table_read == {"subject": {"commonName": "x"}, "list": {"": ["a", "b"]}}

    def test_5_it_never_sees_udp(self):
        (service, finding) = items(report(host(port(53, "domain", protocol="udp"))))
        assert service.protocol == "udp"
        assert finding.subject == "192.0.2.7:53/udp"

    def test_6_after_a_failure_it_still_returns_the_hosts_of_the_scan_before(self):
        assert seen(report(host(port(80, "http"))))
        assert [event for event in parse(b"") if not isinstance(event, Ended)] == []

    def test_7_its_error_for_a_truncated_file_is_the_whole_file(self):
        cut = (head() + host(port(80, "http")) + "<host starttime=").encode()
        events = list(parse(cut))
        assert [type(event) for event in events] == [Started, Seen, Ended]
        assert events[-1] == Ended(complete=False)

    def test_8_no_hosts_look_like_success(self):
        ended = list(parse((head() + tail(0, 0)).encode()))[-1]
        assert ended == Ended(complete=True, exit="success", total=0)

    def test_10_hosts_with_one_address_overwrite_each_other(self):
        twice = report(host(port(80, "http")), host(port(81, "http")))
        assert [each.ports[0].number for each in seen(twice)] == [80, 81]

    def test_10_only_the_first_address_of_a_host_is_its_key(self):
        more = '<address addr="02:00:00:00:00:01" addrtype="mac"/><address addr="2001:db8::7" addrtype="ipv6"/>'
        document = report(host(port(80, "http"))).replace(b"<hostnames>", more.encode() + b"<hostnames>")
        (one,) = seen(document)
        assert one.address == "192.0.2.7"
        assert [address for _, address in one.addresses] == ["192.0.2.7", "02:00:00:00:00:01", "2001:db8::7"]

    def test_10_its_checks_are_asserts_which_optimised_python_leaves_out(self):
        sources = [file.read_text() for file in Path(scangate.scanners.nmap.__file__).parent.rglob("*.py")]
        assert len(sources) > 15
        assert not [line for source in sources for line in source.splitlines() if line.strip().startswith("assert ")]

    def test_its_constructor_would_start_a_process(self, monkeypatch):
        def forbidden(*_args, **_kwargs):
            raise AssertionError("a process was started")

        monkeypatch.setattr("subprocess.Popen", forbidden)
        assert open_ports(report(host(port(80, "http")))) == 1


class TestHostileReports:
    @pytest.mark.parametrize(
        "declared",
        [
            '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">',
            '<!ENTITY a SYSTEM "file:///etc/passwd">',
            '<!ENTITY a SYSTEM "http://127.0.0.1:9/">',
            '<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;',
        ],
    )
    def test_entities_are_refused(self, declared):
        bomb = f"<!DOCTYPE nmaprun [{declared}]><nmaprun><host>&a;</host></nmaprun>"
        with pytest.raises(ScanError, match="declares entities"):
            list(parse(bomb.encode()))

    @pytest.mark.parametrize("encoding", ["shift_jis", "utf-7", "nonsense", "rot13"])
    def test_encodings_that_cannot_be_read_are_no_crash(self, encoding):
        document = report(host(port(80, "http"))).replace(b"UTF-8", encoding.encode())
        with suppress(ScanError):
            assert list(parse(document)) == [Ended(complete=False)]

    def test_another_document_is_refused(self):
        with pytest.raises(ScanError, match="its root is <html>"):
            list(parse(b"<html><body/></html>"))

    def test_a_report_beyond_the_limit_is_refused(self, monkeypatch):
        monkeypatch.setattr(stream, "MAX_XML", 10_000)
        with pytest.raises(ScanError, match="is larger than"):
            list(parse(report(*(host(port(80, "http")) for _ in range(100)))))

    def test_deep_nesting_is_refused_before_it_can_exhaust_the_stack(self):
        deep = "<table>" * 100_000 + "</table>" * 100_000
        with pytest.raises(ScanError, match="inside each other"):
            list(parse(report(host(port(80, "http", script("x", "", deep))))))

    @pytest.mark.parametrize(
        "broken",
        [
            '<host><status state="up" reason="x"/></host>',
            host(port(80, "http")).replace('portid="80"', 'portid="eighty"'),
            host(port(80, "http")).replace('portid="80"', 'portid="70000"'),
            host(port(80, "http")).replace('protocol="tcp"', 'protocol="hostnames"'),
            host(port(80, "http")).replace("<state ", "<estate "),
            host(port(80, "http")).replace('state="open"', ""),
        ],
    )
    def test_what_nmap_would_not_write_is_refused_and_earlier_hosts_are_kept(self, broken):
        events = parse((head() + host(port(80, "http")) + broken + tail()).encode())
        assert isinstance(next(events), Started)
        assert isinstance(next(events), Seen)
        with pytest.raises(ScanError, match="is refused"):
            next(events)

    def test_a_thousand_hosts_are_never_in_memory_together(self):
        class Endless(io.RawIOBase):
            """A report that has no end: only a reader that forgets can take the first hosts of it."""

            def __init__(self) -> None:
                self.given = 0

            def read(self, size: int = -1) -> bytes:
                self.given += 1
                return head().encode() if self.given == 1 else host(port(80, "http")).encode() * 50

        endless = Endless()
        events = parse(endless)
        for _ in range(1001):
            next(events)
        assert endless.given < 120

    def test_banners_of_any_kind_go_through(self):
        nasty = "\u202e\u001b".replace("\u001b", "") + "<script>alert(1)</script> {host} %s ]]>"
        (service, finding) = items(report(host(port(80, "http", product=nasty, version="{0.__class__}"))))
        assert service.product == nasty
        assert "{0.__class__}" in finding.message

    def test_a_start_beyond_the_calendar_is_no_date(self):
        document = report(host(port(80, "http"))).replace(b'start="1795289891"', b'start="999999999999999"')
        assert findings(document)

    @given(st.binary(max_size=400))
    def test_no_bytes_raise_anything_but_a_scan_error(self, noise):
        with suppress(ScanError):
            list(parse(noise))

    @given(st.data())
    def test_no_damage_to_a_real_report_raises_anything_but_a_scan_error(self, data):
        answer = script("ssl-cert", "x", table("validity", elem("notAfter", "2026-01-01T00:00:00")))
        whole = report(host(port(443, "http", answer, tunnel="ssl"), port(53, "domain", protocol="udp")))
        at = data.draw(st.integers(0, len(whole) - 1))
        upto = data.draw(st.integers(at, min(len(whole), at + 40)))
        damaged = whole[:at] + data.draw(st.binary(max_size=12)) + whole[upto:]
        with suppress(ScanError):
            items(damaged)
