"""What is installed is found by entry point; what is broken or ambiguous says so, and nothing of it escapes."""

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest

from scangate import plugins, process
from scangate.core.model import Status
from scangate.errors import CancelledError, DeadlineError, Interrupted, ScanError, ToolMissingError, UsageError


class Made:
    """A plugin that can be made."""

    name = "made"


class Unmakeable:
    def __init__(self) -> None:
        raise ValueError("not today\x1b[2J")


def leave() -> None:
    raise SystemExit(0)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    plugins._entries.cache_clear()
    yield
    plugins._entries.cache_clear()
    process.allow()


def entry(name: str, value: str, *, dist: str = "somebody's", group: str = "scangate.scanners") -> EntryPoint:
    made = EntryPoint(name=name, value=value, group=group)
    vars(made)["dist"] = SimpleNamespace(name=dist, version="1.0")
    return made


def installed(monkeypatch: pytest.MonkeyPatch, *entries: EntryPoint) -> None:
    monkeypatch.setattr(plugins, "entry_points", lambda group: [each for each in entries if each.group == group])


def test_the_built_in_ones_are_found_like_anyone_elses() -> None:
    assert list(plugins.scanners()) == sorted(plugins.scanners())
    assert {"checkov", "nmap", "packages"} <= set(plugins.scanners())
    assert {"console", "markdown", "result", "sarif"} <= set(plugins.reporter_names())
    assert "scangate" in dict(plugins.distributions())


@pytest.mark.parametrize("name", plugins.reporter_names())
def test_every_reporter_loads_and_has_its_name(name: str) -> None:
    assert plugins.reporter(name).name == name
    assert plugins.reporter(name).summary


def test_every_scanner_has_its_name_and_says_what_it_reads() -> None:
    for name, scanner in plugins.scanners().items():
        assert scanner.name == name
        assert scanner.summary
        assert scanner.kinds
        assert scanner.timeout > 0
        assert scanner.options.get("type", "object") == "object"
        assert all(need.install for need in scanner.needs())


def test_a_format_that_nobody_has_names_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        plugins.reporter("pdf")
    assert "console" in caught.value.advice


def test_those_of_others_load_too(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, entry("b", "test_plugins:Made"), entry("a", "test_plugins:Made"))
    assert list(plugins.scanners()) == ["a", "b"]
    assert plugins.enrichers() == {}
    assert plugins.distributions() == (("somebody's", "1.0"),)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("no_such_module:X", "No module named 'no_such_module'"),
        ("test_plugins:Nothing", "Nothing"),
        ("test_plugins:Unmakeable", "ValueError: not today\ufffd"),
        ("test_plugins:leave", "SystemExit: 0"),
        ("test_plugins:test_every_reporter_loads_and_has_its_name", "TypeError"),
    ],
)
def test_one_that_cannot_be_loaded_says_whose_it_is(monkeypatch: pytest.MonkeyPatch, value: str, words: str) -> None:
    installed(monkeypatch, entry("broken", value))
    with pytest.raises(UsageError) as caught:
        plugins.scanners()
    assert words in caught.value.message
    assert value in caught.value.message
    assert caught.value.advice == "mend or uninstall somebody's 1.0"


def test_two_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, entry("nmap", "test_plugins:Made", dist="b"), entry("nmap", "test_plugins:Made", dist="a"))
    with pytest.raises(UsageError, match=r"a 1\.0 and b 1\.0 both bring nmap in scangate\.scanners"):
        plugins.scanners()


def raises(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("work", "ended"),
    [
        (lambda: None, (Status.OK, "", "")),
        (raises(ScanError("no", advice="do")), (Status.FAILED, "no", "do")),
        (raises(ToolMissingError("no")), (Status.FAILED, "no", "")),
        (raises(UsageError("\x1b")), (Status.FAILED, "\ufffd", "")),
        (raises(DeadlineError("late", advice="wait")), (Status.TIMED_OUT, "late", "wait")),
        (raises(CancelledError("ended")), (Status.CANCELLED, "ended", "")),
        (
            raises(KeyError("x")),
            (Status.FAILED, "it crashed: KeyError: 'x'", "this is a bug in made: report it to its authors"),
        ),
        (
            raises(SystemExit(0)),
            (Status.FAILED, "it crashed: SystemExit: 0", "this is a bug in made: report it to its authors"),
        ),
    ],
)
def test_an_attempt_says_how_it_ended(work: Callable[[], None], ended: tuple[Any, ...]) -> None:
    assert plugins.attempt(work, "made") == ended
    assert not process.stopping()


def test_an_interrupt_ends_the_attempt_and_all_children() -> None:
    status, reason, _advice = plugins.attempt(raises(Interrupted()), "made")
    assert (status, reason) == (Status.CANCELLED, "interrupted before it was finished")
    assert process.stopping()


def test_a_bug_is_told_in_so_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    _status, reason, _advice = plugins.attempt(raises(ValueError("x" * 100_000)), "made")
    assert len(reason) <= 4_000
