"""MongoDB (constructed: Debian has none): its wire protocol over a real socket, and the few commands a scan asks.

The answers have the fields that MongoDB's documentation gives them. Both OP_MSG and, for nmap, the old OP_QUERY.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from rig.site import PASSWORD, Site
from rig.stand_in import Talk, stand_in

PROGRAMS: tuple[str, ...] = ()
USER = "scangate"
_QUERY, _REPLY, _MSG = 2004, 1, 2013
_OPEN = frozenset({"hello", "isMaster", "ismaster", "ping", "buildInfo", "saslStart", "saslContinue"})
_ROUNDS = 15_000

_WEAK: Mapping[str, Any] = {
    "buildInfo": {"version": "4.4.29", "storageEngines": ["wiredTiger"], "modules": []},
    "serverStatus": {"host": "rig", "version": "4.4.29", "process": "mongod", "pid": 1, "uptime": 5.0},
    "getCmdLineOpts": {"argv": ["mongod"], "parsed": {"net": {"bindIp": "0.0.0.0", "port": 27017}}},
    "listDatabases": {"databases": [{"name": "admin", "sizeOnDisk": 40960.0}, {"name": "shop", "sizeOnDisk": 81920.0}],
                      "totalSize": 122880.0},
    "usersInfo": {"users": [{"user": "deploy", "db": "admin", "roles": [{"role": "root", "db": "admin"}],
                             "mechanisms": ["SCRAM-SHA-1"]}]},
}  # fmt: skip
_HARDENED: Mapping[str, Any] = {
    "buildInfo": {"version": "8.0.4", "storageEngines": ["wiredTiger"], "modules": ["enterprise"]},
    "getCmdLineOpts": {"argv": ["mongod"], "parsed": {
        "net": {"bindIp": "10.0.0.5", "port": 27017, "tls": {"mode": "requireTLS", "certificateKeyFile": "/etc/m.pem"}},
        "security": {"authorization": "enabled", "enableEncryption": True, "javascriptEnabled": False},
        "auditLog": {"destination": "syslog"},
    }},
    "listDatabases": {"databases": [{"name": "admin", "sizeOnDisk": 40960.0}], "totalSize": 40960.0},
    "usersInfo": {"users": [
        {"user": "scangate", "db": "admin", "roles": [{"role": "clusterMonitor", "db": "admin"}],
         "mechanisms": ["SCRAM-SHA-256"]},
        {"user": "app", "db": "shop", "roles": [{"role": "readWrite", "db": "shop"}], "mechanisms": ["SCRAM-SHA-256"]},
    ]},
}  # fmt: skip


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer anyone."""
    with stand_in(site.address, 27017, talk(_WEAK, asks_login=False)):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Speak TLS, and ask for a login."""
    pair = site.authority.issue(site.room("mongodb"), site.address)
    with stand_in(site.address, 27017, talk(_HARDENED, asks_login=True), pair):
        yield


def talk(answers: Mapping[str, Any], *, asks_login: bool) -> Talk:
    """Answer commands from `answers`; when a login is asked, only the account `scangate` has one."""

    def conversation(heard: BinaryIO, said: BinaryIO) -> None:
        login = _Login()
        while len(head := heard.read(16)) == 16:
            length, number, _to, code = struct.unpack("<iiii", head)
            body = heard.read(length - 16)
            if code == _MSG:
                answer = _answer(_decode(body[5:])[0], answers, login, asks_login=asks_login)
                _send(said, number, _MSG, struct.pack("<iB", 0, 0) + encode(answer))
            elif code == _QUERY:
                end = body.index(b"\0", 4)
                asked = _decode(body[end + 9 :])[0]
                answer = _answer(asked.get("$query", asked), answers, login, asks_login=asks_login)
                _send(said, number, _REPLY, struct.pack("<iqii", 8, 0, 0, 1) + encode(answer))
            else:
                return

    return conversation


def _answer(
    asked: Mapping[str, Any], answers: Mapping[str, Any], login: "_Login", *, asks_login: bool
) -> dict[str, Any]:
    command = next(iter(asked), "")
    if command in ("hello", "isMaster", "ismaster"):
        return {"isWritablePrimary": True, "maxWireVersion": 25, "minWireVersion": 0, "ok": 1.0}
    if command.startswith("sasl"):
        return login.step(command, asked)
    if asks_login and not login.done and command not in _OPEN:
        said = f"Command {command} requires authentication"
        return {"ok": 0.0, "errmsg": said, "code": 13, "codeName": "Unauthorized"}
    spelt = {each.lower(): each for each in answers}.get(command.lower())
    if spelt is None:
        return {"ok": 0.0, "errmsg": f"no such command: '{command}'", "code": 59, "codeName": "CommandNotFound"}
    return dict(answers[spelt]) | {"ok": 1.0}


class _Login:
    """The server's half of SCRAM-SHA-256 (RFC 7677)."""

    def __init__(self) -> None:
        self.done = False
        self._salt = secrets.token_bytes(16)
        self._said = ""
        self._nonce = ""

    def step(self, command: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        text = bytes(asked["payload"]).decode()
        if command == "saslStart":
            bare = text.removeprefix("n,,")
            fields = dict(part.split("=", 1) for part in bare.split(","))
            if asked.get("mechanism") != "SCRAM-SHA-256" or fields["n"] != USER:
                return self._refused()
            self._nonce = fields["r"] + secrets.token_hex(8)
            first = f"r={self._nonce},s={base64.b64encode(self._salt).decode()},i={_ROUNDS}"
            self._said = f"{bare},{first}"
            return {"conversationId": 1, "done": False, "payload": first.encode(), "ok": 1.0}
        without, _, proof = text.rpartition(",p=")
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), self._salt, _ROUNDS)
        key = hmac.digest(salted, b"Client Key", "sha256")
        message = f"{self._said},{without}".encode()
        signature = hmac.digest(hashlib.sha256(key).digest(), message, "sha256")
        wanted = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        if without != f"c=biws,r={self._nonce}" or not hmac.compare_digest(wanted, base64.b64decode(proof)):
            return self._refused()
        self.done = True
        own = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        last = f"v={base64.b64encode(own).decode()}"
        return {"conversationId": 1, "done": True, "payload": last.encode(), "ok": 1.0}

    @staticmethod
    def _refused() -> dict[str, Any]:
        return {"ok": 0.0, "errmsg": "Authentication failed.", "code": 18, "codeName": "AuthenticationFailed"}


