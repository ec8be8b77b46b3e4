"""The `scope:` of a config: what it comes to, and every mistake in it with its line."""

import ipaddress
from pathlib import Path

import pytest

from scangate.config import Flags, load
from scangate.core.scope import Scope, Window
from scangate.errors import ConfigError


def loaded(folder: Path, scope: str, words: tuple[str, ...] = ()):
    (folder / "scangate.yml").write_text(f"version: 1\ntargets:\n  - id: edge\n    hosts: [10.0.0.1]\n{scope}")
    return load(Flags(words=words), {}, cwd=folder, environ={})


def mistakes(folder: Path, scope: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, scope)
    return [str(each) for each in caught.value.problems]


WHOLE = """\
scope:
  allow: [203.0.113.0/24, 2001:DB8::1, Edge.Example.com., 8.0.0.0/8]
  deny: [203.0.113.7, 10.0.0.0/8, 0.0.0.0/0, db.example.com]
  window: {days: [fri, sat], from: "22:00", to: 06:30}
  rate: 500
  rate_total: 2000
"""


def test_a_whole_scope_is_read(tmp_path):
    config = loaded(tmp_path, WHOLE)
    assert config.scope == Scope(
        allow=(
            ipaddress.ip_network("203.0.113.0/24"),
            ipaddress.ip_network("2001:db8::1"),
            "edge.example.com",
            ipaddress.ip_network("8.0.0.0/8"),
        ),
        deny=(*map(ipaddress.ip_network, ("203.0.113.7", "10.0.0.0/8", "0.0.0.0/0")), "db.example.com"),
        window=Window(days=frozenset({4, 5}), start=22 * 60, minutes=510),
        rate=500,
        rate_total=2000,
    )
    assert {each.name: each.origin for each in config.settings if each.name.startswith("scope")} == {
        "scope.allow": "scangate.yml:6",
        "scope.deny": "scangate.yml:7",
        "scope.window": "scangate.yml:8",
        "scope.rate": "scangate.yml:9",
        "scope.rate_total": "scangate.yml:10",
    }


@pytest.mark.parametrize("scope", ["", "scope: {}\n"])
def test_without_a_scope_there_is_the_default(tmp_path, scope):
    assert loaded(tmp_path, scope).scope == Scope()


def test_the_scope_of_the_file_holds_for_targets_of_the_command_line(tmp_path):
    assert loaded(tmp_path, "scope: {deny: [10.0.0.1]}\n", ("hosts:10.0.0.1",)).scope.deny


def test_without_a_file_there_is_the_default(tmp_path):
    assert load(Flags(words=("hosts:10.0.0.1",)), {}, cwd=tmp_path, environ={}).scope == Scope()


@pytest.mark.parametrize("days", ["mon", "mon, tue"])
def test_days_alone_are_whole_days(tmp_path, days):
    assert loaded(tmp_path, f"scope: {{window: {{days: [{days}]}}}}\n").scope.window.minutes == 24 * 60


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("{allow: [10.0.0.1/24]}", "scope.allow[0]: '10.0.0.1/24' is a host inside 10.0.0.0/24"),
        ("{allow: [0.0.0.0/0]}", "is 4,294,967,296 addresses: name the networks that are yours"),
        ("{allow: ['2000::/3']}", "name the networks that are yours"),
        ("{allow: ['::ffff:10.0.0.0/104']}", "is a network of IPv4 addresses"),
        ("{allow: [10.0.0.0/255.0.0.0]}", "is not a network: write it as"),
        ("{allow: ['https://x.example.com']}", "is a URL"),
        ("{deny: ['x y', 300.0.0.1]}", "scope.deny[1]: '300.0.0.1' is not an address"),
        ("{deny: ['*.example.com']}", "is not a host name"),
        ("{window: {from: '22:00'}}", "`from` and `to` belong together (give both, or neither for the whole day)"),
        ("{window: {from: '22:00', to: '22:00'}}", "are the same time"),
        ("{window: {from: '24:00', to: '06:00'}}", "does not have the form that is expected here"),
        ("{window: {}}", "a window says when it is open"),
        ("{window: {days: [monday]}}", "expected one of mon, tue"),
        ("{window: {days: []}}", "expected at least 1 of them"),
        ("{rate: 0}", "expected at least 1, not 0"),
        ("{rates: 5}", "this key is not known (did you mean rate?)"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, scope, said):
    found = mistakes(tmp_path, f"scope: {scope}\n")
    assert said in "\n".join(found)
    assert all(each.startswith("scangate.yml:5: scope") for each in found)
