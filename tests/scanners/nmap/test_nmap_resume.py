"""A scan that was interrupted is taken up again where it ended, when the config says so, and never silently."""

import time

from nmap_xml import head, host, port, report, tail

from scangate.errors import DeadlineError, ScanError

FIRST = host(port(80, "http", product="nginx"), address="192.0.2.1")
SECOND = host(port(80, "http", product="Apache httpd"), address="192.0.2.2")
CLOSED = host(port(80, state="closed"), address="192.0.2.3")
HOSTS = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]


def now(*hosts, cut=False):
    """A report of this moment: of what is older than a day nothing is taken over."""
    begun = str(int(time.time())).encode()
    document = (head() + "".join(hosts) + ("<host sta" if cut else tail(len(hosts), len(hosts)))).encode()
    return document.replace(b'start="1795289891"', b'start="' + begun + b'"')


def interrupted(fake_nmap, scan, *hosts, resume=True, document=None):
    fake_nmap(document or now(*hosts, cut=True), 'case "$phase" in ports) sleep 600;; esac', detected=now(*hosts))
    outcome = scan(HOSTS, seconds=2, resume=resume)
    assert isinstance(outcome.error, DeadlineError)
    return outcome


def test_hosts_that_were_finished_are_not_asked_again(fake_nmap, scan, tmp_path):
    assert interrupted(fake_nmap, scan, FIRST, CLOSED).services
    fake_nmap(now(SECOND), f"cp hosts.txt {tmp_path}/asked-$phase")
    outcome = scan(HOSTS, resume=True)
    assert outcome.is_evidence
    assert outcome.asked == 3
    assert {(each.host, each.product) for each in outcome.services} == {
        ("192.0.2.1", "nginx"),
        ("192.0.2.2", "Apache httpd"),
    }
    assert (tmp_path / "asked-ports").read_text() == "192.0.2.2\n"
    assert (tmp_path / "asked-services").read_text() == "192.0.2.2\n"
    (note,) = [note for note in outcome.notes if "taken over" in note]
    assert note.endswith("not asked again: 192.0.2.1, 192.0.2.3")


def test_a_finished_scan_leaves_nothing_to_take_over(fake_nmap, scan, tmp_path):
    interrupted(fake_nmap, scan, FIRST)
    assert [*(tmp_path / "nmap").glob("*/*")]
    fake_nmap(now(SECOND, CLOSED))
    assert scan(HOSTS, resume=True).is_evidence
    assert not [*(tmp_path / "nmap").glob("*/*")]
    fake_nmap(now(SECOND, CLOSED))
    assert list(scan(HOSTS, resume=True).gaps) == ["192.0.2.1"]


def test_a_scan_that_is_interrupted_twice_keeps_what_both_finished(fake_nmap, scan):
    interrupted(fake_nmap, scan, FIRST)
    again = interrupted(fake_nmap, scan, SECOND)
    assert {each.host for each in again.services} == {"192.0.2.1", "192.0.2.2"}
    fake_nmap(now(CLOSED))
    last = scan(HOSTS, resume=True)
    assert last.is_evidence
    assert {each.host for each in last.services} == {"192.0.2.1", "192.0.2.2"}


def test_what_was_only_found_open_is_asked_again(fake_nmap, scan):
    fake_nmap(now(FIRST), 'case "$phase" in services) sleep 600;; esac', detected=b"")
    assert isinstance(scan(["192.0.2.1"], seconds=2, resume=True).error, DeadlineError)
    fake_nmap(now(host(port(80, state="closed"), address="192.0.2.1")))
    outcome = scan(["192.0.2.1"], resume=True)
    assert outcome.is_evidence
    assert outcome.services == []


def test_all_that_is_left_is_nothing(fake_nmap, scan):
    fake_nmap(now(FIRST, SECOND, CLOSED, cut=True), detected=now(FIRST, SECOND))
    assert isinstance(scan(HOSTS, resume=True).error, ScanError)
    folder = fake_nmap(None, "exit 9")
    before = (folder / "argv").read_text()
    outcome = scan(HOSTS, resume=True, ports="")
    assert outcome.is_evidence
    assert len(outcome.services) == 2
    assert (folder / "argv").read_text() == before


def test_without_resume_nothing_is_kept_and_nothing_taken_over(fake_nmap, scan, tmp_path):
    interrupted(fake_nmap, scan, FIRST, resume=False)
    assert not (tmp_path / "nmap").exists()
    interrupted(fake_nmap, scan, FIRST)
    fake_nmap(now(SECOND, CLOSED))
    assert list(scan(HOSTS).gaps) == ["192.0.2.1"]


def test_another_question_is_another_scan(fake_nmap, scan):
    interrupted(fake_nmap, scan, FIRST)
    fake_nmap(now(SECOND, CLOSED))
    assert list(scan(HOSTS, resume=True, ports="80").gaps) == ["192.0.2.1"]


def test_what_is_older_than_a_day_is_not_taken_over(fake_nmap, scan):
    interrupted(fake_nmap, scan, document=report(FIRST))
    fake_nmap(now(SECOND, CLOSED))
    assert list(scan(HOSTS, resume=True).gaps) == ["192.0.2.1"]


def test_hosts_of_a_network_that_were_finished_are_left_out(fake_nmap, scan, tmp_path):
    fake_nmap(now(FIRST, cut=True), 'case "$phase" in ports) sleep 600;; esac', detected=now(FIRST))
    assert isinstance(scan(["192.0.2.0/30"], seconds=2, resume=True).error, DeadlineError)
    fake_nmap(now(SECOND), f"cp excluded.txt {tmp_path}/excluded-$phase")
    outcome = scan(["192.0.2.0/30"], resume=True)
    assert outcome.is_evidence
    assert outcome.asked == 2
    assert (tmp_path / "excluded-ports").read_text() == "192.0.2.1/32\n"
    assert outcome.notes[-1] == "2 of 4 addresses of 192.0.2.0/30 did not answer"


def test_a_home_that_cannot_be_written_is_an_error_with_advice(fake_nmap, scan, tmp_path):
    fake_nmap(now(FIRST))
    (tmp_path / "nmap").write_text("a file")
    outcome = scan(["192.0.2.1"], resume=True)
    assert outcome.error is not None
    assert "`resume`" in outcome.error.message
    assert "SCANGATE_HOME" in outcome.error.advice
