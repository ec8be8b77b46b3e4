"""Real nmap, a real web server, and what advisories say of the version that it shows."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scangate.advisories.sync import sync
from scangate.core.model import Confidence, Finding, Kind, Service, Target
from scangate.scanners import Context
from scangate.scanners.nmap import Nmap
from scangate.scanners.versions import Versions

sys.path[:0] = [str(Path(__file__).parents[2] / "advisories")]
from osv_records import entry, record, write_zip  # noqa: E402 - the builders of advisories are next to their tests

HOST = "127.77.60.9"
PORT = 18_088
CONFIG = """
daemon off; pid {room}/pid; error_log stderr; events {{}}
http {{ access_log off; client_body_temp_path {room}/a; proxy_temp_path {room}/b; fastcgi_temp_path {room}/c;
uwsgi_temp_path {room}/d; scgi_temp_path {room}/e; server {{ listen {host}:{port}; return 200; }} }}
"""
NGINX = record("BIT-nginx-2026-1", entry("Bitnami", "nginx", "introduced 1.0.0"), aliases=["CVE-2026-1"])

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not shutil.which("nmap"), reason="nmap is not installed: apt-get install nmap"),
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed: apt-get install nginx-light"),
]


@pytest.fixture
def _web_server(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "nginx.conf").write_text(CONFIG.format(room=tmp_path, host=HOST, port=PORT))
    program = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    with subprocess.Popen(program, stderr=subprocess.DEVNULL) as server:
        try:
            for _attempt in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex((HOST, PORT)) == 0:
                        break
                time.sleep(0.05)
            yield
        finally:
            server.terminate()


@pytest.mark.usefixtures("_web_server")
def test_the_version_that_a_server_shows_is_held_against_advisories(tmp_path):
    sync(str(write_zip(tmp_path / "source" / "Bitnami" / "all.zip", NGINX).parent.parent), tmp_path)
    target = Target(id="edge", kind=Kind.HOSTS, addresses=(HOST,), ports=str(PORT))
    deadline = time.monotonic() + 120
    ctx = Context(root=tmp_path, home=tmp_path, deadline=deadline)
    seen = tuple(item for item in Nmap().scan(target, ctx) if isinstance(item, Service))
    ctx = Context(root=tmp_path, home=tmp_path, deadline=deadline, services=seen)
    (found,) = (item for item in Versions().scan(target, ctx) if isinstance(item, Finding))
    assert (found.rule, found.subject) == ("CVE-2026-1", f"{HOST}:{PORT}/tcp")
    assert found.confidence is Confidence.POTENTIAL
    assert dict(found.evidence[0].facts)["product"] == "nginx"
