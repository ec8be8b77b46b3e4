import json
from dataclasses import MISSING, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from scangate import __version__
from scangate.core import model
from scangate.errors import UsageError
from scangate.reporters import Screen, result
from scangate.reporters.result import Result, read

from .generated import reports
from .sample import RUNS, empty, passing, sample

SCHEMA = json.loads(Path(result.__file__).with_name("result.schema.json").read_text())
VALIDATOR = Draft7Validator(SCHEMA)
SMALL = replace(sample(), decisions=sample().decisions[:1], runs=(replace(RUNS[0], findings=RUNS[0].findings[:1]),))


def render(report: model.Report) -> str:
    return Result().render(report, Screen())


def document(report: model.Report = SMALL) -> Any:
    return json.loads(render(report))


@given(reports())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_comes_back_without_loss(report: model.Report) -> None:
    text = render(report)
    assert read(text, "x") == report
    assert render(read(text.encode(), "x")) == text
    assert text.isascii()
    assert VALIDATOR.is_valid(json.loads(text))


@pytest.mark.parametrize("report", [sample(), passing(), empty()], ids=["sample", "passing", "empty"])
def test_the_result_is_valid_by_its_own_schema(report: model.Report) -> None:
    assert list(VALIDATOR.iter_errors(document(report))) == []


def test_the_result_says_its_format_and_who_wrote_it() -> None:
    written = document()
    assert written["schema"] == "scangate-result/1"
    assert written["scangate"] == __version__
    assert written["decisions"][0]["finding"]["severity"] == "critical"
    assert written["decisions"][0]["finding"]["published"] == "2023-10-11"
    assert written["decisions"][0]["finding"]["evidence"][0]["facts"][0] == ["installed", "1.0-1"]
    assert render(SMALL).endswith("}\n")


def test_a_command_to_a_ci_runner_is_spelt_otherwise_and_comes_back() -> None:
    report = replace(SMALL, notes=("##[error]x", "##vso[x]", r"\##[x]", "# ##", "###[x]"))
    assert "##[" not in render(report)
    assert "##vso[" not in render(report)
    assert read(render(report), "x") == report


def test_the_schema_is_sound_and_names_every_field_of_the_model() -> None:
    Draft7Validator.check_schema(SCHEMA)
    kinds = {
        each.__name__.lower(): each for each in vars(model).values() if is_dataclass(each) and isinstance(each, type)
    }
    described = {name: each for name, each in SCHEMA["definitions"].items() if "properties" in each}
    assert set(described) == set(kinds) - {"report", "asked", "note"}
    described["report"] = SCHEMA
    for name, definition in described.items():
        own = {each.name for each in fields(kinds[name])}
        needed = {each.name for each in fields(kinds[name]) if each.default is MISSING}
        extra = {"schema", "scangate"} if name == "report" else set()
        assert set(definition["properties"]) == own | extra, name
        assert set(definition.get("required", [])) == needed | extra, name
        assert definition["additionalProperties"] is False, name


