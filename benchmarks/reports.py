"""What reports of 120,000 findings cost, and whether they stay within their receivers' limits.

Goal: each in under 15 s and 600 MB, the report in memory included. Each is written by a process of its own.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

FINDINGS = 120_000
SECONDS, MEGABYTES = 15.0, 600.0
NAMES = ("sarif", "sarif-gitlab", "sarif-full", "markdown", "console")
RECEIVERS = {"sarif": "github", "sarif-gitlab": "gitlab"}
TESTS = Path(__file__).resolve().parent.parent / "tests"


def main() -> None:
    """Measure all, or write the one report that is named."""
    if len(sys.argv) > 1:
        return one(sys.argv[1])
    print(f"{FINDINGS:,} findings; goal {SECONDS:g} s and {MEGABYTES:g} MB")
    for name in NAMES:
        done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True)
        facts = json.loads(done.stdout)
        within = facts["seconds"] < SECONDS and facts["megabytes"] < MEGABYTES and not facts["problems"]
        print(
            f"{name:<14}{facts['seconds']:6.1f} s {facts['megabytes']:7.0f} MB {facts['size']:12,} bytes  "
            f"{'within' if within else 'beyond'} the goal {facts['problems'] or ''}"
        )
    return None


def one(name: str) -> None:
    """Write one report, and print what it cost as JSON."""
    sys.path.insert(0, str(TESTS))
    from reporters.sample import large
    from scangate import plugins
    from scangate.linting import lint
    from scangate.linting.document import parse
    from scangate.reporters import Screen

    reporter = plugins.reporter(name)
    report = large(FINDINGS)
    began = time.perf_counter()
    text = reporter.render(report, Screen())
    seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    problems = lint(parse(text.encode()), RECEIVERS[name]).problems if name in RECEIVERS else ()
    facts = {"seconds": seconds, "megabytes": megabytes, "size": len(text.encode())}
    print(json.dumps(facts | {"problems": sorted({each.rule for each in problems})}))


if __name__ == "__main__":
    main()
