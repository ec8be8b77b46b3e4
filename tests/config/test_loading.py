"""From files, flags and variables to one Config: precedence, origins, places, and targets on the command line."""

import json
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scangate.config import Config, Flags, ScannerSettings, config_schema, load
from scangate.config.repository import find_root, within
from scangate.core.model import Criticality, Exposure, Kind, Location, Target
from scangate.errors import ConfigError, ScangateError, UsageError

SCANNERS: Mapping[str, Any] = {
    "nmap": SimpleNamespace(
        summary="ports",
        timeout=600.0,
        options={"type": "object", "properties": {"top_ports": {"type": "integer", "minimum": 1}}},
    ),
    "packages": SimpleNamespace(summary="packages", timeout=300.0, options={"type": "object", "properties": {}}),
}
FULL = """\
version: 1
policy: gate.yml
jobs: 3
targets:
  - id: web
    image: oci-archive:build/web.tar:1.4
    exposure: internet
    criticality: high
    environment: production
    owner: shop@example.com
  - id: edge
    hosts:
      - 192.0.2.1
      - 2001:db8::/126
    exclude: [192.0.2.2]
    ports: 443
    expect: [443, 53/udp]
  - {id: infra, path: ./deploy/../deploy}
scanners:
  nmap: {enabled: false, timeout: 60, top_ports: 100}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "ops").mkdir()
    return tmp_path


def loaded(cwd: Path, text: str | None = None, environ: Mapping[str, str] | None = None, **flags: Any) -> Config:
    if text is not None:
        (cwd / "scangate.yml").write_text(text, encoding="utf-8")
    return load(Flags(**flags), SCANNERS, cwd=cwd, environ=environ or {})


def refused(cwd: Path, text: str | None = None, environ: Mapping[str, str] | None = None, **flags: Any) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(cwd, text, environ, **flags)
    return f"{caught.value.message} | {caught.value.advice}"


def test_everything_arrives(repository: Path) -> None:
    config = loaded(repository / "ops", FULL)
    assert (config.root, config.policy, config.policy_folder, config.jobs) == (
        repository,
        "gate.yml",
        repository / "ops",
        3,
    )
    assert config.targets == (
        Target(
            id="web",
            kind=Kind.IMAGE,
            addresses=("oci-archive:ops/build/web.tar:1.4",),
            exposure=Exposure.INTERNET,
            criticality=Criticality.HIGH,
            environment="production",
            owner="shop@example.com",
            declared_at=Location(path="ops/scangate.yml", line=6),
        ),
        Target(
            id="edge",
            kind=Kind.HOSTS,
            addresses=("192.0.2.1", "2001:db8::/126"),
            exclude=("192.0.2.2",),
            ports="443",
            expect=("443", "53/udp"),
            declared_at=Location(path="ops/scangate.yml", line=12),
        ),
        Target(
            id="infra",
            kind=Kind.PATH,
            addresses=("ops/deploy",),
            declared_at=Location(path="ops/scangate.yml", line=18),
        ),
    )
    assert config.settings_of("nmap") == ScannerSettings(enabled=False, timeout=60, options={"top_ports": 100})
    assert config.settings_of("packages") == ScannerSettings()


def test_a_declaration_is_the_real_line_of_a_real_file(repository: Path) -> None:
    for target in loaded(repository / "ops", FULL).targets:
        line = (repository / target.declared_at.path).read_text().splitlines()[target.declared_at.line - 1]
        assert target.kind.value in line


def test_the_config_may_be_named_from_anywhere(repository: Path) -> None:
    (repository / "ops" / "other.yml").write_text(FULL)
    by_flag = loaded(repository, config="ops/other.yml")
    assert by_flag.targets[0].addresses == ("oci-archive:ops/build/web.tar:1.4",)
    assert by_flag.targets[0].declared_at.path == "ops/other.yml"
    assert by_flag == loaded(repository, environ={"SCANGATE_CONFIG": str(repository / "ops" / "other.yml")})


def test_a_link_to_the_config_is_followed(repository: Path) -> None:
    (repository / "ops" / "real.yml").write_text(FULL)
    (repository / "scangate.yml").symlink_to("ops/real.yml")
    assert loaded(repository).targets[0].declared_at.path == "ops/real.yml"


def test_without_a_repository_the_folder_of_the_config_is_the_root(tmp_path: Path) -> None:
    assert loaded(tmp_path, FULL).root == tmp_path
    assert loaded(tmp_path).targets[0].declared_at.path == "scangate.yml"


def test_the_root_is_the_nearest_folder_that_holds_git(repository: Path) -> None:
    inner = repository / "ops" / "a" / "b"
    inner.mkdir(parents=True)
    assert find_root(inner) == repository
    (repository / "ops" / ".git").write_text("gitdir: elsewhere")  # a worktree or a submodule
    assert find_root(inner) == repository / "ops"


def test_a_path_outside_the_root_stays_absolute(repository: Path) -> None:
    assert within(repository / "ops", repository / "x") == (repository / "x").as_posix()
    assert within(repository, repository) == "."


def test_links_that_loop_are_no_error(repository: Path) -> None:
    (repository / "loop").symlink_to("loop")
    assert within(repository, repository / "loop" / "x") == "loop/x"
    config = loaded(repository, "version: 1\ntargets: [{id: a, path: loop}]")
    assert config.targets[0].addresses == ("loop",)


ORIGINS = [
    ({"policy": "flag.yml"}, {"SCANGATE_POLICY": "environment.yml"}, "policy: file.yml\n", "flag.yml", "flag --policy"),
    (
        {},
        {"SCANGATE_POLICY": "environment.yml"},
        "policy: file.yml\n",
        "environment.yml",
        "environment SCANGATE_POLICY",
    ),
    ({}, {"SCANGATE_POLICY": ""}, "policy: file.yml\n", "file.yml", "scangate.yml:2"),
    ({}, {}, "policy: file.yml\n", "file.yml", "scangate.yml:2"),
    ({}, {}, "", "builtin:baseline", "default"),
]


@pytest.mark.parametrize(("flags", "environ", "lines", "value", "origin"), ORIGINS)
def test_a_flag_goes_before_the_environment_the_file_and_the_default(
    repository: Path, flags: dict[str, str], environ: dict[str, str], lines: str, value: str, origin: str
) -> None:
    config = loaded(repository, f"version: 1\n{lines}targets: [{{id: a, path: .}}]\n", environ, **flags)
    assert config.policy == value
    (setting,) = (each for each in config.settings if each.name == "policy")
    assert (setting.value, setting.origin) == (value, origin)
    assert config.policy_folder == repository


def test_a_policy_of_the_file_is_beside_it_and_one_of_a_flag_is_here(repository: Path) -> None:
    (repository / "ops" / "scangate.yml").write_text(FULL)
    assert loaded(repository, config="ops/scangate.yml").policy_folder == repository / "ops"
    assert loaded(repository, config="ops/scangate.yml", policy="x.yml").policy_folder == repository


@pytest.mark.parametrize(
    ("environ", "flags", "jobs"),
    [
        ({}, {}, 3),
        ({"SCANGATE_JOBS": "5"}, {}, 5),
        ({"SCANGATE_JOBS": "5"}, {"jobs": 7}, 7),
        ({"SCANGATE_JOBS": ""}, {}, 3),
    ],
)
def test_jobs_too(repository: Path, environ: dict[str, str], flags: dict[str, int], jobs: int) -> None:
    assert loaded(repository, FULL, environ, **flags).jobs == jobs


@pytest.mark.parametrize("value", ["0", "257", "many", "-1", "1_0", " 5", "٣", "9" * 5000])
def test_jobs_that_are_no_number_say_where_they_came_from(repository: Path, value: str) -> None:
    words = refused(repository, FULL, {"SCANGATE_JOBS": value})
    assert "(environment SCANGATE_JOBS) | expected a whole number from 1 to 256" in words


def test_every_setting_has_an_origin(repository: Path) -> None:
    config = loaded(repository, FULL)
    origins = {each.name: each.origin for each in config.settings}
    assert origins["scanners.nmap.top_ports"] == "scangate.yml:20"
    assert origins["targets.edge"] == "scangate.yml:12"
    assert {"policy", "jobs", "home"} <= set(origins)
    by_hand = {each.name: each.origin for each in loaded(repository, words=("path:.",)).settings}
    assert by_hand["targets.target"] == "command line"


def test_no_config_and_no_target_says_what_to_do(tmp_path: Path) -> None:
    assert "scangate init" in refused(tmp_path)
    assert "gone.yml: there is no such config file" in refused(tmp_path, config="gone.yml")
    assert "there is no such config file" in refused(tmp_path, config=".")
    assert "there is no such config file" in refused(tmp_path, config="x" * 5000)
    assert "there is no such config file" in refused(tmp_path, environ={"SCANGATE_CONFIG": "gone.yml"})
    assert "scangate init" in refused(tmp_path, environ={"SCANGATE_CONFIG": ""})


def test_targets_on_the_command_line_replace_those_of_the_file_and_it_is_said(repository: Path) -> None:
    config = loaded(repository, FULL, words=("x=path:ops",))
    assert [target.id for target in config.targets] == ["x"]
    assert config.notes == ("targets were named on the command line: those of scangate.yml were not scanned",)
    assert config.settings_of("nmap").enabled is False
    assert loaded(repository / "ops", words=("path:.",)).notes == ()


def test_a_broken_config_is_an_error_even_when_targets_are_named(repository: Path) -> None:
    with pytest.raises(ConfigError):
        loaded(repository, "version: 2", words=("path:.",))


WORDS: list[tuple[str, str, Kind, tuple[str, ...], str]] = [
    ("path:.", "target", Kind.PATH, (".",), ""),
    ("path:ops", "ops", Kind.PATH, ("ops",), ""),
    ("infra=path:./ops/", "infra", Kind.PATH, ("ops",), ""),
    ("image:oci-layout:ops", "oci-layout-ops", Kind.IMAGE, ("oci-layout:ops",), ""),
    ("web=image:oci-archive:a/web.tar:1.2", "web", Kind.IMAGE, ("oci-archive:a/web.tar:1.2",), ""),
    ("image:docker-archive:web.tar", "docker-archive-web.tar", Kind.IMAGE, ("docker-archive:web.tar",), ""),
    ("image:rootfs:ops", "rootfs-ops", Kind.IMAGE, ("rootfs:ops",), ""),
    ("hosts:192.0.2.1", "192.0.2.1", Kind.HOSTS, ("192.0.2.1",), ""),
    ("hosts:192.0.2.1:22,80", "192.0.2.1", Kind.HOSTS, ("192.0.2.1",), "22,80"),
    ("hosts:192.0.2.0/28", "192.0.2.0-28", Kind.HOSTS, ("192.0.2.0/28",), ""),
    ("lan=hosts:192.0.2.1,edge.example.com:1-1024", "lan", Kind.HOSTS, ("192.0.2.1", "edge.example.com"), "1-1024"),
    ("hosts:[::1]", "1", Kind.HOSTS, ("::1",), ""),
    ("hosts:[2001:db8::1]:22,80", "2001-db8-1", Kind.HOSTS, ("2001:db8::1",), "22,80"),
    ("hosts:[::1,192.0.2.1]:22", "1-192.0.2.1", Kind.HOSTS, ("::1", "192.0.2.1"), "22"),
]


@pytest.mark.parametrize(("word", "name", "kind", "addresses", "ports"), WORDS)
def test_targets_are_read_from_the_command_line(
    repository: Path, word: str, name: str, kind: Kind, addresses: tuple[str, ...], ports: str
) -> None:
    (target,) = loaded(repository, words=(word,)).targets
    assert target == Target(id=name, kind=kind, addresses=addresses, ports=ports)


def test_paths_on_the_command_line_are_relative_to_here(repository: Path) -> None:
    (repository / "scangate.yml").write_text(FULL)
    (target,) = loaded(repository / "ops", words=("path:.",)).targets
    assert target.addresses == ("ops",)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nonsense",), "nonsense: not a target | expected path:DIR"),
        (("path:",), "not a target"),
        (("",), "not a target"),
        (("path:a\nb",), "not a target"),
        (("-x=path:.",), "not a target"),
        (("a b=path:.",), "not a target"),
        (("PATH:.",), "not a target"),
        (("path:gone",), "there is no gone"),
        (("path:" + "x" * 5000,), "there is no x"),
        (("image:Nginx:1.2",), "has capital letters"),
        (("image:docker://nginx",), "write the name of the image alone"),
        (("image:oci_archive:web.tar",), "did you mean oci-archive:web.tar"),
        (("image:web.tar",), "looks like a file"),
        (("image:oci-archive:",), "names no file or folder"),
        (("hosts:2001:db8::1",), "an IPv6 address stands in brackets"),
        (("hosts:192.0.2.1:",), "not ADDRESS or ADDRESS:PORTS"),
        (("hosts:-oX/tmp/x",), "is not a host"),
        (("hosts:192.0.2.1:0",), "is not a port"),
        (("hosts:192.0.2.1:x",), "is not a list of ports"),
        (("hosts:192.0.2.1,",), "is not a host"),
        (("hosts:10.0.0.0/8",), "one target holds 65,536 at most"),
        (("hosts:10.0.0.0/16,10.1.0.0/16",), "one target holds 65,536 at most"),
        (("hosts:[]",), "is not a host"),
        (("path:.", "path:./"), "the id target is taken | name it yourself: NAME=path:./"),
        (("a=path:.", "a=hosts:192.0.2.1"), "the id a is taken"),
    ],
)
def test_what_is_no_target_says_what_one_is(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    assert message in refused(tmp_path, words=words)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    word=st.text(max_size=30)
    | st.tuples(
        st.sampled_from(["hosts:", "image:", "path:", "a=hosts:["]), st.text("0123456789abc.:,[]/-@ \n\0", max_size=20)
    ).map("".join)
)
def test_any_word_is_a_target_or_a_mistake(tmp_path: Path, word: str) -> None:
    try:
        config = loaded(tmp_path, words=(word,))
    except UsageError:
        return
    assert config.targets[0].addresses


TARGET_FIELDS = {each.name for each in fields(Target)} - {"kind", "addresses", "declared_at"}


def test_schema_and_types_agree() -> None:
    schema = config_schema(SCANNERS)
    target = schema["definitions"]["target"]["properties"]
    assert set(target) == TARGET_FIELDS | {kind.value for kind in Kind} | {"hosts_from"}
    alternatives = [branch.get("anyOf", [branch])[0] for branch in schema["definitions"]["target"]["oneOf"]]
    assert [branch["required"] for branch in alternatives] == [[kind.value] for kind in Kind]
    assert set(target["exposure"]["enum"]) == {each.value for each in Exposure}
    assert set(target["criticality"]["enum"]) == {each.name.lower() for each in Criticality}
    assert set(schema["properties"]["scanners"]["properties"]) == set(SCANNERS)
    assert "top_ports" in schema["properties"]["scanners"]["properties"]["nmap"]["properties"]
    assert config_schema({})["properties"]["scanners"]["properties"] == {}


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("registry.example.com:5000/shop/web:1.4.2", "registry.example.com:5000/shop/web:1.4.2"),
        ("debian", "debian"),
        (f"debian@sha256:{'a' * 64}", f"debian@sha256:{'a' * 64}"),
        ("docker-daemon:shop/web:1", "docker-daemon:shop/web:1"),
        ("containers-storage:localhost/web:1", "containers-storage:localhost/web:1"),
        ("oci-layout:build", "oci-layout:ops/build"),
        (f"oci-archive:web.tar@sha256:{'a' * 64}", f"oci-archive:ops/web.tar@sha256:{'a' * 64}"),
        ("docker-archive:web.tar:shop/web:1", "docker-archive:ops/web.tar:shop/web:1"),
        ("rootfs:a:b", "rootfs:ops/a:b"),
    ],
)
def test_only_what_is_a_file_is_relative_to_the_config(repository: Path, written: str, address: str) -> None:
    (target,) = loaded(repository / "ops", f"version: 1\ntargets: [{{id: a, image: '{written}'}}]\n").targets
    assert target.addresses == (address,)


def test_every_default_is_that_of_the_type(repository: Path) -> None:
    (target,) = loaded(repository, "version: 1\ntargets: [{id: a, path: .}]\n").targets
    assert target == Target(id="a", kind=Kind.PATH, addresses=(".",), declared_at=Location(path="scangate.yml", line=2))


VALUES = ["null", "[]", "{}", "-1", "1.5", "true", "[[x]]", "{a: 1}", "*x", "&a x", '"\\0"', "x" * 300]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_valid_config_with_anything_changed_is_a_config_or_a_mistake(tmp_path: Path, data: st.DataObject) -> None:
    lines = FULL.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(lines) - 1))
        whole = st.sampled_from(["", "  " + lines[index], *lines])
        value = st.sampled_from(VALUES) | st.text(max_size=12).map(json.dumps)
        key = lines[index].partition(":")[0]
        lines[index] = data.draw(whole) if data.draw(st.booleans()) else f"{key}: {data.draw(value)}"
    try:
        config = loaded(tmp_path, "\n".join(lines))
    except ScangateError:
        return
    assert config.targets


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_locked_folder_is_a_mistake_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    assert "there is no such config file" in refused(tmp_path, config="locked/scangate.yml")
