"""YAML as people mean it: every trap of the format is a value or an error with its line."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scangate.config import nodes
from scangate.config.document import MAX_BYTES, MAX_PROBLEMS, Document, parse, read, spell
from scangate.errors import ConfigError, UsageError

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        ("# a comment\n", {}),
        ("---\n", None),
        ("\ufeffa: 1", {"a": 1}),
        ("a: yes", {"a": "yes"}),
        ("a: no", {"a": "no"}),
        ("a: on\nb: off\nc: y\nd: N", {"a": "on", "b": "off", "c": "y", "d": "N"}),
        ("a: true\nb: false", {"a": True, "b": False}),
        ("a: True\nb: FALSE", {"a": "True", "b": "FALSE"}),
        ('a: "true"', {"a": "true"}),
        ("a:\nb: null\nc: ~\nd: Null", {"a": None, "b": None, "c": None, "d": "Null"}),
        ("a: 010\nb: 0o10\nc: 0x1F\nd: 1_000", {"a": "010", "b": "0o10", "c": "0x1F", "d": "1_000"}),
        ("a: 22:22\nb: 1:30:00", {"a": "22:22", "b": "1:30:00"}),
        ("a: 2026-12-31\nb: 2026-12-31T10:00:00Z", {"a": "2026-12-31", "b": "2026-12-31T10:00:00Z"}),
        ("a: 1\nb: -1\nc: +1\nd: 0", {"a": 1, "b": -1, "c": 1, "d": 0}),
        ("a: 0.9\nb: 1.0\nc: .5\nd: 5.\ne: 1e3", {"a": 0.9, "b": 1.0, "c": ".5", "d": "5.", "e": "1e3"}),
        ("a: .inf\nb: .nan\nc: -.INF", {"a": ".inf", "b": ".nan", "c": "-.INF"}),
        ("a: 1.4.2\nb: 1.10\nc: '1.10'", {"a": "1.4.2", "b": 1.1, "c": "1.10"}),
        (f"a: {'9' * 30}", {"a": "9" * 30}),
        ("a: =\nb: '<<'", {"a": "=", "b": "<<"}),
        ("yes: 1\n1: 2\nnull: 3\n2026-01-01: 4", {"yes": 1, "1": 2, "null": 3, "2026-01-01": 4}),
        ("'<<': 1", {"<<": 1}),
        ("a: &x [1, 2]\nb: *x", {"a": [1, 2], "b": [1, 2]}),
        ("a: >\n  one\n  two\nb: |\n  three\n", {"a": "one two\n", "b": "three\n"}),
        ('{"json": ["is", 1, {"too": null}]}', {"json": ["is", 1, {"too": None}]}),
        ("a: x\r\nb: y\r\n", {"a": "x", "b": "y"}),
        ("a: ü😀", {"a": "ü😀"}),
        ("just text", "just text"),
    ],
)
def test_values_are_what_people_mean(text: str, value: Any) -> None:
    document = parse(text.removeprefix("\ufeff"), "f.yml")
    assert document.data == value
    assert repr(document.data) == repr(value), "1, True and 1.0 are equal, and not the same"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "f.yml:3: a: this key is given twice (the first one is on line 1: keep one of them)"),
        (
            "x:\n  a: 1\n  'a': 2",
            "f.yml:3: x.a: this key is given twice (the first one is on line 2: keep one of them)",
        ),
        ("a: &x {b: 1}\nc:\n  <<: *x", "f.yml:3: c: merge keys are not allowed (write the keys out)"),
        (
            "a: !!python/object/apply:os.system [id]",
            "f.yml:1: a: the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed (write a plain value)",
        ),
        ("a: !!str 5", "f.yml:1: a: the tag tag:yaml.org,2002:str is not allowed (write a plain value)"),
        ("a: !!int '5'", "f.yml:1: a: the tag tag:yaml.org,2002:int is not allowed (write a plain value)"),
        ("a: !!binary aGk=", "f.yml:1: a: the tag tag:yaml.org,2002:binary is not allowed (write a plain value)"),
        ("- 1\n- !env TOKEN", "f.yml:2: [1]: the tag !env is not allowed (write a plain value)"),
        ("a: ! 5", "f.yml:1: a: the tag ! is not allowed (write a plain value)"),
        (
            "%TAG ! tag:evil,2000:\n---\na: !x 1",
            "f.yml:3: a: the tag tag:evil,2000:x is not allowed (write a plain value)",
        ),
        ("? [a, b]\n: 1", "f.yml:1: this kind of key is not allowed (use a word)"),
        ("? {a: b}\n: 1", "f.yml:1: this kind of key is not allowed (use a word)"),
        ("!!int 1: 2", "f.yml:1: this kind of key is not allowed (use a plain word)"),
        ("a: 1\n---\nb: 2", "f.yml:2: one document is expected, not several"),
        ("---\na: 1\n...\n---\n", "f.yml:4: one document is expected, not several"),
        ("a: *x", "f.yml:1: there is no anchor &x above"),
        ("a: &a [*a]", "f.yml:1: there is no anchor &a above"),
        ("a: &a {b: *a}", "f.yml:1: there is no anchor &a above"),
        (BOMB, "more than 20000 values, aliases followed"),
        ("[" * 40 + "]" * 40, "f.yml:1: nested more than 30 levels deep"),
        ("{a: " * 40 + "}" * 40, "f.yml:1: nested more than 30 levels deep"),
        ("- " * 100_000, "f.yml:1: nested more than 30 levels deep"),
        ("[" + "a," * 20_001 + "]", "f.yml:1: more than 20000 values (split the file)"),
        ("a: [1, 2", "f.yml:1: not readable as YAML: while parsing a flow sequence"),
        ("a:\n\t- b", "YAML is indented with spaces, not tabs"),
        ("a: 1\n b: 2", "f.yml:2: not readable as YAML: mapping values are not allowed"),
        ("a: 'never ends", "not readable as YAML: while scanning a quoted scalar"),
        ("a: @x", "not readable as YAML: while scanning for the next token"),
        ("a: x\nb: \x00", "f.yml:2: the character U+0000 is not allowed (remove it)"),
        ("a: x\r\nb: \x1b[2J", "f.yml:2: the character U+001B is not allowed (remove it)"),
        ("a: \ud800", "f.yml:1: the character U+D800 is not allowed (remove it)"),
        ("a: user\u202etxt", "f.yml:1: the character U+202E is not allowed (remove it)"),
        ("a: 1\n\ufeffb: 2", "f.yml:2: the character U+FEFF is not allowed (remove it)"),
        ('a:\n  b: "\\e[2J"', "f.yml:2: a.b: the character U+001B is not allowed (write visible text)"),
        ('a: "\\0"', "f.yml:1: a: the character U+0000 is not allowed (write visible text)"),
        ('"\\u202e": 1', "f.yml:1: this kind of key is not allowed (use a plain word)"),
        ("%YAML 9.9\n---\na: 1", "f.yml:1: not readable as YAML"),
    ],
)
def test_what_nobody_means_is_an_error_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yml")
    assert message in str(caught.value)


@pytest.mark.parametrize("escape", ["\\ud800", "\\U99999999", "\\UFFFFFFFF", "\\x"])
def test_escapes_that_name_no_character_are_refused(escape: str) -> None:
    with pytest.raises(ConfigError):
        parse(f'a: "{escape}"', "f.yml")


@pytest.mark.parametrize("escape", ["\\ud800", "\\U99999999", "\\UFFFFFFFF"])
def test_without_libyaml_too(escape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    with pytest.raises(ConfigError):
        parse(f'a: "{escape}"', "f.yml")
    assert parse("a: [010, true, {b: 1}]", "f.yml").data == {"a": ["010", True, {"b": 1}]}
    with pytest.raises(ConfigError, match="tag"):
        parse("a: !!str 5", "f.yml")


def test_every_mistake_is_said_at_once_and_only_so_many() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a: !x 1\nb: 1\nb: 2\nc:\n  <<: {}\n", "f.yml")
    assert [(each.line, each.path) for each in caught.value.problems] == [(1, "a"), (3, "b"), (5, "c")]
    with pytest.raises(ConfigError) as caught:
        parse("a: 1\n" * 5000, "f.yml")
    assert len(caught.value.problems) == MAX_PROBLEMS


def test_every_place_knows_its_line() -> None:
    document = parse("a:\n  - b: 1\n\n    c: [x,\n        y]\nd: {e: 1}\n", "f.yml")
    wanted = {("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2, ("a", 0, "c"): 4, ("a", 0, "c", 1): 5, ("d", "e"): 6}
    assert {place: document.line(place) for place in wanted} == wanted
    assert document.line(("a", 0, "nothing", "here")) == 2
    assert document.line(("nothing",)) == 1
    problem = document.problem(("a", 0, "c"), "is wrong", "mend it")
    assert str(problem) == "f.yml:4: a[0].c: is wrong (mend it)"


def test_a_place_is_spelt_as_people_do() -> None:
    assert spell(("targets", 0, "id")) == "targets[0].id"
    assert spell(()) == ""
    assert len(spell(("x" * 1000,))) == 60


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff", "is not UTF-8 at byte 3"),
        ("a: 1".encode("utf-16"), "is not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "is larger than 1 MiB"),
    ],
)
def test_files_that_are_no_text_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "f.yml").write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "f.yml", "f.yml")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone", tmp_path / ("x" * 5000)):
        with pytest.raises(UsageError, match="cannot be read"):
            read(path, "f.yml")


def test_a_byte_order_mark_at_the_start_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_bytes(b"\xef\xbb\xbfa: 1\n" + b"#" * (MAX_BYTES - 10))
    assert read(tmp_path / "f.yml", "f.yml").data == {"a": 1}


SIGNS = "a|b: |- |\n|  |{|}|[|]|,|&x |*x|!t |!!str |? |: |>|'|\"|#|%|---\n|...\n|<<: |\t|\\|@|1|true|\0|\ud800|é|\r|~|="
PIECES = st.sampled_from([*SIGNS.split("|"), "|"])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text())
def test_any_text_is_a_document_or_a_mistake(text: str) -> None:
    found = attempted(text)
    if isinstance(found, ConfigError):
        assert all(each.line >= 1 for each in found.problems)


def attempted(text: str) -> Document | ConfigError:
    """Nothing but a ConfigError is ever raised."""
    try:
        return parse(text, "f.yml")
    except ConfigError as error:
        return error


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=10,
    )
)
def test_json_means_what_it_says(value: Any) -> None:
    found = attempted(json.dumps({"x": value}, ensure_ascii=False))
    if isinstance(found, ConfigError):
        assert any(word in str(found) for word in ("character", "kind of key"))
    else:
        assert found.data == {"x": value}


HUGE = {
    "a wide list": "[" + "a," * 500_000,
    "a long list": "- a\n" * 260_000,
    "a wide mapping": "{" + "a: 1, " * 170_000,
    "deep lists": "[" * 1_000_000,
    "deep mappings": "{a: " * 250_000,
    "one key": "a: 1\n" * 200_000,
    "anchors": "".join(f"- &a{number} x\n" for number in range(70_000)),
    "aliases": "a: &a x\nb: [" + "*a," * 250_000 + "]",
    "documents": "---\n" * 250_000,
    "escapes": 'a: "' + "\\x41" * 200_000 + '"',
    "empty lines": "\n" * 1_000_000,
    "questions": "? " * 500_000,
    "tags": "!!str " * 170_000,
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_mebibyte_of_anything_takes_no_time_and_few_words(kind: str) -> None:
    begun = time.monotonic()
    found = attempted(HUGE[kind])
    assert len(str(found)) < 20_000 or isinstance(found, Document)
    assert time.monotonic() - begun < 10
