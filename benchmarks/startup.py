"""How long `scangate --version` takes, against importing click alone. Goal: at most twice as long."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 21
SCANGATE = [str(Path(sys.executable).with_name("scangate")), "--version"]
CLICK = [sys.executable, "-c", "import click"]


def main() -> None:
    """Run both in turn, and print the ratio of the medians."""
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(seconds(SCANGATE))
        theirs.append(seconds(CLICK))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(
        f"startup: scangate --version {statistics.median(ours) * 1000:.0f} ms, import click "
        f"{statistics.median(theirs) * 1000:.0f} ms (medians of {RUNS}): ratio {ratio:.2f}, goal at most 2"
    )


def seconds(command: list[str]) -> float:
    """Wall time of one run."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
