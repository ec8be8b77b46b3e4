import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from scangate.core.model import Action, Decision, Gap, Location, Report
from scangate.reporters import Screen
from scangate.reporters.markdown import Markdown
from scangate.reporters.markup import escape, web_link

from .generated import reports
from .hostile import TEXTS, poisoned
from .sample import CURL, decision, empty, large, passing, sample

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OWN_HTML = {"<br>", "<details>", "</details>", "<summary>", "</summary>"}


def render(report: Report) -> str:
    return Markdown().render(report, Screen())


def tokens(text: str) -> list[Token]:
    return [each for block in PARSER.parse(text) for each in (block, *(block.children or ()))]


def injected(text: str) -> list[str]:
    """What a reader's browser would do that the report did not mean."""
    found = []
    for token in tokens(text):
        if token.type in {"html_inline", "html_block"}:
            found += [each for each in re.findall(r"<[^>]*>?", token.content) if each not in OWN_HTML]
        if token.type in {"image", "fence", "code_block", "code_inline", "blockquote_open", "hr", "s_open", "em_open"}:
            found.append(token.type)
        if token.type == "link_open" and not web_link(str(token.attrs["href"])):
            found.append(str(token.attrs["href"]))
    bare = re.sub(r"\]\(https://[^)]*\)", "]", text)
    found += re.findall(r"@\w+|www\.\w+|[a-z]+://\w+|(?<!&)[#!]\d+|^\s*::|##\w*\[", bare, re.MULTILINE)
    return found


def columns(text: str) -> set[int]:
    counts, row = set(), 0
    for token in tokens(text):
        row = 0 if token.type == "tr_open" else row + (token.type in {"td_open", "th_open"})
        if token.type == "tr_close":
            counts.add(row)
    return counts


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_shown_and_never_obeyed(text: str) -> None:
    written = render(poisoned(text))
    assert injected(written) == []
    headings = [each.content for each in PARSER.parse(written) if each.type == "inline" and "scangate:" in each.content]
    assert headings == ["❌ scangate: FAIL"]
    assert columns(written) == {5, 6}
    assert len(written) <= 65_536


@pytest.mark.parametrize("text", TEXTS)
def test_escaped_text_reads_as_it_was(text: str) -> None:
    shown = "".join(each.content for each in tokens(f"- {escape(text)}") if each.type in {"text", "softbreak"})
    readable = shown.replace("\u200b", "").replace("# #", "##")
    if text.isprintable() and len(text) <= 1_000:
        assert readable.split() == text.split()


@given(reports())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_report_injects_anything(report: Report) -> None:
    assert injected(render(report)) == []


def test_the_verdict_and_why_come_first_then_what_would_mend_it() -> None:
    written = render(sample())
    order = [
        "scangate: FAIL",
        "rule exploited fails 2 findings on web",
        "What would clear the failures",
        "### Blocking: 9 findings (1 critical, 8 high)",
        "Warnings: 7 findings",
        "### Coverage",
        "### Not covered: 2",
        "### Waived: 1 finding",
        "5 findings accepted by the policy",
        "### Notes",
    ]
    places = [written.index(each) for each in order]
    assert places == sorted(places)


def test_a_pass_promises_no_more_than_a_pass() -> None:
    written = render(passing())
    assert "scangate: PASS" in written
    assert "Blocking" not in written
    assert "212 of 212 packages" in written


def test_with_no_gap_the_changes_are_the_way_to_a_pass() -> None:
    report = sample()
    assert "What would make it pass" in render(replace(report, reasons=report.reasons[:1]))


def test_nothing_scanned_is_said() -> None:
    assert "Nothing was scanned." in render(empty())


def test_new_is_said_only_against_a_baseline() -> None:
    assert "web, new" in render(sample())
    assert "web, new" not in render(replace(sample(), baseline=""))


def test_durations_leave_no_trace() -> None:
    slower = tuple(replace(run, seconds=run.seconds * 7 + 1) for run in sample().runs)
    assert render(replace(sample(), runs=slower)) == render(sample())


def test_the_order_of_decisions_does_not_matter() -> None:
    assert render(replace(sample(), decisions=sample().decisions[::-1])) == render(sample())


@pytest.mark.parametrize("text", ["@a", "$", "|", "<", "a#1 ", "字", "x" * 300])
def test_any_number_of_anything_fits_into_a_comment(text: str) -> None:
    dirty = text * (1_000 // len(text))
    report = poisoned(dirty)
    gaps = tuple(Gap(what=dirty, reason=dirty) for _ in range(200))
    crowded: tuple[Decision, ...] = tuple(
        decision(replace(CURL, title=dirty, subject=dirty, message=dirty), action, dirty, waived=waived, because=dirty)
        for action, waived in ((Action.FAIL, False), (Action.WARN, False), (Action.ACCEPT, True))
        for _ in range(200)
    )
    report = replace(
        report,
        decisions=crowded,
        runs=tuple(replace(run, gaps=gaps) for run in report.runs * 30),
        reasons=report.reasons * 50,
        changes=report.changes * 50,
        notes=report.notes * 200,
    )
    written = render(report)
    assert len(written) <= 65_536
    assert "more not shown here" in written
    assert injected(written) == []


def test_a_file_that_the_subject_names_too_is_named_once() -> None:
    place = Location(path="deploy/storage.tf", line=2)
    found = replace(sample().decisions[0].finding, target="infra", subject="deploy/storage.tf#media", location=place)
    written = render(replace(sample(), decisions=(decision(found, Action.FAIL),)))
    assert "<br>media<br>deploy/storage.tf:2 |" in written


def test_what_does_not_fit_is_counted() -> None:
    written = render(large(5_000))
    shown = len(re.findall(r"^\| (?:critical|high) ", written, re.MULTILINE))
    left = re.search(r"\| ([\d,]+) more not shown here", written)
    assert left is not None
    total = re.search(r"### Blocking: ([\d,]+) findings", written)
    assert total is not None
    assert shown + int(left[1].replace(",", "")) == int(total[1].replace(",", ""))


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://osv.dev/vulnerability/CVE-2024-1", True),
        ("https://a.example/x?y=1&z=2#part", True),
        ("https://a.example", True),
        ("http://a.example", False),
        ("https://a.example/(x)", False),
        ("https://a.example/ x", False),
        ("https://", False),
        ("https://:443/x", False),
        ("https://a.example:99999/x", False),
        ("javascript:alert(1)", False),
        ("https://a.example/" + "x" * 3_000, False),
    ],
)
def test_only_links_that_need_no_escaping_are_links(link: str, kept: bool) -> None:
    assert web_link(link) == (link if kept else "")
