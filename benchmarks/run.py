"""Runs every benchmark beside this file. Each prints ratios from one run: machines are noisy, nothing else counts."""

import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Run them one after another, so that none disturbs another; fail when one cannot run."""
    failed = False
    for script in sorted(Path(__file__).parent.glob("*.py")):
        if script.name != Path(__file__).name:
            print(f"== {script.name}", flush=True)
            failed |= subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
