"""Being let in: tokens, passwords, and where the user keeps them."""

import base64
import json
import os
import socket

import made_images as made
import pytest
import registries
from hypothesis import given
from hypothesis import strategies as st
from registries import PASSWORD, TOKEN, USER, fronting, of_layout, of_registry, saying, wanting

from scangate import http
from scangate.errors import ScanError
from scangate.rootfs import open_rootfs
from scangate.rootfs.registry import access, credentials
from scangate.rootfs.registry.challenge import parse_challenges

EVERYTHING = made.wanting(lambda _path: True)
AUTH = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
QUICK = http.Limits(deadline=30, connect=5, read=5, tries=2, first_wait=0.01)


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("SCANGATE_", "DOCKER_", "REGISTRY_", "XDG_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    (home / ".docker").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(access, "LIMITS", QUICK)
    monkeypatch.setattr(access, "BLOB", QUICK)
    return home


@pytest.fixture
def front(tmp_path):
    layout = made.Layout(tmp_path / "layout")
    layout.image(made.tar(made.file("a", "1")), tag="1")
    with fronting(of_layout(layout)) as front:
        yield front


def read(front, tmp_path, name="shop/web:1"):
    with open_rootfs(f"{front.host}/{name}", tmp_path) as rootfs:
        return {file.path: file.read() for file in rootfs.files(EVERYTHING)}


def refused(front, tmp_path):
    with pytest.raises(ScanError) as caught:
        read(front, tmp_path)
    said = f"{caught.value} ({caught.value.advice})"
    assert PASSWORD not in said
    assert AUTH not in said
    assert TOKEN not in said
    return said


def log_in(home, host, **entry):
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": {host: entry or {"auth": AUTH}}}))


def with_tokens(front, *, user=True):
    """Give tokens out beside the registry, to the user or to anyone."""

    def token(call):
        if user and call.headers.get("authorization") != f"Basic {AUTH}":
            saying(401, b'{"details": "no"}')(call)
        else:
            saying(200, json.dumps({"token": TOKEN, "expires_in": 300}).encode())(call)

    front.rule("^/token", token)
    front.rule("^/v2/shop", wanting(f"http://{front.host}/token"))


def test_a_token_is_fetched_once_for_all_calls(front, tmp_path):
    with_tokens(front, user=False)
    assert read(front, tmp_path) == {"a": b"1"}
    (asked,) = front.asked("^/token")
    assert asked.query == {"service": ["the, registry"], "scope": ["repository:shop/web:pull"]}
    assert "authorization" not in asked.headers
    assert [call.headers.get("authorization", "") for call in front.asked("^/v2/shop")] == [
        "",
        *[f"Bearer {TOKEN}"] * 3,
    ]


def test_credentials_are_shown_where_tokens_are_given_out_and_nowhere_else(front, tmp_path, home):
    with_tokens(front)
    log_in(home, front.host)
    assert read(front, tmp_path) == {"a": b"1"}
    assert front.asked("^/token")[0].query["account"] == [USER]
    assert not any(call.headers.get("authorization", "").startswith("Basic") for call in front.asked("^/v2"))


def test_an_identity_token_is_exchanged(front, tmp_path, home):
    def token(call):
        body = call.body.decode()
        assert "grant_type=refresh_token" in body
        assert "refresh_token=keep%2Bme" in body
        saying(200, json.dumps({"access_token": TOKEN}).encode())(call)

    front.rule("^/token", token)
    front.rule("^/v2/shop", wanting(f"http://{front.host}/token"))
    log_in(home, front.host, auth=base64.b64encode(b"<token>:").decode(), identitytoken="keep+me")
    assert read(front, tmp_path) == {"a": b"1"}


def test_a_registry_token_is_shown_as_it_is(front, tmp_path, home):
    front.rule("^/v2/shop", wanting(f"http://{front.host}/token"))
    log_in(home, front.host, registrytoken=TOKEN)
    assert read(front, tmp_path) == {"a": b"1"}
    assert not front.asked("^/token")


def test_a_token_that_has_run_out_is_renewed(front, tmp_path):
    current = ["one"]

    def token(call):
        saying(200, json.dumps({"token": current[0]}).encode())(call)

    def wanted(call):
        return wanting(f"http://{front.host}/token", current[0])(call)

    front.rule("^/token", token)
    front.rule("^/v2/shop", wanted)

    with open_rootfs(f"{front.host}/shop/web:1", tmp_path) as rootfs:
        current[0] = "two"
        assert len(rootfs.files(EVERYTHING)) == 1
    assert len(front.asked("^/token")) == 2


def test_a_token_that_does_not_help_is_not_asked_for_again_and_again(front, tmp_path):
    front.rule("^/token", saying(200, b'{"token": "useless"}'))
    front.rule("^/v2/shop", wanting(f"http://{front.host}/token"))
    assert "docker login" in refused(front, tmp_path)
    assert len(front.asked("^/token")) == 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_whoever_gets_no_token_is_told_to_log_in(status, front, tmp_path):
    front.rule("^/token", saying(status, b'{"errors": []}'))
    front.rule("^/v2/shop", wanting(f"http://{front.host}/token"))
    said = refused(front, tmp_path)
    assert "does not let us read" in said
    assert "DOCKER_AUTH_CONFIG" in said


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"token": 5}', b'{"token": "a b"}', b'{"token": "a\\r\\nX: y"}', b"[" * 9999]
)
def test_what_is_no_token_is_not_used(body, front, tmp_path):
    front.rule("^/token", saying(200, body))
    front.rule("^/v2/shop", wanting(f"http://{front.host}/token"))
    assert "sent no token that could be used" in refused(front, tmp_path)


