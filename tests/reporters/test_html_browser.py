"""The page as a browser has it: what filters, search and grouping do, what the policy stops, what is printed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scangate.core.model import Action, Report
from scangate.reporters import Screen
from scangate.reporters.html import Html

from .chromium import PROGRAM, Chromium
from .hostile import poisoned
from .sample import CURL, DECISIONS, decision, empty, large, passing, sample

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(PROGRAM is None, reason="no chromium is installed (apt install chromium)"),
]
WIDTHS = (360, 800, 1440)
TEXT = "document.body.innerText"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as made:
        yield made


@pytest.fixture
def show(browser: Chromium, tmp_path: Path) -> Any:
    def shown(
        report: Report, width: int = 1440, colours: str = "light", part: str = "", *, scripts: bool = True
    ) -> str:
        page = tmp_path / "report.html"
        page.write_text(Html().render(report, Screen()), encoding="utf-8")
        browser.size(width)
        browser.media(colours=colours)
        browser.open(page.as_uri() + part, scripts=scripts)
        return page.as_uri()

    return shown


def visible(browser: Chromium) -> list[str]:
    """The rules of the findings that can be seen, in their order."""
    rules: list[str] = browser.run(
        "[...document.querySelectorAll('#list li')].filter((e) => e.checkVisibility())"
        ".map((e) => e.querySelector('code').textContent)"
    )
    return rules


def said(browser: Chromium) -> str:
    text: str = browser.run("document.getElementById('shown').textContent")
    return text


def settle(browser: Chromium) -> None:
    """Wait longer than the search waits for the next letter."""
    browser.run("new Promise((done) => setTimeout(done, 200))")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_page_fits_its_window_and_is_quiet(browser: Chromium, show: Any, width: int, colours: str) -> None:
    show(sample(), width, colours)
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.noise == []
    assert [each for each in browser.asked if not each.startswith(("file:", "about:", "data:"))] == []


@pytest.mark.parametrize("report", [passing(), empty(), large(300)], ids=["passing", "empty", "large"])
def test_every_kind_of_report_is_quiet(browser: Chromium, show: Any, report: Report) -> None:
    show(report)
    assert browser.noise == []
    assert browser.run("document.getElementById('verdict-title').innerText.trim()").endswith(report.verdict)


def test_filters_narrow_the_list_and_say_how_far(browser: Chromium, show: Any) -> None:
    show(sample())
    everything = visible(browser)
    assert len(everything) == len(DECISIONS)
    assert said(browser) == f"{len(DECISIONS)} findings"
    browser.click("input[name=severity][value='5'] + span")
    assert sorted(visible(browser)) == ["CVE-2023-38545", "CVE-2023-45853"]
    browser.click("input[name=action][value=b] + span")
    assert visible(browser) == ["CVE-2023-38545"]
    assert said(browser) == f"1 of {len(DECISIONS)} findings"
    browser.click("button[type=reset]")
    settle(browser)
    assert visible(browser) == everything
    browser.click("input[name=mark][value=k] + span")
    assert sorted(visible(browser)) == ["CVE-2023-44487", "CVE-2023-4911"]
    browser.click("input[name=state][value=u] + span")
    assert visible(browser) == ["CVE-2023-4911"]
    browser.click("button[type=reset]")
    settle(browser)
    browser.click("input[name=state][value=f] + span")
    assert visible(browser) == ["net-unexpected-port"]
    browser.click("button[type=reset]")
    settle(browser)
    browser.click("input[name=action][value=v] + span")
    assert visible(browser) == ["CVE-2023-45853"]
    browser.click("input[name=mark][value=f] + span")
    assert visible(browser) == []
    assert browser.noise == []


def test_target_and_scanner_are_chosen_from_lists(browser: Chromium, show: Any) -> None:
    show(sample())
    choose = (
        "(() => {{ const s = document.querySelector('select[name={0}]');"
        " s.value = [...s.options].find((o) => o.text === '{1}').value;"
        " s.dispatchEvent(new Event('input', {{bubbles: true}})) }})()"
    )
    browser.run(choose.format("target", "infra"))
    assert set(visible(browser)) == {each.finding.rule for each in DECISIONS if each.finding.target == "infra"}
    browser.run(choose.format("target", "web"))
    browser.run(choose.format("scanner", "grype"))
    assert visible(browser) == ["CVE-2023-38545"]


def test_search_looks_into_the_evidence_and_all_words_count(browser: Chromium, show: Any) -> None:
    show(sample())
    browser.click("input[type=search]")
    browser.type("syn-ack REDIS")
    settle(browser)
    assert visible(browser) == ["net-unexpected-port", "net-unexpected-port"]
    browser.type(" nowhere")
    settle(browser)
    assert visible(browser) == []
    assert said(browser).startswith("0 of ")


@pytest.mark.parametrize("by", ["target", "rule", "severity", "change"])
def test_grouping_moves_findings_and_loses_none(browser: Chromium, show: Any, by: str) -> None:
    show(sample(), part=f"#?group={by}")
    heads = browser.run("[...document.querySelectorAll('#list h3')].map((e) => e.firstChild.textContent)")
    wanted = {
        "target": {each.finding.target for each in DECISIONS},
        "rule": {each.finding.rule for each in DECISIONS},
        "severity": {each.finding.severity.name.lower() for each in DECISIONS},
    }
    assert set(heads) == wanted.get(by, set(heads))
    assert sorted(visible(browser)) == sorted(each.finding.rule for each in DECISIONS)
    browser.click("button[type=reset]")
    settle(browser)
    assert browser.run("document.querySelector('#list h3').textContent").startswith("Blocking")


def test_a_view_can_be_passed_on_as_a_link(browser: Chromium, show: Any) -> None:
    show(sample())
    browser.click("input[name=severity][value='3'] + span")
    browser.click("input[name=action][value=w] + span")
    wanted, part = visible(browser), browser.run("location.hash")
    show(sample(), part=part)
    assert visible(browser) == wanted
    assert 0 < len(wanted) < len(DECISIONS)


def test_a_link_to_a_finding_opens_it(browser: Chromium, show: Any) -> None:
    part = f"#f-{DECISIONS[3].fingerprint[:12]}"
    show(sample(), part=part)
    assert browser.run(f"document.querySelector('{part} details').open")


def test_a_rule_and_a_target_lead_to_their_findings(browser: Chromium, show: Any) -> None:
    show(sample())
    browser.click("a[data-rule='CKV_AWS_18']")
    assert visible(browser) == ["CKV_AWS_18", "CKV_AWS_18"]
    browser.click("a[data-set='target=1']")
    assert set(visible(browser)) == {each.finding.rule for each in DECISIONS if each.finding.target == "edge"}


def test_the_keyboard_reaches_and_opens_everything(browser: Chromium, show: Any) -> None:
    show(sample())
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.className") == "skip"
    browser.run("document.querySelector('#list summary').focus()")
    browser.press("Enter", 13)
    browser.send("Input.dispatchKeyEvent", type="char", text="\r")
    assert browser.run("document.querySelector('#list details').open")
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_colours_follow_the_system_until_they_are_chosen(browser: Chromium, show: Any) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    show(sample(), colours="dark")
    dark = browser.run(paper)
    browser.click("#theme button[value=light]")
    light = browser.run(paper)
    assert light != dark
    assert browser.run("document.querySelector('#theme [aria-pressed=true]').value") == "light"
    browser.click("#theme button[value='']")
    assert browser.run(paper) == dark


def test_without_scripts_everything_is_there_and_no_dead_control(browser: Chromium, show: Any) -> None:
    show(sample(), scripts=False)
    browser.send("Emulation.setScriptExecutionDisabled", value=False)
    assert len(visible(browser)) == len(DECISIONS)
    assert browser.run("[...document.querySelectorAll('form, button')].filter((e) => e.checkVisibility()).length") == 0
    text = browser.run(TEXT)
    assert "Without scripts there are no filters" in text
    assert "tls on edge timed out" in text


def test_what_is_smuggled_in_is_text_and_cannot_run(browser: Chromium, show: Any) -> None:
    attack = (
        "<script>document.title='owned'</script><img src=https://evil.example/x onerror=\"document.title='owned'\">"
        "<style>*{display:none}</style></title></style></script><a href=javascript:document.title='owned'>x</a>"
    )
    show(poisoned(attack))
    assert "scangate report" in browser.run("document.title")
    assert browser.run("document.querySelectorAll('script, style, img, iframe, object, base, [onerror]').length") == 2
    assert "<script>document.title='owned'</script>" in browser.run(
        "document.querySelector('#list summary').textContent"
    )
    assert [each for each in browser.asked if "evil" in each] == []
    assert browser.noise == []


def test_the_policy_stops_what_an_escape_would_have_missed(browser: Chromium, tmp_path: Path) -> None:
    written = Html().render(replace(sample(), decisions=(decision(CURL, Action.FAIL),)), Screen())
    hole = (
        "<script>document.title='owned'</script><img src='https://evil.example/x' onerror=\"document.title='owned'\">"
        "<p id=hole style='color: rgb(1, 2, 3)'>x</p><script src='https://evil.example/x.js'></script>"
    )
    page = tmp_path / "holed.html"
    page.write_text(written.replace("SOCKS5 heap buffer overflow", hole), encoding="utf-8")
    browser.open(page.as_uri())
    assert "scangate report" in browser.run("document.title")
    assert browser.run("getComputedStyle(document.getElementById('hole')).color") != "rgb(1, 2, 3)"
    assert any("Content Security Policy" in each for each in browser.noise)
    # Ours still runs.
    assert said(browser) == "1 finding"


def test_on_paper_the_evidence_is_open_and_the_controls_are_gone(browser: Chromium, show: Any) -> None:
    show(sample(), colours="dark")
    browser.media(kind="print", colours="dark")
    assert browser.run("[...document.querySelectorAll('#filters, .top')].some((e) => e.checkVisibility())") is False
    height = "document.querySelector('#list details > div').getBoundingClientRect().height"
    assert browser.run(height) > 20
    assert browser.run("getComputedStyle(document.body).color") == "rgb(27, 29, 33)"
    paper = browser.paper()
    assert paper.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 2
    assert browser.noise == []


def test_what_hides_is_not_printed_and_what_was_closed_is_closed_again(browser: Chromium, show: Any) -> None:
    show(sample(), part="#?severity=5")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("[...document.querySelectorAll('details')].every((e) => e.open)")
    assert len(visible(browser)) == 2
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert not browser.run("[...document.querySelectorAll('#list details')].some((e) => e.open)")
