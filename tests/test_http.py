"""Over real sockets on 127.0.0.1, against a server that misbehaves as it is told."""

import io
import pickle
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from scangate import __version__, http
from scangate.errors import CancelledError, ScanError

HANG = 30
"""Seconds after which a call that should have ended counts as hanging."""
QUICK = http.Limits(deadline=HANG, connect=5, read=5, tries=4, first_wait=0.01, longest_wait=2)

Answer = Callable[[socket.socket], None]


@dataclass
class Server:
    """Answers the first connection with the first answer, and so on; the last one is repeated."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def header(self, name: str, request: int = 0) -> str:
        for line in self.requests[request].split("\r\n")[1:]:
            key, _colon, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return ""


@contextmanager
def serving(*answers: Answer) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}/", list(answers))
        over = threading.Event()
        threads: list[threading.Thread] = []

        def answer(connection: socket.socket, number: int) -> None:
            with connection:
                connection.settimeout(HANG)
                try:
                    head = b""
                    while b"\r\n\r\n" not in head and (read := connection.recv(65536)):
                        head += read
                    server.requests.append(head.decode("latin-1"))
                    server.answers[min(number, len(server.answers) - 1)](connection)
                except OSError:
                    pass  # the client has gone, as it may

        def listen() -> None:
            number = 0
            while not over.is_set():
                try:
                    connection, _peer = listener.accept()
                except TimeoutError:
                    continue
                threads.append(threading.Thread(target=answer, args=(connection, number), daemon=True))
                threads[-1].start()
                number += 1

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        try:
            yield server
        finally:
            over.set()
            listening.join(HANG)
            for thread in threads:
                thread.join(HANG)


def plain(status: str = "200 OK", body: bytes = b"fine", **headers: str) -> Answer:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(text: bytes) -> Answer:
    return lambda connection: connection.sendall(text)


def reset_in_the_middle(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b".")
        time.sleep(0.05)


def dripping_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _byte in range(60):
        connection.sendall(b".")
        time.sleep(0.05)


def flooding(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCANGATE_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_document_arrives_with_status_headers_and_size() -> None:
    with serving(plain(body=b"hello", ETag='"1"')) as server:
        answer = http.get(server.url, limits=QUICK)
    assert (answer.status, answer.body, answer.size, answer.headers["etag"]) == (200, b"hello", 5, '"1"')
    assert answer.url == server.url


def test_every_request_says_who_asks_and_asks_for_no_compression() -> None:
    with serving(plain()) as server:
        http.get(server.url, headers={"X-Asked": "yes"}, limits=QUICK)
    assert server.header("user-agent") == f"scangate/{__version__}"
    assert server.header("accept-encoding") == "identity"
    assert server.header("x-asked") == "yes"


def test_cookies_are_not_kept() -> None:
    with serving(plain(Set_Cookie="a=1"), plain()) as server:
        http.get(server.url, limits=QUICK)
        http.get(server.url, limits=QUICK)
    assert server.header("cookie", 1) == ""


def test_a_chunked_body_is_put_together() -> None:
    with serving(
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    ) as server:
        assert http.get(server.url, limits=QUICK).body == b"abcde"


def test_a_download_goes_into_the_file_from_where_it_stands() -> None:
    into = io.BytesIO(b"kept")
    into.seek(4)
    with serving(plain(body=b"new")) as server:
        answer = http.download(server.url, into, max_bytes=100, limits=QUICK)
    assert into.getvalue() == b"keptnew"
    assert (answer.body, answer.size) == (b"", 3)


def broken(body: bytes, whole: int, **headers: str) -> Answer:
    """Send a part of a body, and reset the connection."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {whole}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def answer(connection: socket.socket) -> None:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        time.sleep(0.1)  # a reset takes back what has not been read yet
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


def test_a_broken_download_is_gone_on_with() -> None:
    into = io.BytesIO(b"kept")
    into.seek(4)
    rest = plain("206 Partial Content", b"the rest", Content_Range="bytes 5-12/13")
    with serving(broken(b"start", 13, ETag='"1"'), rest) as server:
        answer = http.download(server.url, into, max_bytes=13, limits=QUICK, resume=True)
    assert into.getvalue() == b"keptstartthe rest"
    assert answer.size == 13
    assert (server.header("range", 1), server.header("if-range", 1)) == ("bytes=5-", '"1"')