@pytest.mark.parametrize(
    "realm",
    ["http://token.example.com/", "http://192.0.2.1/token", "ftp://127.0.0.1/", "", "//127.0.0.1/t", "http://", "http://[::1",
     "http://u@127.0.0.1/", "file:///etc/passwd"],
)  # fmt: skip
def test_nothing_is_shown_to_a_realm_without_tls(realm, front, tmp_path, home):
    log_in(home, front.host)
    front.rule("^/v2/shop", wanting(realm))
    said = refused(front, tmp_path)
    assert "token" in said


def test_a_registry_far_away_cannot_send_us_to_our_own_ports():
    far = access.Access(access.Place(registry="registry.example.com", repository="a"), lambda: None)
    with pytest.raises(ScanError, match="without TLS"):
        far._realm(access.Challenge(scheme="bearer", parameters={"realm": "http://127.0.0.1:80/token"}))
    assert far._realm(access.Challenge(scheme="bearer", parameters={"realm": "https://auth.example.com/t"}))


def test_a_password_is_shown_when_it_is_asked_for(front, tmp_path, home):
    front.rule("^/v2/shop", wanting("x", AUTH, "Basic"))
    assert "docker login" in refused(front, tmp_path)
    log_in(home, front.host)
    assert read(front, tmp_path) == {"a": b"1"}
    assert "authorization" not in front.calls[0].headers


def test_a_wrong_password_is_shown_once(front, tmp_path, home):
    front.rule("^/v2/shop", wanting("x", "b3RoZXI6b25l", "Basic"))
    log_in(home, front.host)
    assert "does not let us read" in refused(front, tmp_path)
    assert len(front.asked("^/v2/shop")) == 2


def test_a_netrc_does_not_take_the_place_of_a_token(front, tmp_path, home):
    (home / ".netrc").write_text("machine 127.0.0.1 login other password other\n")
    with_tokens(front, user=False)
    assert read(front, tmp_path) == {"a": b"1"}


@pytest.mark.real
def test_a_real_registry_with_a_login_lets_in_who_has_one(tmp_path, home):
    layout = made.Layout(tmp_path / "layout")
    layout.image(made.tar(made.file("a", "1")), tag="1")
    with registries.docker_registry(tmp_path, login=True) as host:
        registries.push(layout.path, "1", host, "shop/web:1", "--dest-creds", f"{USER}:{PASSWORD}")
        with fronting(of_registry(host)) as front:
            assert "docker login" in refused(front, tmp_path)
            log_in(home, front.host)
            assert read(front, tmp_path) == {"a": b"1"}


