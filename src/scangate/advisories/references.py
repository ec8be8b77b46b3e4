"""The address at which a record's vulnerability is described."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

_KINDS: Final = ("ADVISORY", "WEB", "REPORT", "ARTICLE")


def help_uri(record: Mapping[str, Any]) -> str:
    """Give the first https reference of the most telling kind, or nothing."""
    listed = record.get("references")
    found = [each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict)]
    for kind in _KINDS:
        for each in found:
            if each.get("type") == kind and isinstance(url := each.get("url"), str) and _is_https(url):
                return url
    return ""


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and url.isascii() and url.isprintable() and " " not in url
