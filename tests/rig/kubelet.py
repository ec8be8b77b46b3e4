"""The kubelet's API (constructed: Debian has none)."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.site import Site
from rig.stand_in import STRICT, http, stand_in

PROGRAMS: tuple[str, ...] = ()
_PODS = '{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"web","namespace":"rig"}}]}\n'


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer anyone: --anonymous-auth=true, --authorization-mode=AlwaysAllow."""
    pair = site.authority.issue(site.room("kubelet"), site.address)
    answers = {"/pods": (200, _PODS), "/healthz": (200, "ok")}
    with stand_in(site.address, 10250, http(answers, (404, "404 page not found\n")), pair):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Ask for a login."""
    pair = site.authority.issue(site.room("kubelet"), site.address)
    with stand_in(site.address, 10250, http({"/healthz": (200, "ok")}, (401, "Unauthorized"), STRICT), pair):
        yield
