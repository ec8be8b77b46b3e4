# ruff: noqa: E501 - a row of a table is a line
"""HTTP answers, read as they come."""

import pytest

from scangate.scanners.web.message import parse


def test_an_answer_keeps_headers_that_come_twice():
    read = parse(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nhi")
    assert read is not None
    answer, complete = read
    assert (answer.status, answer.all("set-cookie"), answer.body, complete) == (200, ("a=1", "b=2"), b"hi", True)


def test_chunks_are_put_together_and_a_lie_about_their_size_is_cut_short():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert parse(head + b"2;x=y\r\nhi\r\n3\r\nyou\r\n0\r\n\r\n")[0].body == b"hiyou"  # type: ignore[index]
    answer, complete = parse(head + b"ffffffff\r\nhi")  # type: ignore[misc]
    assert (answer.body, complete, answer.cut) == (b"hi", False, True)


def test_interim_answers_are_skipped_and_a_head_has_no_body():
    read = parse(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 None\r\n\r\n")
    assert read is not None
    assert (read[0].status, read[1]) == (204, True)
    assert parse(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", head=True)[1] is True  # type: ignore[index]


@pytest.mark.parametrize("data", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000,
                                  b"HTTP/1.1 100 C\r\n\r\n" * 100])  # fmt: skip
def test_what_is_no_answer_is_none(data):
    assert parse(data) is None
