"""The builders of images are those of the tests of rootfs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "rootfs"))
