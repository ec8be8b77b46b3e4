"""Progress is decoration: it informs people, obeys nobody, and never stops a scan."""

import io
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scangate.progress import Progress

LINE = re.compile(r" *\d+\.\ds  [^\n]*\n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(*words: str, stream: io.StringIO | None = None, **options: bool) -> str:
    stream = stream or io.StringIO()
    with Progress(stream, **options) as progress:
        progress(*words)
    return stream.getvalue()


def test_one_event_is_one_line_with_its_time() -> None:
    assert re.fullmatch(r" *0\.\ds  nmap on edge: started\n", said("nmap", "edge", "started"))
    assert said("kev", "", "started").endswith("  kev: started\n")


def test_quiet_says_nothing() -> None:
    assert said("nmap", "edge", "started", quiet=True) == ""
    assert said("nmap", "edge", "started", stream=Terminal(), quiet=True) == ""


def test_a_terminal_is_told_the_same() -> None:
    assert "nmap on edge" in said("nmap", "edge", "started", stream=Terminal())


def test_the_end_of_a_scan_takes_it_off_the_list_of_what_runs() -> None:
    with Progress(Terminal()) as progress:
        progress("nmap", "edge", "started")
        progress("nmap", "web", "started")
        assert "nmap on edge" in progress._status().plain
        progress("nmap", "edge", "ok", done=True)
        assert "nmap on edge" not in progress._status().plain
        assert "nmap on web" in progress._status().plain


@given(st.text(), st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_is_one_line_that_no_runner_obeys(target: str, text: str) -> None:
    line = said("nmap", target, text)
    assert LINE.fullmatch(line)
    assert not re.search(r"##\w*\[", line)
    assert not line.lstrip().startswith("::")


@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "##[error]x",
        "a ##vso[task.complete]",
        "x\n::set-output name=a::b",
        "\r::error::",
        "\x1b[2J",
        "\u202e",
    ],
)
def test_commands_and_escapes_come_out_harmless(text: str) -> None:
    for line in (said("nmap", "edge", text), said("nmap", text, "x")):
        assert line.count("\n") == 1
        assert not re.search(r"^\s*::|##\w*\[|\x1b|\r|\u202e", line)


def test_no_markup_of_the_terminal_library_is_obeyed() -> None:
    assert "[bold]x[/bold] :smile:" in said("nmap", "edge", "[bold]x[/bold] :smile:", stream=Terminal())


def test_long_text_is_cut() -> None:
    assert len(said("nmap", "edge", "x" * 10_000)) < 300


def test_a_stream_that_is_closed_is_no_reason_to_stop() -> None:
    closed = io.StringIO()
    progress = Progress(closed)
    closed.close()
    progress("nmap", "edge", "started")


def test_a_reader_that_has_gone_is_no_reason_to_stop() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    Progress(Gone())("nmap", "edge", "started")


def test_without_standard_error_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with Progress() as progress:
        progress("nmap", "edge", "started")


def test_lines_of_many_threads_never_mix() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: progress("nmap", f"host{number}", "x" * 100), range(200)))
    lines = stream.getvalue().splitlines(keepends=True)
    assert len(lines) == 200
    assert all(LINE.fullmatch(line) for line in lines)
