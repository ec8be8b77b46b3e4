"""Golden files: what a reporter writes of the sample, as text a reviewer reads.

After a wanted change: SCANGATE_RENEW_GOLDEN=1 pytest tests/reporters, and read the difference.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def as_recorded(name: str, text: str) -> bool:
    golden = FOLDER / name
    if os.environ.get("SCANGATE_RENEW_GOLDEN"):
        golden.write_bytes(text.encode())
    assert text == golden.read_bytes().decode()
    return True