@pytest.fixture
def helper(tmp_path, monkeypatch):
    """A credential helper that writes down what it is asked, and answers with what is in a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "docker-credential-test"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat >> {tmp_path}/asked\n'
        f"cat {tmp_path}/answer\nexit $(cat {tmp_path}/code)\n"
    )
    program.chmod(0o755)
    (tmp_path / "code").write_text("0")
    (tmp_path / "answer").write_text(json.dumps({"ServerURL": "x", "Username": USER, "Secret": PASSWORD}))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize("config", [{"credHelpers": {"HOST": "test"}}, {"credsStore": "test", "auths": {"HOST": {}}}])
def test_a_credential_helper_is_asked(config, front, helper, home):
    (home / ".docker" / "config.json").write_text(json.dumps(config).replace("HOST", front.host))
    front.rule("^/v2/shop", wanting("x", AUTH, "Basic"))
    assert read(front, helper) == {"a": b"1"}
    assert (helper / "asked").read_text() == f"get\n{front.host}"


def test_a_helper_may_keep_a_token(helper, home):
    (helper / "answer").write_text('{"Username": "<token>", "Secret": "keep"}')
    found = credentials.in_document({"credsStore": "test"}, "registry.example.com", "a/b", "x")
    assert found == credentials.Credentials(identity="keep")


def test_docker_hub_is_called_by_its_old_name_in_keychains(helper):
    credentials.in_document({"credsStore": "test"}, "docker.io", "library/debian", "x")
    assert (helper / "asked").read_text() == "get\nhttps://index.docker.io/v1/"


def test_a_helper_that_knows_nothing_is_as_none(helper):
    (helper / "answer").write_text("credentials not found in native keychain\n")
    (helper / "code").write_text("1")
    assert credentials.in_document({"credsStore": "test"}, "r.example.com", "a", "x") is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [("secret-of-mine", 2), ("not json secret-of-mine", 0), ("[]", 0), ('{"Username": 1}', 0), ("", 0)],
)
def test_a_helper_that_fails_is_said_without_what_it_wrote(answer, code, helper):
    (helper / "answer").write_text(answer)
    (helper / "code").write_text(str(code))
    with pytest.raises(ScanError, match="docker-credential-test") as caught:
        credentials.in_document({"credHelpers": {"r.example.com": "test"}}, "r.example.com", "a", "x")
    assert "secret-of-mine" not in f"{caught.value} {caught.value.advice}"


def test_a_helper_that_is_not_installed_is_said_where_it_is_meant_for_this_registry():
    with pytest.raises(ScanError, match="docker-credential-gone is not installed"):
        credentials.in_document({"credHelpers": {"r.example.com": "gone"}}, "r.example.com", "a", "x")
    assert credentials.in_document({"credsStore": "gone"}, "r.example.com", "a", "x") is None


@pytest.mark.parametrize("name", ["../x", "a/b", "-x", "a b", "x" * 65, "a;b"])
def test_a_helper_with_a_name_that_is_none_is_not_started(name):
    with pytest.raises(ScanError, match="cannot be the name of a credential helper"):
        credentials.in_document({"credHelpers": {"r.example.com": name}}, "r.example.com", "a", "x")


def entry(user):
    return {"auth": base64.b64encode(f"{user}:p".encode()).decode()}


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        ("registry.example.com", "registry.example.com"),
        ("https://registry.example.com", "registry.example.com"),
        ("https://registry.example.com/v2/", "registry.example.com"),
        ("registry.example.com:5000", "registry.example.com:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("Registry.Example.com", "registry.example.com"),
        ("registry.example.com/shop", "registry.example.com"),
        ("registry.example.com/shop/web", "registry.example.com"),
    ],
)
def test_every_way_to_write_a_registry_is_understood(key, registry):
    found = credentials.in_document({"auths": {key: entry("me")}}, registry, "shop/web", "x")
    assert found == credentials.Credentials(user="me", password="p")


@pytest.mark.parametrize(
    "key", ["example.com", "registry.example.com:5000", "registry.example.com/sho", "registry.example.com.evil.example"]
)
def test_credentials_of_others_are_not_shown(key):
    assert credentials.in_document({"auths": {key: entry("me")}}, "registry.example.com", "shop/web", "x") is None


def test_the_longest_path_counts():
    auths = {"r.example.com": entry("all"), "r.example.com/shop": entry("shop"), "r.example.com/shop/web": entry("web")}
    assert [
        credentials.in_document({"auths": auths}, "r.example.com", name, "x").user
        for name in ("shop/web", "shop/web/deep", "shop/other", "shopping")
    ] == ["web", "web", "shop", "all"]


def test_the_places_are_looked_into_in_order(tmp_path, home, monkeypatch):
    def wrote(path, user):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"auths": {"r.example.com": entry(user)}}))

    def found():
        each = credentials.credentials_for("r.example.com", "a")
        return each and each.user

    assert found() is None
    for name, variable, path in (
        ("config", "", home / ".config/containers/auth.json"),
        ("runtime", "XDG_RUNTIME_DIR", tmp_path / "run/containers/auth.json"),
        ("docker", "", home / ".docker/config.json"),
        ("elsewhere", "DOCKER_CONFIG", tmp_path / "other/config.json"),
        ("file", "REGISTRY_AUTH_FILE", tmp_path / "auth.json"),
        ("gitlab file", "DOCKER_AUTH_CONFIG", tmp_path / "gitlab"),
    ):
        wrote(path, name)
        if variable:
            value = {"XDG_RUNTIME_DIR": tmp_path / "run", "DOCKER_CONFIG": tmp_path / "other"}.get(variable, path)
            monkeypatch.setenv(variable, str(value))
        assert found() == name
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {"r.example.com": entry("gitlab")}}))
    assert found() == "gitlab"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "[" * 99999,
        '{"auths": []}',
        '{"auths": {"r.example.com": {"auth": "%%%"}}}',
        '{"auths": {"r.example.com": {"auth": "bm9uZQ=="}}}',
        '{"credHelpers": 1}',
    ],
)
def test_a_broken_file_is_said_without_what_is_in_it(text, home):
    (home / ".docker" / "config.json").write_text(text)
    with pytest.raises(ScanError, match=r"config\.json") as caught:
        credentials.credentials_for("r.example.com", "a")
    assert "bm9uZQ" not in str(caught.value)
    assert caught.value.advice


def test_credentials_do_not_show_in_a_traceback():
    assert PASSWORD not in repr(
        credentials.Credentials(user=USER, password=PASSWORD, identity=PASSWORD, registry=PASSWORD)
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Bearer realm="https://a/t",service="s"', [("bearer", {"realm": "https://a/t", "service": "s"})]),
        (
            'Bearer realm="a, b\\"c" , scope="x:y:pull,push"',
            [("bearer", {"realm": 'a, b"c', "scope": "x:y:pull,push"})],
        ),
        ('Basic realm="x", Bearer realm="y"', [("basic", {"realm": "x"}), ("bearer", {"realm": "y"})]),
        ("BASIC", [("basic", {})]),
        ("Bearer REALM=plain", [("bearer", {"realm": "plain"})]),
        ("Negotiate YWJj==, Basic realm=x", [("negotiate", {}), ("basic", {"realm": "x"})]),
        ('Bearer realm="never ends', [("bearer", {})]),
        ('Bearer realm="first",realm="second"', [("bearer", {"realm": "first"})]),
        ("", []),
        (",,,", []),
        ('realm="x"', []),
    ],
)
def test_what_a_registry_wants_to_be_shown_is_understood(header, expected):
    assert [(each.scheme, each.parameters) for each in parse_challenges(header)] == expected


@given(st.text(alphabet='abBe =,"\\ \t', max_size=300))
def test_any_header_is_read(header):
    for each in parse_challenges(header):
        assert each.scheme


def test_plain_http_is_for_this_machine_and_what_is_named(monkeypatch):
    from scangate.rootfs.registry.places import trusted_plain

    for host in ("127.0.0.1", "127.9.9.9:5000", "localhost", "localhost:5000", "[::1]:5000", "x.localhost:1"):
        assert trusted_plain(host)
    for host in (
        "registry.example.com",
        "192.0.2.1:5000",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "[2001:db8::1]",
    ):
        assert not trusted_plain(host)
    monkeypatch.setenv("SCANGATE_INSECURE_REGISTRIES", "other.example.com, registry.example.com:5000")
    assert trusted_plain("registry.example.com:5000")
    assert not trusted_plain("registry.example.com")


def test_a_registry_far_away_is_asked_over_tls_only(monkeypatch, tmp_path):
    asked = []

    def connect(address, *_more, **_options):
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(ScanError, match="https://registry"):
        open_rootfs("registry.example.com/shop/web", tmp_path)
    assert {port for _host, port in asked} == {443}
    with pytest.raises(ScanError, match=r"https://registry-1\.docker\.io/v2/library/debian/manifests/12"):
        open_rootfs("debian:12", tmp_path)


def test_tls_is_spoken_to_a_registry_on_this_machine_that_wants_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = access.Place(registry=f"127.0.0.1:{listener.getsockname()[1]}", repository="a")
    assert access.base_url(place).startswith("https://")
