"""Every test is a scan of its own: names are asked again, and no budget of packets is used up."""

import pytest

from scangate.scanners import network


@pytest.fixture(autouse=True)
def _a_scan_of_its_own():
    network.begin()
