# ruff: noqa: E501 - a row of a table is a line
"""What is found on servers that were made for it (constructed), and what is not."""

import time

import pytest
from web_servers import ADDRESS, PAGE, answer, look, web

from scangate.core.intake import admit
from scangate.core.model import Severity

SAFE = ("Content-Security-Policy: default-src 'self'; frame-ancestors 'none'", "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer")  # fmt: skip


def test_a_server_that_says_200_to_everything_exposes_nothing():
    with web(lambda method, path, _head: answer(200 if method != "TRACE" else 405, PAGE + path, *SAFE)) as (
        port,
        _asked,
    ):
        seen = look(port)
    assert sorted(seen.findings) == ["http-no-https-redirect"]


def test_files_are_proved_by_what_they_hold_and_never_shown():
    files = {"/.env": "DB_PASSWORD=hunter2-of-the-test\n", "/.git/HEAD": "ref: refs/heads/main\n", "/id_rsa": "<html>no</html>",
             "/server.key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n"}  # fmt: skip
    with web(lambda _m, path, _h: answer(200, files[path], kind="text/plain") if path in files else answer()) as (
        port,
        _asked,
    ):
        seen = look(port)
    assert {"http-exposed-env", "http-exposed-git", "http-exposed-key"} <= set(seen.findings)
    assert "/id_rsa" not in seen.findings["http-exposed-key"].message
    assert "hunter2" not in str(seen.all)
    assert "MIIE" not in str(seen.all)


def test_a_file_that_only_answers_to_its_name_is_not_found():
    with web(
        lambda _m, path, _h: (
            answer(200, "ref: refs/heads/main\n")
            if path.endswith("HEAD") or ".git/." in path or "/.git/" in path
            else answer()
        )
    ) as (port, _asked):
        assert "http-exposed-git" not in look(port).findings


def test_only_safe_methods_are_sent_and_only_to_the_server_itself():
    page = (
        PAGE
        + '<a href="http://192.0.2.1/x">x</a><a href="//192.0.2.1/">y</a><a href="/a?b=c d">z</a><a href="/logout">o</a>'
    )
    with web(lambda _m, _p, _h: answer(200, page)) as (port, asked):
        look(port)
    assert {line.split(" ")[0] for line in asked} <= {"GET", "HEAD", "OPTIONS", "TRACE"}
    assert any(line.startswith("GET /a?b=c%20d ") for line in asked)
    assert not any("192.0.2.1" in line or "logout" in line for line in asked)
    assert len(asked) <= 300


def test_the_crawl_is_bounded_and_keeps_to_robots_txt():
    def told(_method: str, path: str, _head: str) -> bytes:
        if path == "/robots.txt":
            return answer(200, "User-agent: *\nDisallow: /private\n", kind="text/plain")
        return answer(
            200, PAGE + "".join(f'<a href="{path}{n}/">n</a>' for n in range(40)) + '<a href="/private/x">p</a>'
        )

    with web(told) as (port, asked):
        seen = look(port, pages=10, files=False)
    assert not any("/private" in line for line in asked)
    assert len(asked) < 60
    assert any("robots.txt asks to leave out" in note for note in seen.notes)


def test_the_cap_on_requests_is_a_gap():
    with web(lambda _m, _p, _h: answer(200, PAGE)) as (port, asked):
        seen = look(port, requests=12)
    assert len(asked) == 12
    assert seen.gaps == ["the 12 requests that one server may be sent were used up"]


@pytest.mark.parametrize(("origin", "found"), [("*", False), ("{}", True), ("https://app.example", False)])
def test_cors_is_found_where_a_strangers_origin_comes_back(origin, found):
    def told(_method: str, _path: str, head: str) -> bytes:
        asked = next((line[8:] for line in head.split("\r\n") if line.startswith("Origin: ")), "")
        return answer(
            200, PAGE, f"Access-Control-Allow-Origin: {origin.format(asked)}", "Access-Control-Allow-Credentials: true"
        )

    with web(told) as (port, _asked):
        assert ("http-cors-credentials" in look(port, files=False).findings) is found


def test_a_login_and_a_redirect_elsewhere_without_tls_are_found():
    form = '<form action="/in"><input type="password"></form>'
    with web(lambda _m, path, _h: answer(200, PAGE + form) if path == "/" else answer()) as (port, _asked):
        assert look(port, files=False).findings["net-cleartext-http-login"].severity is Severity.HIGH
    with web(lambda _m, _p, _h: answer(302, "", "Location: http://other.example/")) as (port, _asked):
        assert "http://other.example" in look(port, files=False).findings["http-no-https-redirect"].message
    with web(lambda _m, _p, _h: answer(301, "", f"Location: https://{ADDRESS}/")) as (port, _asked):
        assert not look(port, files=False).findings


@pytest.mark.parametrize(
    "junk", [b"A" * 10_000_000, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, b"\0\xff" * 50_000]
)
def test_what_speaks_no_http_is_a_gap_when_nmap_calls_it_http(junk):
    with web(lambda _m, _p, _h: junk) as (port, _asked):
        began = time.monotonic()
        seen = look(port)
        assert (seen.all, seen.gaps) == ([], ["did not answer an HTTP request"])
        assert look(port, name="unknown").gaps == []
    assert time.monotonic() - began < 30


def test_hostile_headers_and_titles_come_out_harmless():
    evil = "\x1b[31m::error::<script>|x|`\u202e"

    def told(_method: str, path: str, _head: str) -> bytes:
        return answer(
            200,
            f"<title>Index of /{evil}</title><a href='{evil}'>x</a>",
            f"Server: {evil}/1.2",
            f"Set-Cookie: {evil}=1",
        )

    with web(told) as (port, _asked):
        seen = look(port, files=False)
    assert {"http-directory-listing", "http-version-banner"} <= set(seen.findings)
    text = str([admit(each) for each in seen.all])
    assert "\x1b" not in text
    assert "\u202e" not in text