def test_the_schema_names_every_member_of_every_enum() -> None:
    for kind in vars(model).values():
        if isinstance(kind, type) and issubclass(kind, Enum) and kind.__name__.lower() in SCHEMA["definitions"]:
            words = [each.name.lower() if isinstance(each, int) else each.value for each in kind]
            assert SCHEMA["definitions"][kind.__name__.lower()] == {"enum": words}


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**60), 2**60),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(
            ["", "high", "HIGH", "PASS", "pass", "fail", "new", "image", "2026-01-31", "31.1.2026", "0" * 64]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["", "name", "rule"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_what_the_schema_forbids_is_refused_and_nothing_else(data: st.DataObject) -> None:
    changed = document()
    container, key = data.draw(st.sampled_from(places(changed)))
    match data.draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            container[key] = data.draw(JSON)
        case "remove":
            del container[key]
        case _ if isinstance(container, dict):
            container["surprise"] = data.draw(JSON)
        case _:
            container.append(data.draw(JSON))
    valid = VALIDATOR.is_valid(changed)
    try:
        read(json.dumps(changed), "x")
    except UsageError:
        assert not valid
    else:
        assert valid


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"verdict": 5}, "expected one of PASS, FAIL, INCOMPLETE, not int @ $.verdict"),
        ({"verdict": "pass"}, "not pass @ $.verdict"),
        ({"reasons": "abc"}, "expected an array, not abc @ $.reasons"),
        ({"reasons": {"a": 1}}, "expected an array, not dict @ $.reasons"),
        ({"decisions": [5]}, "expected an object, not int @ $.decisions[0]"),
        ({"decisions": [{}]}, "a required field is missing @ $.decisions[0].finding"),
        ({"policy": {"name": "a", "source": "b", "digest": 1}}, "expected a text, not int @ $.policy.digest"),
        ({"plugins": [["a"]]}, "expected an array of two texts, not list @ $.plugins[0]"),
        ({"plugins": [["a", 1]]}, "expected an array of two texts"),
        ({"surprise": 1}, "unknown fields: surprise @ $"),
        ({"started": "yesterday"}, "expected a time in UTC"),
        ({"started": "2026-02-31T00:00:00Z"}, "$.started"),
        ({"scangate": 1}, "$.scangate"),
        ({"changes": [{"summary": "a", "clears": True, "targets": []}]}, "expected a whole number"),
        ({"changes": [{"summary": "a", "clears": -1, "targets": []}]}, "expected a whole number"),
        ({"changes": [{"summary": "a", "clears": 1.5, "targets": []}]}, "expected a whole number"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(json.dumps(document() | change), "main.json")
    assert caught.value.message.startswith("main.json cannot be read:")
    assert expected in caught.value.message
    assert caught.value.advice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "not JSON"),
        ("[1", "not JSON"),
        (b"\xff\xfe{", "not JSON"),
        ("{}", "no result of scangate"),
        ("[]", "no result of scangate"),
        ("null", "no result of scangate"),
        ('{"schema": 1}', "no result of scangate"),
        ('{"schema": "scangate-result/2"}', "its format is scangate-result/2"),
        ('{"version": "2.1.0", "runs": []}', "no result of scangate"),
        ('{"schema": NaN}', "NaN is not a JSON number"),
        ('{"schema": -Infinity}', "-Infinity is not a JSON number"),
        ("9" * 5_000, "not JSON"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        ("[" * 900 + "]" * 900, "no result of scangate"),
    ],
)
def test_what_is_no_result_is_refused_with_advice(text: str | bytes, expected: str) -> None:
    with pytest.raises(UsageError, match=expected) as caught:
        read(text, "main.json")
    assert caught.value.advice


@pytest.mark.parametrize("number", ["1e999", "-1e999", "-1", "1e300", "9" * 400])
def test_a_number_that_no_reader_keeps_is_refused(number: str) -> None:
    text = json.dumps(document() | {"runs": [{"scanner": "a", "target": "b", "status": "ok", "seconds": "X"}]})
    with pytest.raises(UsageError, match=r"expected a number"):
        read(text.replace('"X"', number), "x")


def test_a_result_larger_than_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result, "MAX_SIZE", 2**20)
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        read(b" " * (2**20 + 1), "x")


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read(b"\xef\xbb\xbf" + render(SMALL).encode(), "x") == SMALL


def test_fields_that_an_older_version_did_not_write_get_their_default() -> None:
    written = document()
    del written["changes"], written["plugins"], written["decisions"][0]["waived"]
    assert read(json.dumps(written), "x") == replace(SMALL, changes=(), plugins=())


def test_many_mistakes_are_counted_not_listed() -> None:
    with pytest.raises(UsageError, match="and 995 more") as caught:
        read(json.dumps(document() | {"notes": [1] * 1_000}), "x")
    assert len(caught.value.message) < 2_000
