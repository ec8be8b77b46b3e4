"""What the end of an nmap run means. Exit 0 is no proof, and `exit="success"` neither.

| what nmap left | meaning |
|---|---|
| ended by a signal | it crashed, or was killed |
| `exit="error"`, or an exit code other than 0 | it refused: `errormsg` or its last words say why |
| no report, or one without its end | it was cut off |
| 0 hosts | no route, or nothing left of a network: NotReachedError |
| anything else | it ended as it should; which hosts answered is another question |
"""

import signal

from scangate.errors import ScanError
from scangate.process import Completed
from scangate.scanners.nmap.seen import Ended


class NotReachedError(ScanError):
    """None of the hosts of one run was scanned; those of another may have been."""


def problem(outcome: Completed | ScanError, ended: Ended) -> ScanError | None:
    """Say what went wrong, or None. `outcome` is how the process ended, or why it did not."""
    if isinstance(outcome, ScanError):
        return outcome
    said = outcome.complaint or "nmap said nothing"
    if text := _text(outcome.returncode, ended, said):
        return ScanError(text, advice="run nmap by hand on one of the hosts, to see it end without an error")
    if ended.total:
        return None
    return NotReachedError(
        f"nmap scanned no host: {said}", advice="look at the routes and name servers of the machine that scans"
    )


def _text(code: int, ended: Ended, said: str) -> str:
    if code < 0:
        return f"nmap was ended by {_signal(-code)}: {said}"
    if ended.exit == "error":
        return f"nmap gave up: {ended.message or said}"
    if code != 0:
        return f"nmap ended with exit code {code}: {said}"
    if not ended.complete:
        return f"nmap ended before its report was complete: {said}"
    return ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
