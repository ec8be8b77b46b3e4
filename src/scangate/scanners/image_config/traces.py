"""Files that are a finding by being there: caches, what editors and shells leave, whole repositories.

A table: add yours to TRACES. It is told by its path, and where that is not enough by its first bytes.
"""

import re
from dataclasses import dataclass
from typing import Final

_ELF_CORE: Final = 4
_HOME: Final = r"(?:^|/)(?:root|home/[^/]+|[^/]+)/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`kind` stays. A `cache` is counted as a whole; anything else is a finding for each file."""

    kind: str
    path: re.Pattern[str]
    cache: bool = False


def _cache(kind: str, path: str) -> Trace:
    return Trace(kind=f"{kind} cache", path=re.compile(path), cache=True)


def _trace(kind: str, path: str) -> Trace:
    return Trace(kind=kind, path=re.compile(path))


TRACES: Final = (
    _cache(
        "apt",
        r"^var/lib/apt/lists/(?!lock$|partial/|auxfiles/)|^var/cache/apt/(?:archives/[^/]*\.deb|(?:src)?pkgcache\.bin)$",
    ),
    _cache("apk", r"^(?:var/cache/apk|etc/apk/cache)/[^/]+$"),
    _cache("dnf", r"^var/cache/(?:yum|dnf|libdnf5|zypp)/.*\.(?:rpm|solvx?|xml(?:\.\w+)?|sqlite(?:\.\w+)?)$"),
    _cache("pacman", r"^var/cache/pacman/pkg/[^/]+$"),
    _cache("pip", r"/\.cache/(?:pip|uv|pypoetry)/"),
    _cache("npm", r"/\.npm/_cacache/(?:content|index)|/\.cache/(?:yarn|node-gyp|pnpm)/|^usr/local/share/\.cache/yarn/"),
    _cache("go", r"/\.cache/go-build/[0-9a-f]{2}/"),
    _cache("composer", r"/\.(?:cache/composer|composer/cache)/files/"),
    _cache("cargo", r"/\.?cargo/registry/cache/"),
    _trace("git repository", r"(?:^|/)\.git/HEAD$"),
    _trace("other repository", r"(?:^|/)(?:\.hg/requires|\.svn/wc\.db)$"),
    _trace(
        "shell history",
        r"(?:^|/)\.(?:(?:ba|z|a|da|k)?sh|python|mysql|psql|sqlite|node_repl|rediscli|irb|mongo)_?history$",
    ),
    _trace("core dump", r"(?:^|/)(?:core(?:\.\d+)?|[^/]+\.core)$"),
    _trace("swap file", r"(?:^|/)\.?[^/]+\.sw[a-p]$"),
    _trace("environment file", r"(?:^|/)\.env(?:\.(?!example$|sample$|template$|dist$|tpl$)[\w-]+)?$"),
    _trace(
        "cloud credentials",
        r"(?:^|/)(?:\.aws/credentials|\.azure/(?:accessTokens|msal_token_cache)[^/]*|\.config/gcloud/(?:credentials\.db|access_tokens\.db|application_default_credentials\.json)|\.oci/config|\.s3cfg|\.boto)$",
    ),
    _trace("cluster credentials", r"(?:^|/)\.kube/config$"),
    _trace("state of Terraform", r"\.tfstate(?:\.backup)?$"),
    _trace("key store", r"(?:^|/)(?!cacerts$)[^/]+\.(?:p12|pfx|jks|keystore|kdbx|ppk)$"),
    _trace("authorized keys", r"(?:^|/)\.ssh/authorized_keys2?$"),
)
_LIBRARY: Final = re.compile(
    r"^(?:usr/(?:share|lib|src|include)|proc|sys)/|(?:^|/)(?:site-packages|dist-packages|node_modules|gems)/"
)
_BY_KIND: Final = {each.kind: each for each in TRACES}
_NAMES: Final = frozenset(
    {
        ".boto", ".env", ".s3cfg", "HEAD", "access_tokens.db", "application_default_credentials.json",
        "authorized_keys", "authorized_keys2", "config", "core", "credentials", "credentials.db", "requires", "wc.db",
    }
)  # fmt: skip
_ENDINGS: Final = (
    "history", ".core", ".swp", ".swo", ".swn", ".swm", ".tfstate", ".tfstate.backup", ".p12", ".pfx", ".jks",
    ".keystore", ".kdbx", ".ppk",
)  # fmt: skip
_BEGINNINGS: Final = ("core.", ".env.", "accessTokens", "msal_token_cache", ".sw")
_LISTS: Final = "var/lib/apt/lists/"


def may_be(path: str) -> bool:
    """Tell whether a path is that of a trace. Asked for every file there is: most need no pattern."""
    name = path[path.rfind("/") + 1 :]
    if (
        "cache" in path
        or path.startswith(_LISTS)
        or name in _NAMES
        or name.endswith(_ENDINGS)
        or name.startswith(_BEGINNINGS)
    ):
        return any(each.path.search(path) for each in TRACES) and (not _LIBRARY.search(path) or ".cache/" in path)
    return False


def kind(path: str, head: bytes) -> str:
    """Return which trace a file is; empty when it is none."""
    found = next((each.kind for each in TRACES if each.path.search(path)), "")
    if found == "core dump" and not (head.startswith(b"\x7fELF") and head[16:17] == bytes([_ELF_CORE])):
        return ""
    if found == "swap file" and not head.startswith(b"b0VIM"):
        return ""
    if found == "authorized keys" and not re.search(rb"(?m)^[^#\n]{0,200}(?:ssh-|ecdsa-|sk-)\S+ AAAA", head):
        return ""
    return found


def is_cache(name: str) -> bool:
    """Tell whether this kind is counted as a whole."""
    return name in _BY_KIND and _BY_KIND[name].cache
