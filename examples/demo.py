"""A small web shop's deployment on all three surfaces, scanned as it is (FAIL) and mended (PASS): `make demo`.

Everything is real and stays on this machine: the image is built, the services listen on a loopback address of their
own, the scans are the commands a user would type. Reports go to .demo/, and nothing is left running.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from build_image import build
from services import ADDRESS, FIXED, WEAK, Service, ServiceError, running

ROOT = Path(__file__).resolve().parent.parent
HOME = os.environ.get("SCANGATE_HOME") or str(ROOT / ".demo" / "home")
SCANGATE = str(Path(sys.executable).with_name("scangate"))
ENDINGS = {
    0: "PASS",
    1: "FAIL",
    2: "a mistake in the config",
    3: "INCOMPLETE",
    70: "a bug of scangate",
    130: "interrupted",
}
PATIENCE = 10.0
"""Seconds an interrupted scan has to end in order."""


def main() -> int:
    """Exit code 0 only if the weak deployment failed and the mended one passed."""
    signal.signal(signal.SIGTERM, _terminated)
    began = time.monotonic()
    print(f"$ cd {ROOT}; export SCANGATE_HOME={HOME} PATH={Path(SCANGATE).parent}:$PATH")
    try:
        if code := call("advisories", "sync", "--from", "examples/storefront/advisories"):
            print(f"\nThe demo cannot run: the advisories were not read (exit code {code})", file=sys.stderr)
            return 1
        endings = {
            "storefront": (judge("storefront", WEAK, "as it is today"), 1),
            "storefront-fixed": (judge("storefront-fixed", FIXED, "after the findings were mended"), 0),
        }
    except ServiceError as error:
        print(f"\nThe demo cannot run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the services are stopped.", file=sys.stderr)
        return 130
    return close(endings, time.monotonic() - began)


def judge(name: str, services: tuple[Service, ...], state: str) -> int:
    """Build and start what one deployment needs, scan it, and return scangate's exit code."""
    heading(f"The shop {state}: examples/{name}")
    folder, output = Path("examples") / name, Path(".demo") / name
    build(ROOT / folder / "image.toml", ROOT / folder / ".build" / "web")
    print(f"built    {folder}/.build/web from {folder}/image.toml")
    (ROOT / output).mkdir(parents=True, exist_ok=True)
    with running(services):
        for each in services:
            place = f"{ADDRESS}:{each.port}" if each.port else "a socket file, and no port"
            print(f"started  {each.kind} on {place}")
        return call(
            "scan",
            *("-c", f"{folder}/scangate.yml"),
            *("-o", "console"),
            *("-o", f"html={output}/report.html"),
            *("-o", f"markdown={output}/report.md"),
            *("-o", f"sarif={output}/scangate.sarif"),
            *("-o", f"result={output}/result.json"),
        )


def call(*words: str) -> int:
    """Run scangate as a user would, after showing the command; return its exit code."""
    shown = "scangate " + " ".join(words)
    print("\n$", shown.replace(" -o ", " \\\n    -o "), end="\n\n", flush=True)
    environment = os.environ | {"SCANGATE_HOME": HOME}
    with subprocess.Popen([SCANGATE, *words], cwd=ROOT, env=environment) as child:
        try:
            return child.wait()
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):  # Ctrl-C has reached it already
                child.terminate()
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
            raise


def close(endings: dict[str, tuple[int, int]], seconds: float) -> int:
    """Say how it ended, and where the reports are."""
    heading("What happened")
    for name, (code, expected) in endings.items():
        meaning = ENDINGS.get(code, "not a code of scangate")
        verdict = "as expected" if code == expected else f"but {expected} was expected ({ENDINGS[expected]})"
        print(f"{name:17} exit code {code} ({meaning}), {verdict}")
    print("\nReports  .demo/storefront and .demo/storefront-fixed: report.html, report.md, result.json, scangate.sarif")
    print("Policy   examples/storefront/policy.yml, the same for both")
    print(f"Compare  diff -r examples/storefront/deploy examples/storefront-fixed/deploy\nTook     {seconds:.0f} s")
    return 0 if all(code == expected for code, expected in endings.values()) else 1


def heading(text: str) -> None:
    """Set one part of the demo off from the next."""
    print(f"\n{'=' * 80}\n{text}\n{'=' * 80}")


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
