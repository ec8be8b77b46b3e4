"""What comes from outside is printable, bounded and free of secrets once it is in the model."""

import time
import unicodedata
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import ITEMS, finding, law
from scangate.core.model import Finding, Item, Location, Severity
from scangate.core.text import ITEMS as MOST_ITEMS
from scangate.core.text import LIMIT, MASK, clean, clean_all

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)
# Put together, so that no scanner of repositories takes them for real ones.
TOKENS = {
    "aws": "AKIA" + "ABCDEFGHIJKLMNOP",
    "aws, temporary": "ASIA" + "ABCDEFGHIJKLMNOP",
    "github": "ghp_" + "a1B2" * 9,
    "github, app": "ghs_" + "x" * 36,
    "github, fine-grained": "github_pat_" + "1A_b" * 20,
    "gitlab": "glpat-" + "abcDEF-123_4567890xy",
    "slack": "xoxb-" + "1234567890-abcdef",
    "jwt": "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0." + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----",
    "private key, openssh": "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----",
    "private key, plain": "-----BEGIN " + "PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
    "private key, pgp": "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----\nlQdG\n-----END PGP PRIVATE KEY BLOCK-----",
    "private key, cut": "-----BEGIN EC " + "PRIVATE KEY-----\nMHcCAQEE",
}


def is_shown(text: str) -> bool:
    return all(
        each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for each in text
    )


@given(ANY, st.integers(10, 60))
def test_any_text_becomes_printable_bounded_and_stays_as_it_is(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert is_shown(cleaned)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned
    cleaned.encode()


@law
@given(
    st.lists(
        st.sampled_from([*TOKENS.values(), "://a:b@", "://", ":", "@", "AKIA", "eyJ", "x", " ", "A" * 17, "é"]),
        max_size=12,
    ),
    st.integers(10, 120),
)
def test_cleaning_twice_is_cleaning_once_around_secrets(pieces: list[str], limit: int) -> None:
    cleaned = clean("".join(pieces), limit)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="@"), max_size=100))
def test_plain_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("around", ["{}", "GIT_{}", "\ufffd{}", "token={}", "a {} b", '"{}"', "({})", "x\n{}\ny"])
def test_secrets_are_masked(kind: str, around: str) -> None:
    token = TOKENS[kind]
    cleaned = clean(around.format(token))
    assert MASK in cleaned
    for piece in token.split("\n"):
        assert piece not in cleaned
    if "cut" not in kind:
        assert cleaned == around.format(MASK)


@pytest.mark.parametrize("kind", TOKENS)
def test_a_colour_hides_no_secret(kind: str) -> None:
    assert clean(f"\x1b[31m{TOKENS[kind]}\x1b[0m").startswith(f"\ufffd{MASK}")


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("before", [LIMIT - 1, LIMIT - 10, LIMIT - 30])
def test_a_secret_across_the_cut_is_masked_too(kind: str, before: int) -> None:
    token = TOKENS[kind]
    cleaned = clean("x" * (before - 1) + " " + token + " " + "y" * 9000)
    assert len(cleaned) <= LIMIT
    assert cleaned.endswith("…")
    assert token[:8] not in cleaned


def test_behind_a_long_secret_nothing_unmasked_comes_up() -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----" + "A" * 3_900 + "-----END PRIVATE KEY-----"
    tail = " " + "ghp_" + "s" * 300
    for length in range(3_000, 12_000, 250):
        assert "sssss" not in clean(key + " " * length + tail)


def test_what_stands_behind_the_limit_stays_away_however_short_the_masks_are() -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----" + "A" * 3_000 + "-----END PRIVATE KEY-----"
    cleaned = clean(f"{key}{'z' * 5_000} {TOKENS['github']}")
    assert cleaned == MASK + "z" * (LIMIT - len(key)) + "…"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:pass@host/x", f"https://{MASK}@host/x"),
        ("postgres://u:p@db:5432/x and amqp://a:b@q", f"postgres://{MASK}@db:5432/x and amqp://{MASK}@q"),
        ("https://host:8443/a@b", "https://host:8443/a@b"),
        ("https://user@host/", "https://user@host/"),
        ("pkg:npm/@scope/name", "pkg:npm/@scope/name"),
    ],
)
def test_a_password_in_a_url_is_masked(url: str, expected: str) -> None:
    assert clean(url) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[2Jgone", "\ufffdgone"),
        ("\x1b[1;31mred\x1b[0m", "\ufffdred\ufffd"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("a\r\nb\rc", "a\nb\ufffdc"),
        ("user\u202etxt.exe", "user\ufffdtxt.exe"),
        ("a\u200bb\ufeffc", "a\ufffdb\ufffdc"),
        ("\ud800", "\ufffd"),
        ("a\u2028b\u2029", "a\ufffdb\ufffd"),
        ("\x00\x07\x7f\x9b", "\ufffd" * 4),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert clean("x" * LIMIT) == "x" * LIMIT
    assert clean("x" * (LIMIT + 1)) == "x" * (LIMIT - 1) + "…"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "://a:",
        "://" + "a" * 190 + ":" + "b" * 190,
        "eyJ" + "a" * 13,
        "-eyJ" + "a" * 13 + ".",
        "xox" + "b-",
        "@AKIA",
        "\u202e",
    ],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    begun = time.monotonic()
    clean(text * (2_000_000 // len(text)))
    assert time.monotonic() - begun < 3


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [] if isinstance(value, Enum) else [value]
    if isinstance(value, tuple):
        return [text for each in value for text in texts(each)]
    if is_dataclass(value):
        return [text for each in fields(value) for text in texts(getattr(value, each.name))]
    return []


def spoilt(value: Any, text: str) -> Any:
    """The same value with every text replaced."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return text
    if isinstance(value, tuple):
        return tuple(spoilt(each, text) for each in value)
    if is_dataclass(value):
        return type(value)(**{each.name: spoilt(getattr(value, each.name), text) for each in fields(value)})
    return value


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_every_text_of_every_type_is_cleaned(item: Item) -> None:
    assert clean_all(item) == item
    cleaned = clean_all(spoilt(item, "\x1b]0;" + TOKENS["github"]))
    assert set(texts(cleaned)) == {f"\ufffd]0;{MASK}"} or not texts(item)
    assert len(texts(cleaned)) == len(texts(item))
    assert clean_all(cleaned) == cleaned


def test_enumerations_and_numbers_pass_through() -> None:
    assert clean_all(finding(location=Location(path="a", line=3))) == finding(location=Location(path="a", line=3))
    assert clean_all(finding()).severity is Severity.HIGH


def test_a_text_of_another_class_is_cleaned_too() -> None:
    class Markup(str):
        __slots__ = ()

    cleaned = clean_all(finding(title=Markup("\x1b<b>")))
    assert (cleaned.title, type(cleaned.title)) == ("\ufffd<b>", str)


def test_long_tuples_are_cut() -> None:
    cleaned: Finding = clean_all(finding(aliases=tuple(map(str, range(1000)))))
    assert cleaned.aliases == tuple(map(str, range(MOST_ITEMS)))
