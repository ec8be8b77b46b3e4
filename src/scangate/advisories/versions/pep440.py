"""Python: epochs, pre-, post- and development releases, local versions, and all the spellings PEP 440 normalises.

https://packaging.python.org/en/latest/specifications/version-specifiers/. Wildcards (`1.2.*`) are no versions, and
neither are those from before PEP 440 (`2004d`).
"""

import re
from functools import lru_cache
from typing import Final

from scangate.advisories.versions.order import END, MAX_LENGTH, ZERO, number

_PLAIN: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_VERSION: Final = re.compile(
    r"""(?x)
    v?
    (?: (?P<epoch>[0-9]+) ! )?
    (?P<release>[0-9]+ (?:\.[0-9]+)* )
    (?: [-_.]? (?P<phase>alpha|beta|preview|pre|rc|a|b|c) [-_.]? (?P<pre>[0-9]*) )?
    (?: - (?P<implicit>[0-9]+) | (?P<is_post> [-_.]? (?:post|rev|r) [-_.]? (?P<post>[0-9]*) ) )?
    (?P<is_dev> [-_.]? dev [-_.]? (?P<dev>[0-9]*) )?
    (?: \+ (?P<local>[a-z0-9]+ (?:[-_.][a-z0-9]+)* ) )?
    """
)
# The phases in their order, between a development release of the version itself and the version.
_DEV_ONLY, _FINAL = "0", "4"
_PHASES: Final = {"alpha": "1", "a": "1", "beta": "2", "b": "2", "preview": "3", "pre": "3", "rc": "3", "c": "3"}
_NO_POST, _POST = "0", "1"
_DEV, _NO_DEV = "0", "1"
_WORD, _NUMBER = "1", "2"
_PLAIN_TAIL: Final = END + _FINAL + _NO_POST + _NO_DEV + END


@lru_cache(maxsize=1 << 15)
def key(version: str) -> str:
    """Sort key: compares as PEP 440 orders. Raises ValueError on what is no version of it."""
    text = version.strip().lower()
    if len(text) > MAX_LENGTH or not version.isascii():
        raise ValueError(f"not a Python version: {version[:80]!r}")
    if _PLAIN.fullmatch(text):
        return ZERO + _release(text) + _PLAIN_TAIL
    if (match := _VERSION.fullmatch(text)) is None:
        raise ValueError(f"not a Python version: {version[:80]!r}")
    return number(match["epoch"] or "") + _release(match["release"]) + END + _stage(match) + _local(match["local"])


def _release(text: str) -> str:
    """1.0 and 1.0.0 are equal: trailing zeros are not written."""
    return "".join(map(number, text.split("."))).rstrip(ZERO)


def _stage(match: re.Match[str]) -> str:
    """Phase, post-release and development release."""
    post = match["implicit"] or match["post"]
    is_post = bool(match["implicit"] or match["is_post"])
    if match["phase"]:
        phase = _PHASES[match["phase"]] + number(match["pre"])
    else:
        # 1.0.dev1 comes before 1.0a1, but 1.0.post1.dev1 after 1.0.
        phase = _DEV_ONLY if match["is_dev"] and not is_post else _FINAL
    return (
        phase
        + (_POST + number(post) if is_post else _NO_POST)
        + (_DEV + number(match["dev"]) if match["is_dev"] else _NO_DEV)
    )


def _local(text: str | None) -> str:
    """Numbers come after words, and more segments after fewer."""
    parts = re.split(r"[-_.]", text) if text else ()
    return "".join(_NUMBER + number(part) if part.isdecimal() else _WORD + part + END for part in parts) + END
