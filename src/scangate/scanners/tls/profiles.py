"""Mozilla's recommendations for servers, as they published them: profiles.json names source and version."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from scangate.scanners.tls.versions import Version

_FILE: Final = Path(__file__).with_name("profiles.json")
NAMES: Final = ("modern", "intermediate", "old")
DEFAULT: Final = "intermediate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a server may offer; everything else is forbidden. `edition`: that of the recommendations."""

    name: str
    edition: str
    versions: frozenset[Version]
    suites: frozenset[str]
    dh_bits: int


@cache
def profile(name: str) -> Profile:
    """Give a profile by its name."""
    document = json.loads(_FILE.read_bytes())
    entry = document["profiles"][name]
    words = {"TLSv1": Version.TLS10} | {version.word: version for version in Version}
    return Profile(
        name=name,
        edition=document["version"],
        versions=frozenset(words[word] for word in entry["versions"]),
        suites=frozenset(entry["suites"]),
        dh_bits=entry["dh_bits"],
    )
