"""From what a scanner yields to the record of its run."""

from builders import ITEMS, finding
from scangate.core.model import Asked, Finding, Gap, Item, Note, Package, Run, Status, Tool
from scangate.core.runs import fold


def folded(*items: Item, status: Status = Status.OK) -> Run:
    return fold(items, scanner="made", target="web", status=status, reason="", advice="")


def test_everything_finds_its_place() -> None:
    run = folded(*ITEMS)
    assert (run.status, run.asked, run.unit, run.covered) == (Status.OK, 2, "hosts", 1)
    assert (
        list(map(len, (run.findings, run.packages, run.services, run.gaps, run.tools, run.data, run.notes))) == [1] * 7
    )


def test_ending_well_without_saying_what_was_covered_is_a_failure() -> None:
    run = folded(finding())
    assert (run.status, run.findings) == (Status.FAILED, (finding(),))
    assert "did not say what it covered" in run.reason
    assert "must yield Asked" in run.advice


def test_how_it_ended_otherwise_stays() -> None:
    run = fold((), scanner="made", target="web", status=Status.TIMED_OUT, reason="late", advice="wait")
    assert (run.status, run.reason, run.advice) == (Status.TIMED_OUT, "late", "wait")


def test_a_wrong_target_and_a_missing_name_are_mended() -> None:
    (one,) = folded(finding(target="elsewhere", seen_by=()), Asked(unit="x", count=1)).findings
    assert (one.target, one.seen_by) == ("web", ("made",))
    (other,) = folded(finding(seen_by=("nmap",)), Asked(unit="x", count=1)).findings
    assert other.seen_by == ("nmap",)


def test_two_equal_gaps_are_two_things_that_were_not_covered() -> None:
    same = Gap(what="a host", reason="no answer")
    run = folded(Asked(unit="hosts", count=4), same, same)
    assert (run.covered, run.coverage) == (2, 0.5)


def test_two_equal_counts_are_two_counts() -> None:
    run = folded(Asked(unit="files", count=3), Asked(unit="files", count=3))
    assert run.asked == 6


def test_what_is_said_twice_is_kept_once() -> None:
    tool, note = Tool(name="nmap", version="7"), Note(text="x")
    package = Package(name="a", version="1", ecosystem="npm", purl="pkg:npm/a@1")
    run = folded(tool, tool, note, note, package, package, Asked(unit="x", count=1))
    assert (run.tools, run.notes, run.packages) == ((tool,), ("x",), (package,))


def test_a_run_that_did_not_end_well_covered_nothing() -> None:
    for status in Status:
        run = folded(Asked(unit="x", count=1), status=status)
        assert run.covered == (1 if status is Status.OK else 0)
    assert folded(Asked(unit="x", count=0)).coverage == 0.0


def test_order_is_that_of_the_scanner() -> None:
    found: list[Finding] = [finding(subject=name) for name in "cab"]
    assert folded(*found).findings == tuple(found)
