"""A key-value store for anyone, and one for holders of a certificate (etcd-server)."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("etcd",)


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Serve every key in clear text."""
    with _running(site, f"http://{site.address}:2379", ()):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Ask for a certificate of the authority."""
    room = site.room("etcd-tls")
    certificate, key = site.authority.issue(room, site.address)
    authority = room / "authority.pem"
    authority.write_bytes(site.authority.certificate)
    files = ("--cert-file", str(certificate), "--key-file", str(key), "--trusted-ca-file", str(authority))
    suites = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    more = (*files, "--client-cert-auth", "--cipher-suites", suites)
    with _running(site, f"https://{site.address}:2379", more):
        yield


@contextmanager
def _running(site: Site, url: str, more: tuple[str, ...]) -> Iterator[None]:
    room = site.room("etcd")
    peers = f"http://{site.address}:2380"
    argv = (
        "etcd", "--name", "rig", "--data-dir", str(room / "data"), "--listen-client-urls", url,
        "--advertise-client-urls", url, "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
        "--initial-cluster", f"rig={peers}", "--unsafe-no-fsync", "--log-level", "error", *more,
    )  # fmt: skip
    with daemon(argv, room / "log", tcp=[(site.address, 2379)], user="nobody"):
        yield
