"""Patterns with `*`, as policies use them: it stands for any text, and nothing else is special."""


def matches(text: str, pattern: str) -> bool:
    """Case-sensitive, over the whole text. A purl's `[` and `?` are plain letters here, unlike in a shell.

    No regular expression: `*a*a*a*...` would take exponential time on a text that an attacker chose.
    """
    first, *parts = pattern.split("*")
    if not parts:
        return text == pattern
    last = parts.pop()
    position, end = len(first), len(text) - len(last)
    if position > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in parts:
        # The leftmost place is the best one: it leaves the most for the parts that follow.
        if (found := text.find(part, position, end)) < 0:
            return False
        position = found + len(part)
    return True
