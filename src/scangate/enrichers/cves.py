"""The CVEs of a finding, and the stored data that speak about CVEs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scangate.core.model import Data, Finding
from scangate.errors import ScanError

if TYPE_CHECKING:
    from scangate.advisories import Store

_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")


def cves(finding: Finding) -> tuple[str, ...]:
    """Give those that its rule and its aliases name, without repetition."""
    return tuple(dict.fromkeys(filter(_CVE.fullmatch, (finding.rule, *finding.aliases))))


@contextmanager
def asked(home: Path, feed: str) -> Iterator[tuple["Store", Data]]:
    """Open the store for what it says about CVEs. Raises ScanError when it does not hold it."""
    from scangate.advisories import Store, StoreMissingError

    missing = ScanError(f"there is no {feed} data in {home}", advice="fetch it: scangate advisories sync")
    try:
        store = Store.open(home)
    except StoreMissingError:
        raise missing from None
    with store:
        held = {each.name: each for each in store.feeds()}.get(feed)
        if not held:
            raise missing
        yield store, Data(name=feed, as_of=held.as_of, version=held.version, records=held.records)