def test_a_weak_etag_proves_nothing() -> None:
    rest = plain("206 Partial Content", b"rest", Content_Range="bytes 5-8/9")
    with serving(broken(b"start", 9, ETag='W/"1"'), rest) as server:
        http.download(server.url, io.BytesIO(), max_bytes=9, limits=QUICK, resume=True)
    assert server.header("if-range", 1) == ""


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(plain(body=b"the whole"), id="sends all of it"),
        pytest.param(plain("416 Range Not Satisfiable"), id="cannot"),
        pytest.param(plain("206 Partial Content", b"other", Content_Range="bytes 3-8/9"), id="another part"),
        pytest.param(plain("206 Partial Content", b"other"), id="does not say which"),
    ],
)
def test_a_server_that_does_not_go_on_where_it_broke_sends_the_whole(second: Answer) -> None:
    into = io.BytesIO()
    with serving(broken(b"start", 9), second, plain(body=b"the whole")) as server:
        http.download(server.url, into, max_bytes=9, limits=QUICK, resume=True)
    assert into.getvalue() == b"the whole"


def test_a_part_that_nobody_asked_for_is_refused() -> None:
    with serving(plain("206 Partial Content", b"x", Content_Range="bytes 0-0/1")) as server:
        with pytest.raises(http.HttpError, match="another part"):
            http.get(server.url, limits=QUICK)
        assert len(server.requests) == QUICK.tries


def test_a_later_call_goes_on_where_an_earlier_one_gave_up() -> None:
    into = io.BytesIO()
    with serving(broken(b"start", 9)) as server, pytest.raises(http.HttpError):
        http.download(server.url, into, max_bytes=9, limits=http.Limits(tries=1), resume=True)
    into.seek(0)
    with serving(plain("206 Partial Content", b"rest", Content_Range="bytes 5-8/9")) as server:
        http.download(server.url, into, max_bytes=9, limits=QUICK, resume=True)
        assert server.header("range") == "bytes=5-"
    assert into.getvalue() == b"startrest"


def test_tries_that_make_headway_do_not_count() -> None:
    piece, count = bytes(2**20), 8
    whole = count * len(piece)
    parts = [broken(piece, whole, Accept_Ranges="bytes")]

    def part(number: int) -> Answer:
        head = f"HTTP/1.1 206 Partial Content\r\nContent-Length: {whole - number * len(piece)}\r\n"
        head += f"Content-Range: bytes {number * len(piece)}-{whole - 1}/{whole}\r\n\r\n"

        def answer(connection: socket.socket) -> None:
            connection.sendall(head.encode() + piece)
            time.sleep(0.1)

        return answer

    into = io.BytesIO()
    with serving(*parts, *(part(number) for number in range(1, count))) as server:
        http.download(server.url, into, max_bytes=whole, limits=QUICK, resume=True)
        assert len(server.requests) > QUICK.tries
    assert into.getvalue() == bytes(whole)


def test_a_post_sends_json_and_is_tried_again() -> None:
    with serving(plain("503 Busy"), plain(body=b'{"answer": 1}')) as server:
        assert http.post(server.url, b'{"asked": 1}', limits=QUICK).body == b'{"answer": 1}'
        assert server.requests[1].startswith("POST / ")
        assert server.header("content-type", 1) == "application/json"
        assert server.header("content-length", 1) == "12"


