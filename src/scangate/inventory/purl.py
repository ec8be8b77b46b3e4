"""Package URLs. The same text as packageurl-python makes, which a test proves, at a twentieth of its cost.

https://github.com/package-url/purl-spec
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

_LOWER: Final = frozenset(
    {"alpm", "apk", "bitbucket", "bitnami", "composer", "github", "gitlab", "hex", "npm", "oci", "pub", "pypi"}
)
_LOWER_NAMESPACE: Final = frozenset({"alpm", "apk", "bitbucket", "composer", "github", "gitlab", "hex", "pypi"})
_NOT_IN_PUB: Final = re.compile(r"[^a-z0-9]")
_SCP: Final = re.compile(r"(?:[^@/:\s]+@)?([\w.-]+):(?!//)(\S+)")
"""`git@example.com:owner/name.git`, as ssh and scp write it."""


def purl(kind: str, namespace: str, name: str, version: str, qualifiers: Mapping[str, str] | None = None) -> str:
    """Write a purl. The case of names is that of their type; empty parts are left out."""
    if kind in _LOWER:
        name = name.lower()
    if kind in _LOWER_NAMESPACE:
        namespace = namespace.lower()
    if kind == "pub":
        name = _NOT_IN_PUB.sub("_", name)
    elif kind in {"pypi", "hackage"}:
        name = name.replace("_", "-")
    front = "".join(f"{_quoted(each)}/" for each in namespace.split("/") if each) if namespace else ""
    kept = sorted((key, value) for key, value in (qualifiers or {}).items() if value)
    back = "?" + "&".join(f"{key}={_quoted(value)}" for key, value in kept) if kept else ""
    number = f"@{_quoted(version)}" if version else ""
    return f"pkg:{kind}/{front}{_quoted(name)}{number}{back}"


def vcs_url(url: str, commit: str = "") -> str:
    """Write where a source was taken from as SPDX does, for the qualifier `vcs_url`: without users and passwords."""
    if bare := bare_url(url):
        scheme, _colon, rest = bare.partition("://")
        scheme = scheme if scheme.startswith(("git", "svn", "hg", "bzr")) else f"git+{scheme}"
        return f"{scheme}://{rest}@{commit}" if commit else f"{scheme}://{rest}"
    return ""


def bare_url(url: str) -> str:
    """Return a URL of another machine without user, password, query and fragment; empty when it is none."""
    url = url.strip()[:2000]
    if scp := _SCP.fullmatch(url):
        url = f"ssh://{scp[1]}/{scp[2]}"
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if not parts.hostname or parts.scheme in {"", "file"}:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _quoted(text: str) -> str:
    return quote(text, safe=":", errors="replace")
