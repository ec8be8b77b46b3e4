"""Where a vulnerability is, in the form of each kind of report.

GitLab makes the identity of a vulnerability from the first identifier and parts of this: for an image its name without
the tag and the package, for a host the path and the parameter (not the host name), for a file its lines. On top of
that stands our own fingerprint as a tracking signature, see vulnerability.py. What an instance reads of the two, the
identity survives a new tag and a new version, and two targets do not meet in it.
"""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from scangate.core.model import Decision, Kind, Target
from scangate.reporters.gitlab.installed import SYSTEMS, Installed
from scangate.reporters.gitlab.routing import about_package, workload
from scangate.reporters.outline import line
from scangate.reporters.places import place_of, segment

NO_COMMIT: Final = "0000000"
"""What GitLab's own secret detection says when it knows no commit."""
_TEXT: Final = 1_000
_ENDPOINT: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,20}://)?(\[[0-9A-Fa-f:.]{2,45}\]|[^/\s:#\[\]]{1,253}):[0-9]{1,5}\b"
)
_FILES: Final = frozenset({"oci-layout", "oci-archive", "docker-archive", "rootfs"})
"""Schemes of addresses that name a file or a folder."""
_NOT_IN_A_TAG: Final = re.compile(r"[^A-Za-z0-9_.-]+")


def location(decision: Decision, target: Target, kind: str, installed: Installed) -> dict[str, Any]:
    """Say where."""
    return _FORMS[kind](decision, target, installed)


def _image(decision: Decision, target: Target, installed: Installed) -> dict[str, Any]:
    return {
        "image": _image_name(target),
        "operating_system": installed.system(target.id),
        "dependency": _dependency(decision, installed),
    }


def _cluster(decision: Decision, target: Target, installed: Installed) -> dict[str, Any]:
    return _image(decision, target, installed) | {"kubernetes_resource": workload(target)}


def _declared(decision: Decision, target: Target, installed: Installed) -> dict[str, Any]:
    """The file that declares a package; a bill of materials is one itself."""
    path = line(target.address, _TEXT) if target.kind is Kind.SBOM else ""
    return {"file": path or place_of(decision.finding, target).path, "dependency": _dependency(decision, installed)}


def _file(decision: Decision, target: Target, _installed: Installed) -> dict[str, Any]:
    place = place_of(decision.finding, target)
    about = decision.finding.location.logical or decision.finding.subject
    return {
        "file": place.path,
        "start_line": place.line,
        "end_line": place.end_line,
        "method": _exact(about, 255, decision),
    }


def _secret(decision: Decision, target: Target, installed: Installed) -> dict[str, Any]:
    return _file(decision, target, installed) | {"commit": {"sha": NO_COMMIT}}


def _host(decision: Decision, target: Target, _installed: Installed) -> dict[str, Any]:
    """Two hosts differ in the path, which is all that GitLab compares."""
    subject = decision.finding.subject
    match = _ENDPOINT.match(subject)
    return {
        "hostname": line(match[1], 255) if match else "",
        "path": f"/{segment(target.id)}/{_exact(subject, _TEXT, decision)}",
        "method": "",
        "param": "",
    }


def _dependency(decision: Decision, installed: Installed) -> dict[str, Any]:
    """A package of the distribution by its name, others with what they are of; what is none, in brackets."""
    subject = decision.finding.subject
    name = subject.removeprefix("pkg:") if about_package(decision.finding) else f"({subject})"
    if subject.startswith(SYSTEMS):
        name = subject.rpartition("/")[2]
    return {"package": {"name": _exact(name, 255, decision)}, "version": installed.version(decision.finding)}


def _image_name(target: Target) -> str:
    """The target's id, then the tag in a form that GitLab never takes for a version, and so never for the identity."""
    name = quote(target.id, safe="", errors="backslashreplace") or "_"
    return f"{name}:{_NOT_IN_A_TAG.sub('-', _tag(target.address)[:128])}"


def _tag(address: str) -> str:
    bare, _at, digest = address.partition("@sha256:")
    scheme = address.partition(":")[0]
    if digest:
        return f"sha256-{digest[:12]}"
    if scheme in _FILES:
        return scheme
    tag = bare.rpartition(":")[2] if ":" in bare else "/"
    return "untagged" if "/" in tag else f"tag-{tag}"


def _exact(text: str, limit: int, decision: Decision) -> str:
    """The text, when it fits and nothing in it is hidden; else what can be shown of it, and the fingerprint."""
    shown = line(text, limit)
    return shown if shown == text else f"{line(text, limit - 13)} {decision.fingerprint[:12]}".strip()


_FORMS: Final[dict[str, Callable[[Decision, Target, Installed], dict[str, Any]]]] = {
    "container_scanning": _image,
    "cluster_image_scanning": _cluster,
    "dependency_scanning": _declared,
    "sast": _file,
    "secret_detection": _secret,
    "dast": _host,
}
