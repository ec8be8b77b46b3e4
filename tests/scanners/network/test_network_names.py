"""Names become addresses, or a reason why not, in bounded time. No test asks a real resolver."""

import socket
import threading
import time

import pytest

from scangate.errors import ScanError
from scangate.scanners.network.names import resolve


def _answers(monkeypatch, *addresses):
    def found(*_args, **_kwargs):
        return [(0, 0, 0, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_all_addresses_come_in_one_order(monkeypatch):
    _answers(monkeypatch, "2001:db8::2", "192.0.2.9", "192.0.2.1", "192.0.2.9", "::ffff:192.0.2.3")
    found = resolve("edge.example.com", time.monotonic() + 60)
    assert [str(address) for address in found] == ["192.0.2.1", "192.0.2.3", "192.0.2.9", "2001:db8::2"]


def test_a_name_that_does_not_resolve_says_so(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ScanError, match="does not resolve"):
        resolve("does-not-exist.invalid", time.monotonic() + 60)


def test_answers_that_are_no_hosts_are_said(monkeypatch):
    _answers(monkeypatch, "0.0.0.0", "fe80::1%2")
    with pytest.raises(ScanError, match=r"no address that can be scanned \(0\.0\.0\.0"):
        resolve("blocked.example.com", time.monotonic() + 60)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch):
    release = threading.Event()

    def hang(*_args, **_kwargs):
        release.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(ScanError, match="not resolved in time"):
        resolve("slow.example.com", time.monotonic() + 0.1)
    release.set()


def test_a_name_that_is_answered_differently_each_time_has_one_answer(monkeypatch):
    asked = []

    def rebind(name, *_args, **_kwargs):
        asked.append(name)
        return [(0, 0, 0, "", (f"192.0.2.{len(asked)}", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    found = [resolve(name, time.monotonic() + 60) for name in ("edge.example.com", "Edge.Example.com.") * 3]
    assert {tuple(map(str, each)) for each in found} == {("192.0.2.1",)}
    assert asked == ["edge.example.com"]


def test_a_name_that_does_not_resolve_does_not_later_on_either(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for _again in range(2):
        with pytest.raises(ScanError, match="does not resolve"):
            resolve("late.example.com", time.monotonic() + 60)
        _answers(monkeypatch, "192.0.2.1")


def test_an_answer_that_came_too_late_is_what_the_next_one_gets(monkeypatch):
    release = threading.Event()

    def slow(*_args, **_kwargs):
        release.wait(30)
        return [(0, 0, 0, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(ScanError, match="not resolved in time"):
        resolve("slow.example.com", time.monotonic() + 0.05)
    _answers(monkeypatch, "192.0.2.66")
    release.set()
    assert [str(address) for address in resolve("slow.example.com", time.monotonic() + 60)] == ["192.0.2.1"]


def test_a_name_that_no_resolver_takes_is_said(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ScanError, match="does not resolve"):
        resolve("long.example.com", time.monotonic() + 60)
