import pytest

from scangate.inventory.documents import read_json, read_toml, required, table, tables, text, texts
from scangate.inventory.plain_yaml import MAX_BYTES, read_yaml


def test_scalars_of_yaml_are_texts():
    (document,) = read_yaml(b"a: 1.10\nb: [yes, 2020-01-01, null, ~]\nc: {d: 'x'}\n? [e]\n: f\n")
    assert document == {"a": "1.10", "b": ["yes", "2020-01-01", "null", "~"], "c": {"d": "x"}, "": "f"}


def test_yaml_may_have_several_documents_or_none():
    assert list(read_yaml(b"---\na: b\n---\n- c\n")) == [{"a": "b"}, ["c"]]
    assert list(read_yaml(b"")) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a: &x 1\nb: *x\n", "no lock file"),
        (b"b: *x\n", "no lock file"),
        (b"[" * 100_000, "no lock file"),
        (b"- " * 100_000, "no lock file"),
        (b"a: [", "not valid"),
        (b"\xff\xfe\xfa", "not valid"),
        (b"a: \x00", "not valid"),
        (b" " * (MAX_BYTES + 1), "at most"),
    ],
)
def test_hostile_yaml_is_refused(data, reason):
    with pytest.raises(ValueError, match=reason):
        list(read_yaml(data))


@pytest.mark.parametrize("data", [b"[" * 100_000, b"{", b"\xff", b'{"a":' * 50_000])
def test_hostile_json_and_toml_are_refused(data):
    with pytest.raises(ValueError, match="not valid JSON"):
        read_json(data)
    with pytest.raises(ValueError, match="not valid TOML"):
        read_toml(b"a = " + data)


def test_what_is_of_another_type_is_empty():
    assert (table([], "a"), table({"a": 1}, "a"), tables({}), tables([1, {}])) == ({}, {}, [], [{}])
    assert (text({"a": 1}, "a"), text(" b "), texts(1), texts([" a", 2, ""]), texts("b")) == ("", "b", [], ["a"], ["b"])
    with pytest.raises(ValueError, match="it is no lock: `a` is not there"):
        required({"a": []}, "a", dict, "lock")
