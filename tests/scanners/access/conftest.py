import pytest

from scangate.scanners.access import probe


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is over soon."""
    monkeypatch.setattr(probe, "SECONDS", 0.4)
    monkeypatch.setattr(probe, "GREETING", 0.4)
