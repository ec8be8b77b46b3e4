"""How long a sync of 15,000 real records takes, as a whole process, with its peak memory: goal, under 6 s.

Reads ../shared/advisories (or --from), once; `--profile` says where the time goes. Then EPSS of today's size (300,000
lines, made up), an incremental sync from a mirror on loopback in which 50 records changed, and a bundle.
"""

import argparse
import gzip
import http.server
import io
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared" / "advisories"
CHILD = """
import cProfile, resource, sys, time
from pathlib import Path
began = time.perf_counter()
from scangate.advisories.bundles import bundle
from scangate.advisories.sync import sync
home, source, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
def work():
    if what == "bundle":
        return bundle(home, Path(source))[0]
    return sync(source, home, sys.argv[5:] or None)
done = []
if sys.argv[4]:
    cProfile.run("done.extend(work())", sort="tottime")
else:
    done.extend(work())
count = sum(getattr(each, "records", 0) for each in done)
fetched = [each.changed for each in done if getattr(each, "changed", None) is not None]
peak = resource.getrusage(resource.RUSAGE_SELF)
print(f"{count:,} records, {time.perf_counter() - began:.2f} s ({peak.ru_utime + peak.ru_stime:.2f} s of processor), "
      f"{peak.ru_maxrss / 1024:.0f} MiB" + (f", {sum(fetched)} fetched" if fetched else ""))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", default=str(SHARED))
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if not Path(options.source).is_dir():
        sys.exit(f"{options.source} is not here: name a folder with --from")
    with tempfile.TemporaryDirectory() as place:
        home, folder = Path(place) / "home", Path(place)
        say("whole sync", child(home, options.source, "sync", profile=options.profile))
        print(f"  store: {(home / 'advisories.db').stat().st_size / 2**20:.1f} MiB")
        scores(folder / "scores")
        say("EPSS, 300,000 lines", child(home, str(folder / "scores"), "sync"))
        publish(Path(options.source), folder / "mirror", changed=0)
        with served(folder / "mirror") as url:
            say("from a mirror, Go, whole", child(folder / "other", url, "sync", "Go"))
            publish(Path(options.source), folder / "mirror", changed=50)
            say("the same, 50 changed", child(folder / "other", url, "sync", "Go"))
        say("bundle", child(home, str(folder / "made.tar.zst"), "bundle"))
        print(f"  bundle: {(folder / 'made.tar.zst').stat().st_size / 2**20:.1f} MiB")
        say("sync from the bundle", child(folder / "third", str(folder / "made.tar.zst"), "sync"))


def say(what: str, output: str) -> None:
    print(f"{what}: {output}")


def child(home: Path, source: str, what: str, *names: str, profile: bool = False) -> str:
    command = [sys.executable, "-c", CHILD, str(home), source, what, "profile" if profile else "", *names]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return "\n".join([lines[-1], *lines[:25]]) if profile else lines[-1]


def scores(folder: Path) -> None:
    """Write as many scores as FIRST does today."""
    chance = random.Random(1)
    lines = (
        f"CVE-{1999 + n // 11_200}-{n % 11_200 + 1:04},{chance.random():.5f},{chance.random():.5f}"
        for n in range(300_000)
    )
    text = (
        f"#model_version:v2025.03.14,score_date:{datetime.now(UTC).date()}T00:00:00Z\ncve,epss,percentile\n"
        + "\n".join(lines)
    )
    path = folder / "epss" / "epss_scores-current.csv.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(text.encode()))


def publish(source: Path, mirror: Path, *, changed: int) -> None:
    """Lay one ecosystem out as OSV does, with some records changed today."""
    place = mirror / "Go"
    place.mkdir(parents=True, exist_ok=True)
    made, lines = io.BytesIO(), []
    with (
        zipfile.ZipFile(source / "osv" / "Go" / "all.zip") as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for number, name in enumerate(before.namelist()):
            record = json.loads(before.read(name))
            if number < changed:
                record["modified"] = "2026-11-21T00:00:00Z"
            raw = json.dumps(record).encode()
            after.writestr(name, raw)
            (place / name).write_bytes(raw)
            lines.append(f"{record['modified']},{record['id']}")
    (place / "all.zip").write_bytes(made.getvalue())
    (place / "modified_id.csv").write_text("\n".join(sorted(lines, reverse=True)))


class served:  # noqa: N801 - it reads like a function
    """A static server on loopback."""

    def __init__(self, folder: Path) -> None:
        handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_words: None})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"took {time.perf_counter() - began:.0f} s")
