"""The Docker API (constructed: a real one would be root on this machine). The hardened side has none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.site import Site
from rig.stand_in import http, stand_in

PROGRAMS: tuple[str, ...] = ()
hardened = None
_SERVER = "Server: Docker/20.10.24 (linux)\r\n"
_VERSION = (
    '{"Platform":{"Name":"Docker Engine - Community"},"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12",'
    '"GitCommit":"5d6db84","GoVersion":"go1.19.8","Os":"linux","Arch":"amd64","KernelVersion":"6.1.0"}\n'
)


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer without a client certificate."""
    answers = {
        "/version": (200, _VERSION),
        "/_ping": (200, "OK"),
        "/containers/json": (200, "[]\n"),
        "/info": (200, "{}\n"),
    }
    with stand_in(
        site.address,
        2375,
        http(answers, (404, '{"message":"page not found"}\n'), _SERVER),
    ):
        yield