def test_a_post_has_another_type_if_it_says_so() -> None:
    with serving(plain()) as server:
        http.post(server.url, b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"}, limits=QUICK)
        assert server.header("content-type") == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other"])
def test_a_redirect_that_would_drop_what_is_posted_is_an_error(status: str) -> None:
    with serving(plain(status, Location="/there"), plain()) as server:
        with pytest.raises(http.HttpError, match="is not sent"):
            http.post(server.url, b"x", limits=QUICK)
        assert len(server.requests) == 1


def test_what_is_posted_does_not_follow_to_another_server() -> None:
    with serving(plain()) as other, serving(plain("307 Temporary", Location=other.url)) as first:
        with pytest.raises(http.HttpError, match="is not sent"):
            http.post(first.url, b"secret", limits=QUICK)
        assert not other.requests
    with serving(plain("308 Permanent", Location="/there"), plain(body=b"here")) as server:
        assert http.post(server.url, b"x", limits=QUICK).body == b"here"


def test_an_error_brings_what_the_server_said_of_it() -> None:
    refusal = plain("401 Unauthorized", b"x" * 9000, WWW_Authenticate='Bearer realm="y"')
    with serving(refusal) as server, pytest.raises(http.HttpError) as error:
        http.get(server.url, limits=QUICK)
    assert error.value.headers["www-authenticate"] == 'Bearer realm="y"'
    assert 0 < len(error.value.body) <= 4096
    assert "xxx" not in str(error.value)


def test_an_error_whose_body_never_comes_is_that_error() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\n")
        connection.recv(1)

    with serving(answer) as server, pytest.raises(http.HttpError) as error:
        http.get(server.url, limits=http.Limits(deadline=HANG, read=0.3))
    assert (error.value.status, error.value.body) == (404, b"")


def test_a_netrc_does_not_take_the_place_of_what_the_caller_shows(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(plain()) as server:
        http.get(server.url, headers={"authorization": "Bearer mine"}, limits=QUICK)
        assert server.header("authorization") == "Bearer mine"


def test_a_unix_socket_is_not_the_network(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANGATE_OFFLINE", "1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    path = str(tmp_path / "socket")
    heads = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def answer() -> None:
            connection, _peer = listener.accept()
            with connection:
                heads.append(connection.recv(65536))
                plain(body=b"local")(connection)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert http.get("http://engine/images/x", limits=QUICK, socket=path).body == b"local"
        thread.join(HANG)
    assert heads[0].startswith(b"GET /images/x HTTP/1.1\r\n")
    with pytest.raises(http.HttpError, match="did not answer"):
        http.get("http://engine/", limits=QUICK, socket=str(tmp_path / "none"))


def test_a_connection_reset_in_the_middle_is_tried_again_and_leaves_nothing_of_the_first_try() -> None:
    into = io.BytesIO()
    with serving(reset_in_the_middle, plain(body=b"whole")) as server:
        http.download(server.url, into, max_bytes=100_000, limits=QUICK)
    assert into.getvalue() == b"whole"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nshort", id="too short"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", id="chunk cut"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", id="chunk size is no number"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="not HTTP"),
    ],
)
def test_a_body_that_is_not_whole_is_an_error_after_all_tries(broken: bytes) -> None:
    with serving(raw(broken)) as server, pytest.raises(http.HttpError) as error:
        http.get(server.url, limits=QUICK)
    assert error.value.advice
    assert len(server.requests) == QUICK.tries


def test_two_503_and_then_200_is_a_success() -> None:
    with serving(plain("503 Busy"), plain("503 Busy"), plain(body=b"at last")) as server:
        assert http.get(server.url, limits=QUICK).body == b"at last"


def test_tries_are_bounded() -> None:
    with serving(plain("502 Bad Gateway")) as server, pytest.raises(http.HttpError) as error:
        http.get(server.url, limits=QUICK)
    assert (error.value.status, len(server.requests)) == (502, QUICK.tries)


@pytest.mark.parametrize("status", ["404 Not Found", "401 Unauthorized", "500 Oops", "400 No"])
def test_what_will_not_pass_is_not_tried_again(status: str) -> None:
    with serving(plain(status), plain()) as server, pytest.raises(http.HttpError) as error:
        http.get(server.url, limits=QUICK)
    assert (error.value.status, len(server.requests)) == (int(status[:3]), 1)


def test_retry_after_in_seconds_is_waited_for() -> None:
    with serving(plain("429 Slow down", Retry_After="1"), plain()) as server:
        before = time.monotonic()
        http.get(server.url, limits=QUICK)
        assert time.monotonic() - before >= 1


def test_retry_after_as_a_date_is_waited_for() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with serving(plain("503 Busy", Retry_After=moment), plain()) as server:
        before = time.monotonic()
        http.get(server.url, limits=QUICK)
        # A date has whole seconds, so up to one of the two may be gone already.
        assert time.monotonic() - before >= 0.5


@pytest.mark.parametrize(
    "after", ["3600", "99999999999999", format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True)]
)
def test_a_wish_for_more_patience_than_we_have_ends_at_once(after: str) -> None:
    with serving(plain("429 Slow down", Retry_After=after), plain()) as server:
        before = time.monotonic()
        with pytest.raises(http.HttpError, match="asks to wait"):
            http.get(server.url, limits=QUICK)
        assert time.monotonic() - before < HANG
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "after", ["soon", "-5", "", "Mon, 99 Foo 2024", "Mon, 01 Jan 2024 00:00:00 +9999999999999999", "1e9"]
)
def test_a_wish_that_cannot_be_read_is_as_none(after: str) -> None:
    with serving(plain("503 Busy", Retry_After=after), plain(body=b"ok")) as server:
        assert http.get(server.url, limits=QUICK).body == b"ok"


