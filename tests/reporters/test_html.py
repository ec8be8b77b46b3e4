"""The page without a browser: what it says, what it leaves out, and that nothing from outside becomes part of it."""

import base64
import hashlib
import os
import re
import time
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from scangate.core.identity import fingerprint
from scangate.core.model import Action, Change, Evidence, Gap, Reason, Report, Service, Severity, Status, Verdict
from scangate.reporters import Screen
from scangate.reporters.html import Html, page
from scangate.reporters.html.charts import parts, steps
from scangate.reporters.html.exposure import exposure
from scangate.reporters.html.typesetting import asset, policy

from .generated import reports
from .hostile import TEXTS, poisoned
from .sample import CURL, DECISIONS, RUNS, decision, empty, large, passing, sample

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
VOID = {"meta", "link", "input", "wbr"}
OURS = {
    *("html", "head", "title", "style", "script", "body", "header", "nav", "main", "section", "footer", "noscript"),
    *("h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "b", "i", "span", "small", "code", "time", "div", "a"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "details", "summary", "form"),
    *("label", "select", "option", "fieldset", "legend", "output", "button", "svg", "path", "rect", "circle", "text"),
    "g",
} | VOID  # fmt: skip


def render(report: Report) -> str:
    return Html().render(report, Screen())


class Read(HTMLParser):
    """What a parser makes of the page: its elements, attributes and texts, and its headings in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.words: list[str] = []
        self._raw = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw = tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "wbr":
            self.words[-1] += data
        elif not self._raw:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def foreign(read: Read) -> list[Any]:
    """Everything that the templates did not mean."""
    found: list[Any] = [tag for tag, _ in read.tags if tag not in OURS]
    found += read.comments
    for tag, attributes in read.tags:
        found += [each for each in attributes if each.startswith("on") or each in {"style", "srcdoc", "src", "action"}]
        link = attributes.get("href") or ""
        if tag == "a" and not link.startswith(("#", "https://")):
            found.append(link)
    found += ["scripts"] * (len(read.all("script")) != 1) + ["styles"] * (len(read.all("style")) != 1)
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_shown_and_never_obeyed(text: str) -> None:
    written = render(poisoned(text))
    read = Read(written)
    assert foreign(read) == []
    assert {unicodedata.category(each) for each in set(written) - {"\n"}}.isdisjoint(HIDDEN)
    assert not re.search(r"##\w*\[|^\s*::", written, re.MULTILINE)
    assert len(written.encode()) < 1_000_000
    written.encode()


def test_hostile_text_can_still_be_read() -> None:
    attack = '<img src=x onerror="alert(1)"> & </script>'
    assert attack in Read(render(poisoned(attack))).text


@given(reports())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_report_brings_elements_of_its_own(report: Report) -> None:
    assert foreign(Read(render(report))) == []


def test_the_policy_names_our_style_and_script_and_allows_nothing_else() -> None:
    read = Read(render(sample()))
    said = next(each["content"] for each in read.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert said is not None
    rules = dict(each.split(" ", 1) for each in said.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for rule, name in (("style-src", "style.css"), ("script-src", "script.js")):
        digest = base64.b64encode(hashlib.sha256(asset(name).encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert "unsafe" not in said
    assert "http" not in said
    # A parser ends both at the first of these.
    assert "</" not in asset("style.css")
    assert "</" not in asset("script.js")
    assert "innerHTML" not in asset("script.js")
    assert policy("a", "b") != policy("a", "c")


def test_nothing_is_loaded() -> None:
    written = render(sample())
    assert not re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(", written)
    assert [each.get("href", "")[:5] for each in Read(written).all("link") if each.get("href")] == ["data:"]  # type: ignore[index]


def test_the_verdict_and_the_way_out_come_first_and_coverage_is_a_part_of_its_own() -> None:
    text = Read(render(sample())).text
    order = [
        "9 findings fail (1 critical, 8 high), 7 warn; 4 of 5 scans ran, 2 things were not covered.",
        "rule exploited fails 2 findings on web",
        "raise the scanner's `timeout` in scangate.yml",
        "9 findings fail now, 0 after 6 changes",
        "What would clear the failures",
        "close port 6379/tcp, or add it to `expect` of target edge",
        "Overview",
        "18 new 1 fixed",
        "Exposure",
        "Blocking 9 findings: 1 critical, 8 high",
        "Warnings 7 findings",
        "Waived 1 finding",
        "Fixed since the baseline 1 finding",
        "By target",
        "By rule",
        "the time allowed was used up",
        "Debian:12 of 2026-11-20 (1 day old)",
        "nmap 7.93",
        "Not covered 2 gaps",
        "the host did not answer",
        "MiniZip is not built into the Debian package (accepted by team-shop until 2027-03-31)",
        "waiver CVE-2022-1304 matched nothing",
        "About this report",
    ]
    last = 0
    for each in order:
        place = text.find(each, last)
        assert place >= 0, each
        last = place


def test_every_scan_is_told_also_the_skipped_ones() -> None:
    text = Read(render(sample())).text
    assert "grype is not installed, and the config does not require it" in text
    assert "Debian:12 of 2026-11-20 (1 day old), PyPI of 2026-11-20 (1 day old)" in text
    runs = (*RUNS, replace(RUNS[0], scanner="trivy", status=Status.NOT_APPLICABLE))
    assert (
        "1 pair of a scanner and a target that it does not read is not listed"
        in Read(render(replace(sample(), runs=runs))).text
    )


def test_a_pass_says_what_it_rests_on() -> None:
    text = Read(render(passing())).text
    assert "Nothing is in the way." in text
    assert "212 of 212 packages" in text
    assert "Since the baseline" not in text


def test_an_incomplete_result_does_not_look_like_a_pass() -> None:
    text = Read(render(empty())).text
    assert "Verdict: INCOMPLETE" in text
    assert "Nothing was found, because nothing was scanned." in text
    assert "has to be scanned" in text
    assert "Nothing is in the way" not in text


def test_evidence_stands_with_its_finding_and_says_nothing_twice() -> None:
    facts = (("layer", "sha256:" + "ab" * 32), ("said already", "curl 7.88.1"), ("empty", ""))
    found = replace(CURL, message="curl 7.88.1 is installed.", evidence=(Evidence(source="packages", facts=facts),))
    text = Read(render(replace(sample(), decisions=(decision(found, Action.FAIL, "critical"),)))).text
    assert "packages saw layer sha256:abababababab…" in text
    assert "said already" not in text
    assert "curl 7.88.1 is installed." in text
    assert "Fails by critical: severity critical is at least critical" in text
    assert "Seen by grype, packages" in text


def test_many_facts_and_tools_are_counted() -> None:
    facts = tuple((f"name{number}", f"value{number}") for number in range(50))
    found = replace(CURL, evidence=tuple(Evidence(source=f"tool{each}", facts=facts) for each in range(9)))
    text = Read(render(replace(sample(), decisions=(decision(found, Action.FAIL),)))).text
    assert "30 more facts, see result.json" in text
    assert "4 more tools, see result.json" in text


def test_only_safe_links_are_links() -> None:
    for link, kept in (("https://osv.dev/x?a=1&b=2", 1), ("javascript:alert(1)", 0), ("http://a.example", 0)):
        written = render(replace(sample(), decisions=(decision(replace(CURL, help_uri=link), Action.FAIL),)))
        assert len([each for each in Read(written).all("a") if each.get("href") == link]) == kept


def test_the_map_shows_what_listens_with_the_worst_that_is_known() -> None:
    drawn = exposure(sample())
    assert drawn is not None
    (drawing,) = drawn.maps
    assert [each.text for each in drawing.hosts] == ["203.0.113.10"]
    assert [each.text for each in drawing.ports] == ["6379/tcp"]
    assert [(each.kind, each.sign) for each in drawing.marks] == [("s4", "H")]
    assert exposure(empty()) is None
    assert "Exposure" not in Read(render(empty())).text


def test_a_large_network_is_drawn_in_part_and_counted_in_whole() -> None:
    services = tuple(
        Service(host=f"10.0.{host}.1", port=port, protocol="tcp", state="open")
        for host in range(90)
        for port in range(1, 60)
    )
    drawn = exposure(replace(sample(), runs=(replace(RUNS[3], services=services),)))
    assert drawn is not None
    assert (drawn.maps[0].more_hosts, drawn.maps[0].more_ports) == (30, 19)
    assert drawn.hosts == 90
    assert drawn.services.total == 90 * 59
    assert len(drawn.services.shown) == 1_000


def test_bars_are_full_and_steps_end_at_what_is_left() -> None:
    made = parts((("a", "x", 1), ("b", "y", 0), ("c", "z", 2)), 3)
    assert [(each.kind, each.label) for each in made] == [("a", "1 x"), ("c", "2 z")]
    assert float(made[-1].start) + float(made[-1].length) == pytest.approx(100)
    assert steps(4, [3, 1]) == "M0 0H25V30H75V40H100V40H0Z"
    assert steps(0, [1]) == steps(3, []) == ""
    assert len(steps(10_000, [1] * 10_000)) < 3_000


def test_a_thousand_findings_take_less_than_a_megabyte() -> None:
    assert len(render(large(1_000)).encode()) < 1_000_000


def test_very_many_findings_are_counted_and_the_most_important_shown() -> None:
    report = large(120_000)
    started = time.monotonic()
    written = render(report)
    assert time.monotonic() - started < 15
    assert len(written.encode()) < 10_000_000
    assert written.count("<li id=") == 4_500
    assert "The 4,500 most important of 120,000 findings are on this page, the others are in result.json." in written
    failing = sum(each.action is Action.FAIL for each in report.decisions)
    assert f"{failing:,} findings fail" in written
    assert f"Not on this page: {failing - 4_000:,} more findings. All of them: result.json." in written
    criticals = sum(each.finding.severity is Severity.CRITICAL and not each.waived for each in report.decisions)
    assert f"{criticals:,} critical" in written


@pytest.mark.parametrize("text", ["&", "/"])
def test_the_page_stays_bounded_whatever_is_in_it(text: str) -> None:
    long = text * 1_200
    evidence = tuple(Evidence(source=long, facts=((long, long),) * 50) for _ in range(9))
    found = replace(CURL, title=long, message=long, evidence=evidence, aliases=(long,) * 20)
    decisions = tuple(
        decision(kept, action, long, because=long, waived=waived)
        for action, waived in ((Action.FAIL, False), (Action.ACCEPT, True))
        for number in range(300)
        for kept in (replace(found, rule=f"r{number}{long}"[:3_000], target=f"t{number}{long}"[:3_000]),)
    )
    service = tuple(
        Service(host=f"{number}{long}", port=number, protocol=long, state="open", product=long) for number in range(400)
    )
    runs = tuple(
        replace(
            RUNS[3],
            target=f"{number}{long}",
            reason=long,
            advice=long,
            status=Status.FAILED,
            notes=(long,) * 50,
            gaps=(Gap(what=long, reason=long),) * 50,
            services=service if number < 15 else (),
        )
        for number in range(100)
    )
    report = replace(
        sample(),
        decisions=decisions,
        runs=runs,
        notes=(long,) * 500,
        reasons=(Reason(verdict=Verdict.FAIL, text=long, remedy=long),) * 500,
        changes=(Change(summary=long, clears=1, targets=(long,)),) * 500,
        plugins=((long, long),) * 1_000,
        baseline=long,
    )
    written = render(report)
    assert len(written.encode()) < 10_000_000
    assert "more findings. All of them: result.json." in written


def test_two_findings_never_share_an_anchor_and_every_link_inside_leads_somewhere() -> None:
    read = Read(render(sample()))
    ids = [each["id"] for _, each in read.tags if "id" in each]
    assert len(ids) == len(set(ids))
    links = {(each.get("href") or "")[1:] for each in read.all("a") if (each.get("href") or "").startswith("#")}
    assert links <= set(ids)
    named = {name for _, each in read.tags for name in (each.get("aria-labelledby") or "").split()}
    assert named <= set(ids)


def test_headings_descend_one_by_one_and_tables_have_captions_and_scopes() -> None:
    read = Read(render(sample()))
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(read.all("table")) == len(read.all("caption"))
    assert all(each.get("scope") for each in read.all("th"))


def test_durations_and_the_order_of_decisions_leave_no_trace() -> None:
    slower = tuple(replace(run, seconds=run.seconds * 7 + 1) for run in RUNS)
    other = replace(sample(), runs=slower, decisions=DECISIONS[::-1])
    assert render(other) == render(sample())


def test_equal_findings_of_two_scanners_are_told_apart_by_their_fingerprints() -> None:
    twins = [replace(CURL, subject=f"{CURL.subject}{number}") for number in range(2)]
    read = Read(render(replace(sample(), decisions=tuple(decision(each, Action.FAIL) for each in twins))))
    ids = {each["id"] for each in read.all("li") if "data-k" in each}
    assert ids == {f"f-{fingerprint(each)[:12]}" for each in twins}


def test_the_page_is_written_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The style and the script, and their hashes, have their own files: the record is of what stands on the page."""
    monkeypatch.setattr(page, "__version__", "1.2.3")
    written = render(sample())
    for name in ("style.css", "script.js"):
        written = written.replace(asset(name), f"\n({name})\n")
    written = re.sub(r"sha256-[A-Za-z0-9+/=]{44}", "sha256-…", written)
    golden = Path(__file__).parent / "golden" / "report.html"
    if os.environ.get("SCANGATE_RENEW_GOLDEN"):
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")
