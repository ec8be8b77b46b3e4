"""Patterns with `*`, as policies use them: it stands for any text, and nothing else is special."""

import re
from functools import lru_cache


def matches(text: str, pattern: str) -> bool:
    """Case-sensitive, over the whole text. A purl's `[` and `?` are plain letters here, unlike in a shell."""
    return text == pattern or ("*" in pattern and _compiled(pattern).fullmatch(text) is not None)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Runs of stars are one star, or a hostile pattern could take exponential time.
    return re.compile(".*".join(map(re.escape, re.split(r"\*+", pattern))), re.DOTALL)
