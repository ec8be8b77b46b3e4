"""Whether nmap, started by us, may use raw sockets."""

import os
from pathlib import Path
from typing import Final

_CAP_NET_RAW: Final = 1 << 13


def raw_sockets(status: Path = Path("/proc/self/status")) -> bool:
    """Tell what a child of ours may do: root keeps its effective capabilities, others hand on the ambient ones only.

    A container's root often has no CAP_NET_RAW. Where there is no /proc, root may.
    """
    field = "CapEff" if os.geteuid() == 0 else "CapAmb"
    try:
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        held = next(line.partition(":")[2] for line in lines if line.startswith(f"{field}:"))
        return bool(int(held, 16) & _CAP_NET_RAW)
    except (OSError, StopIteration, ValueError):
        return os.geteuid() == 0
