"""Fixtures that every room may use."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real samples, schemas and advisories that lies beside the project on its developers' machines."""
    folder = Path(os.environ.get("SCANGATE_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the folder of real data is not here: {folder}")
    return folder