def _send(said: BinaryIO, to: int, code: int, body: bytes) -> None:
    said.write(struct.pack("<iiii", len(body) + 16, 1, to, code) + body)


def encode(document: Mapping[str, Any]) -> bytes:
    """Write a BSON document."""
    body = b"".join(_element(name, value) for name, value in document.items()) + b"\0"
    return struct.pack("<i", len(body) + 4) + body


def _element(name: str, value: Any) -> bytes:  # noqa: PLR0911 - one for each type
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes((value,))
    if isinstance(value, float):
        return b"\x01" + key + struct.pack("<d", value)
    if isinstance(value, int):
        return b"\x10" + key + struct.pack("<i", value)
    if isinstance(value, bytes):
        return b"\x05" + key + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, Mapping):
        return b"\x03" + key + encode(value)
    if isinstance(value, list):
        return b"\x04" + key + encode({str(index): each for index, each in enumerate(value)})
    text = str(value).encode() + b"\0"
    return b"\x02" + key + struct.pack("<i", len(text)) + text


def _decode(data: bytes) -> tuple[dict[str, Any], int]:
    """Read one BSON document, as far as clients send them; and how long it was."""
    (length,) = struct.unpack_from("<i", data)
    at, found = 4, {}
    while data[at]:
        kind = data[at]
        end = data.index(b"\0", at + 1)
        name, at = data[at + 1 : end].decode(), end + 1
        if kind in (3, 4):
            found[name], size = _decode(data[at:])
        elif kind == 2:
            size = 4 + struct.unpack_from("<i", data, at)[0]
            found[name] = data[at + 4 : at + size - 1].decode()
        elif kind == 5:
            size = 5 + struct.unpack_from("<i", data, at)[0]
            found[name] = data[at + 5 : at + size]
        else:
            form = {1: "<d", 8: "<B", 16: "<i", 18: "<q", 17: "<q", 9: "<q"}[kind]
            size = struct.calcsize(form)
            (found[name],) = struct.unpack_from(form, data, at)
        at += size
    return found, length
