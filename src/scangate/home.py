"""Where scangate keeps what it installs and syncs: engines and the advisory store."""

import os
from pathlib import Path


def home() -> Path:
    """`$SCANGATE_HOME`, else `$XDG_DATA_HOME/scangate`, else `~/.local/share/scangate`. It need not exist yet."""
    if chosen := os.environ.get("SCANGATE_HOME"):
        return Path(chosen).expanduser().absolute()
    shared = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(shared).expanduser().absolute() / "scangate"


def engines_folder(home: Path) -> Path:
    """`$SCANGATE_ENGINES`, else `engines` in the home: an image brings its engines, whatever home its user mounts."""
    chosen = os.environ.get("SCANGATE_ENGINES")
    return Path(chosen).expanduser().absolute() if chosen else home / "engines"