@pytest.mark.parametrize("slow", [dripping, dripping_head], ids=["body", "head"])
def test_a_server_that_never_ends_meets_the_deadline(slow: Answer) -> None:
    limits = http.Limits(deadline=0.5, read=5)
    with serving(slow) as server:
        before = time.monotonic()
        with pytest.raises(http.HttpError, match="did not answer completely within"):
            http.get(server.url, limits=limits)
        assert time.monotonic() - before < 3


def test_a_silent_server_meets_the_read_timeout() -> None:
    silent = threading.Event()
    with serving(lambda _connection: (silent.wait(HANG), None)[1]) as server:
        with pytest.raises(http.HttpError, match="did not answer"):
            http.get(server.url, limits=http.Limits(deadline=HANG, read=0.2, tries=1))
        silent.set()


def test_whoever_waits_can_stop_within_a_second() -> None:
    def check() -> None:
        if time.monotonic() > begun + 0.3:
            raise CancelledError("interrupted")

    with serving(dripping) as server:
        begun = time.monotonic()
        with pytest.raises(CancelledError):
            http.download(server.url, io.BytesIO(), max_bytes=10**9, limits=QUICK, check=check)
        assert time.monotonic() - begun < 1.5


def test_a_body_that_says_it_is_too_large_is_not_taken() -> None:
    into = io.BytesIO()
    with serving(plain(body=b"x" * 1000)) as server, pytest.raises(http.HttpError, match="larger than 999 bytes"):
        http.download(server.url, into, max_bytes=999, limits=QUICK)
    assert not into.getvalue()


def test_a_body_that_grows_too_large_is_cut_off() -> None:
    into = io.BytesIO()
    with serving(flooding) as server, pytest.raises(http.HttpError, match="larger than"):
        http.download(server.url, into, max_bytes=10**6, limits=QUICK)
    assert len(into.getvalue()) < 2 * 10**6


def test_a_compressed_body_that_nobody_asked_for_is_refused() -> None:
    with serving(plain(Content_Encoding="gzip")) as server, pytest.raises(http.HttpError, match="compressed"):
        http.get(server.url, limits=QUICK)


def test_a_redirect_is_followed_relative_to_where_it_stands() -> None:
    with serving(plain("302 Found", Location="/there"), plain(body=b"here")) as server:
        answer = http.get(server.url, limits=QUICK)
    assert answer.body == b"here"
    assert answer.url == f"{server.url}there"
    assert server.requests[1].startswith("GET /there ")


def test_a_redirect_loop_ends() -> None:
    with serving(plain("301 Moved", Location="/")) as server, pytest.raises(http.HttpError, match="redirects"):
        http.get(server.url, limits=QUICK)
    assert len(server.requests) == QUICK.redirects + 1


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/x", "data:,x"])
def test_a_redirect_to_anything_but_http_is_refused(place: str) -> None:
    with (
        serving(plain("302 Found", Location=place)) as server,
        pytest.raises(http.HttpError, match="only http and https"),
    ):
        http.get(server.url, limits=QUICK)
    assert len(server.requests) == 1


