"""What each receiver takes and how it reads it. docs/sarif.md has the sources."""

from dataclasses import dataclass
from typing import Final

RESULTS: Final = 5_000
"""Results in one run: GitHub shows no more, GitLab reads no more."""
RUNS: Final = 20
"""Runs in one file: GitHub and GitLab refuse one that has more."""
LARGEST: Final = 10_000_000
"""Bytes of one file: GitHub counts them compressed, GitLab as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a log differs from one receiver to the other.

    `closed`: waived and fixed findings are in it, marked as such. `unseen`: so are surfaces where no scan ended OK.
    `packed`: its size is counted compressed. `ranked`: `rank` is the severity, also of a finding without a score.
    `place_is_identity`: two results of one rule in one place are one finding to the receiver. `files_by_weakness`: a
    CWE decides which kind of report a result goes into.
    """

    name: str
    closed: bool = False
    unseen: bool = False
    packed: bool = False
    ranked: bool = False
    place_is_identity: bool = False
    files_by_weakness: bool = False
    results: int = RESULTS
    size: int = LARGEST


GITHUB: Final = Profile(name="github", packed=True)
"""It ignores suppressions, and takes silence about a finding for its fix."""
GITLAB: Final = Profile(name="gitlab", unseen=True, ranked=True, place_is_identity=True, files_by_weakness=True)
"""It reads the severity from `rank` first, tells findings apart by file and lines, and files by CWE."""
FULL: Final = Profile(name="full", closed=True, unseen=True)
"""Everything there is to say, for viewers."""
