"""An open port as the model's Service, with what nmap's scripts learnt of its TLS and its keys."""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Any, Final

from scangate.core.model import Service
from scangate.scanners.nmap.rules import NOISY
from scangate.scanners.nmap.seen import Port, Seen, Table

_TLS: Final = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1.0", "SSLv3")
_KEYS: Final = ("ssh-ed25519", "ecdsa-", "ssh-rsa")
"""Of several host keys the one named, the first of these that there is."""
_MOST: Final = 64 * 2**10
"""Characters of a certificate or a key."""


def service(seen: Seen, port: Port, name: str) -> Service:
    """Make the service. `name`: the user's word for the host, when that is a name."""
    return Service(
        host=name or seen.address,
        address=seen.address,
        port=port.number,
        protocol=port.protocol,
        state=port.state,
        hostname=name or next(iter(seen.names), ""),
        name=port.name,
        product=port.product,
        version=port.version,
        extra=port.extra,
        tunnel=port.tunnel,
        cpes=port.cpes,
        method=port.method,
        confidence=port.confidence,
        tls=next((version for version in _TLS if version in _table(port, NOISY)), ""),
        certificate=_certificate(_table(port, "ssl-cert").get("pem")),
        host_key=_host_key(_table(port, "ssh-hostkey").get("", ())),
    )


def _table(port: Port, script: str) -> Table:
    return port.scripts[script].table if script in port.scripts else {}


def _certificate(pem: Any) -> str:
    if not isinstance(pem, str):
        return ""
    inside = pem.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END")[0]
    der = _decoded("".join(inside.split()))
    return hashlib.sha256(der).hexdigest() if der else ""


def _host_key(keys: Iterable[Any]) -> str:
    known = {str(each.get("type", "")): each.get("key") for each in keys if isinstance(each, dict)}
    for wanted in _KEYS:
        for kind in sorted(known):
            if kind.startswith(wanted) and (key := _decoded(known[kind])):
                return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
    return ""


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) and len(text) <= _MOST else b""
    except (binascii.Error, ValueError):
        return b""
