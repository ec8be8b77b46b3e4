"""Files that are known by their names to hold credentials, and how these stand in them."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`path` is searched for in a path, `value` in the content: its only group is the secret."""

    kind: str
    path: re.Pattern[str]
    value: re.Pattern[bytes]


def _place(kind: str, path: str, value: str) -> Place:
    return Place(kind=kind, path=re.compile(path), value=re.compile(value.encode(), re.MULTILINE))


PLACES: Final = (
    _place("netrc", r"(?:^|/)[._]netrc$", r"^[^#\n]{0,300}\bpassword[ \t]+(\S{1,300})"),
    _place("pgpass", r"(?:^|/)\.pgpass$", r"^(?:[^:#\n]{1,200}:){4}(\S{1,300})"),
    _place(
        "docker-auth",
        r"(?:^|/)(?:\.docker/config\.json|\.dockercfg|\.dockerconfigjson|auth\.json)$",
        r'"auth"\s{0,9}:\s{0,9}"([A-Za-z0-9+/=]{8,3000})"',
    ),
    _place(
        "kubeconfig",
        r"(?:^|/)(?:\.kube/config|kubeconfig[^/]*|[^/]+\.kubeconfig|etc/kubernetes/[^/]+\.conf)$",
        r"^[ \t-]{0,20}(?:client-key-data|token|password):[ \t]{0,9}(\S{8,9000})",
    ),
    _place(
        "npmrc", r"(?:^|/)\.npmrc$", r"^[^#;\n]{0,300}(?:_authToken|_auth|_password)[ \t]{0,9}=[ \t]{0,9}(\S{6,2000})"
    ),
    _place(
        "curlrc",
        r"(?:^|/)[._](?:curlrc|wgetrc)$",
        r"^[^#\n]{0,20}\b(?:user|password|http_password)[ \t]{0,9}[=: ][ \t]{0,9}([^\s:]{1,100}:\S{3,300})",
    ),
)


def places(path: str) -> tuple[Place, ...]:
    """Return those that a path is; nearly always none."""
    return tuple(each for each in PLACES if each.path.search(path))