def test_a_redirect_without_a_place_is_an_error() -> None:
    with serving(plain("302 Found")) as server, pytest.raises(http.HttpError) as error:
        http.get(server.url, limits=QUICK)
    assert error.value.status == 302


def test_authorization_does_not_follow_to_another_server() -> None:
    with serving(plain()) as other, serving(plain("302 Found", Location=other.url)) as first:
        http.get(first.url, headers={"Authorization": "Bearer secret", "X-Kept": "1"}, limits=QUICK)
    assert first.header("authorization") == "Bearer secret"
    assert (other.header("authorization"), other.header("x-kept")) == ("", "1")


def test_not_modified_is_an_answer() -> None:
    with serving(plain("304 Not Modified", body=b"", ETag='"1"')) as server:
        answer = http.get(server.url, headers={"If-None-Match": '"1"'}, limits=QUICK)
    assert (answer.status, answer.body) == (304, b"")
    assert server.header("if-none-match") == '"1"'


def test_nothing_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(http.HttpError, match="did not answer") as error:
        http.get(f"http://127.0.0.1:{port}/", limits=QUICK)
    assert error.value.advice


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1", "file:///etc/passwd", "http://", "http://[::1", "http://a b/", "http://.example/", "ftp://x/"],
)
def test_what_is_no_http_address_is_not_asked(url: str) -> None:
    with pytest.raises(http.HttpError) as error:
        http.get(url, limits=QUICK)
    assert error.value.retry_after is None


@pytest.mark.parametrize(
    ("value", "offline"), [("1", True), ("true", True), ("yes", True), ("0", False), ("false", False), ("", False)]
)
def test_offline_by_environment_asks_nobody(monkeypatch: pytest.MonkeyPatch, value: str, offline: bool) -> None:
    monkeypatch.setenv("SCANGATE_OFFLINE", value)
    with serving(plain()) as server:
        if offline:
            with pytest.raises(http.HttpError, match="offline"):
                http.get(server.url, limits=QUICK)
        else:
            http.get(server.url, limits=QUICK)
    assert len(server.requests) == (not offline)


def test_an_untrusted_certificate_is_refused_and_not_tried_again(tmp_path) -> None:
    import ssl

    certificate, key = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hands = []

        def shake() -> None:
            connection, _peer = listener.accept()
            hands.append(connection)
            with connection, suppress(OSError, ssl.SSLError):
                context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=shake, daemon=True)
        thread.start()
        with pytest.raises(http.HttpError, match="certificate") as error:
            http.get(f"https://127.0.0.1:{listener.getsockname()[1]}/", limits=QUICK)
        thread.join(HANG)
    assert "REQUESTS_CA_BUNDLE" in error.value.advice
    assert error.value.retry_after is None
    assert len(hands) == 1


def test_https_never_leads_to_http(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    certificate, key = _self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    with serving(plain()) as insecure, socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _peer = listener.accept()
            with connection, context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(65536)
                plain("302 Found", Location=insecure.url)(secure)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(http.HttpError, match="from https to http"):
            http.get(f"https://127.0.0.1:{listener.getsockname()[1]}/", limits=QUICK)
        thread.join(HANG)
    assert not insecure.requests


def test_messages_hold_no_password_and_no_query() -> None:
    with serving(plain("404 Not Found")) as server, pytest.raises(http.HttpError) as error:
        http.get(server.url.replace("://", "://me:hunter2@") + "x?token=hunter3", limits=QUICK)
    assert "hunter" not in error.value.message
    assert "/x" in error.value.message


def test_an_error_survives_the_way_back_from_a_worker() -> None:
    error = http.HttpError("what", advice="do", status=429, retry_after=2.0, headers={"a": "b"}, body=b"c")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert isinstance(back, ScanError)
    assert (back.message, back.advice, back.status, back.retry_after) == ("what", "do", 429, 2.0)
    assert (back.headers, back.body) == ({"a": "b"}, b"c")


def _self_signed(folder):
    """A certificate for 127.0.0.1 that nobody vouches for."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"
