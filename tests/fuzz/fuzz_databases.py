"""What a database that is none may answer: every reader of its protocols, fed from memory instead of a socket."""

import base64
import struct
from typing import cast

from harness import Target

from scangate.errors import ScanError
from scangate.scanners.databases.conversation import MESSAGE, Conversation, NotSpokenError
from scangate.scanners.databases.credentials import Account
from scangate.scanners.databases.mongodb import bson
from scangate.scanners.databases.mongodb import protocol as mongodb
from scangate.scanners.databases.mysql import protocol as mysql
from scangate.scanners.databases.mysql.accounts import judge, listed
from scangate.scanners.databases.postgresql import protocol as postgresql
from scangate.scanners.databases.postgresql.hba import Line, hba
from scangate.scanners.databases.redis import protocol as redis
from scangate.scanners.databases.redis.users import users
from scangate.scanners.databases.scram import Scram
from scangate.scanners.network.connection import BrokenError

ACCOUNT = Account(user="scan", password="secret", source="SCANGATE_X_PASSWORD")


class Heard:
    """A conversation whose other side said all it will ever say."""

    may_tell = True
    in_tls = True

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def say(self, data: bytes) -> None:
        """Nobody listens."""

    def read(self, count: int) -> bytes:
        if not 0 <= count <= MESSAGE:
            raise NotSpokenError("too much")
        piece = self._data[self._at : self._at + count]
        self._at += count
        if len(piece) < count:
            raise BrokenError("it ended")
        return piece

    def line(self, most: int = 65_536) -> bytes:
        end = self._data.find(b"\n", self._at, self._at + most)
        if end < 0:
            raise BrokenError("it ended")
        piece, self._at = self._data[self._at : end], end + 1
        return piece.removesuffix(b"\r")


def heard(data: bytes) -> Conversation:
    return cast("Conversation", Heard(data))


def _postgresql(data: bytes) -> None:
    session = postgresql.Session(heard(data))
    session.login(ACCOUNT, "postgres")
    rows = session.query("SELECT 1")
    for hit in hba([Line.of(row) for row in rows], "db:5432/tcp"):
        assert len(hit.said) < 4_000


def _mysql(data: bytes) -> None:
    conversation = heard(data)
    _number, first = mysql._read(conversation)
    greeting = mysql._greeting(first)
    mysql._login(conversation, greeting, ACCOUNT, bytes(32), 1)
    for hit in judge(listed(mysql.Session(conversation, greeting.version)), "db:3306/tcp"):
        assert len(hit.said) < 4_000


def _redis(data: bytes) -> None:
    reply = redis.Session(heard(data)).ask("ACL", "LIST")
    redis.pairs(reply)
    if isinstance(reply, list):
        users(reply)


def _mongodb(data: bytes) -> None:
    session = mongodb.Session(heard(data))
    answer = session.command("getCmdLineOpts")
    bson.at(answer, "parsed", "net", "tls", "mode")
    session.login(ACCOUNT)


def _scram(data: bytes) -> None:
    scram = Scram("scan", "secret", "sha256")
    first = data.replace(b"NONCE", scram._nonce.encode())
    # The rounds themselves are the server's to ask for, up to a cap: they are not what is attacked here.
    if b"i=" in first and not any(part == b"i=1" for part in first.split(b",")):
        first = b"i=0," + first
    scram.final(first)
    scram.verify(data)


def _packets(*payloads: bytes) -> bytes:
    return b"".join(len(each).to_bytes(3, "little") + bytes((number,)) + each for number, each in enumerate(payloads))


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def _fields(*texts: bytes) -> bytes:
    return struct.pack(">H", len(texts)) + b"".join(struct.pack(">i", len(text)) + text for text in texts)


def _reply(document: bytes) -> bytes:
    return struct.pack("<iiii", len(document) + 21, 1, 1, 2013) + bytes(5) + document


READY = _message(b"Z", b"I")
LET_IN = _message(b"R", struct.pack(">I", 0)) + READY
ROWS = _message(b"D", _fields(b"1", b"host", b"all", b"all", b"10.0.0.0", b"255.0.0.0", b"trust")) + _message(
    b"D", _fields(b"2", b"hostssl", b"all", b"all", b"2001:db8::", b"ffff:ffff::", b"scram-sha-256")
)
GREETING = b"\x0a5.5.5-10.11.19-MariaDB\0" + bytes(4) + b"abcdefgh\0" + b"\xfe\xf7\x2d\x02\x00\xff\x81\x15" + bytes(10)
GREETING += b"ijklmnopqrst\0mysql_native_password\0"
TEXTS = b"\x03app\x01%\x15mysql_native_password\x010\x010\x01Y\x01N\x01Y\x01N\xfb\x01N"
END = b"\xfe\0\0\x02\0"
OPTIONS = bson.encode({"ok": True, "parsed": {"tls": "requireTLS", "port": 27017}})
CHALLENGE = b"r=NONCEmore,s=" + base64.b64encode(b"salt") + b",i=1"
NESTED = bson.encode({"code": 18, "errmsg": "no", "payload": CHALLENGE, "done": True, "conversationId": 1})

TARGETS = (
    Target(
        name="databases-postgresql",
        seeds=(
            LET_IN + ROWS + READY,
            _message(b"R", struct.pack(">I", 10) + b"SCRAM-SHA-256\0\0")
            + _message(b"R", struct.pack(">I", 5) + b"salt"),
            _message(b"E", b"SFATAL\0C28P01\0Mpassword authentication failed\0\0"),
            LET_IN + _message(b"E", b"SERROR\0C42501\0Mpermission denied\0\0") + READY,
        ),
        run=_postgresql,
        raises=(ScanError,),
    ),
    Target(
        name="databases-mysql",
        seeds=(
            _packets(GREETING, b"\0\0\0\2\0\0\0", b"\x0b", *[b"def"] * 11, END, TEXTS, TEXTS, END),
            _packets(GREETING, b"\xfeclient_ed25519\0" + bytes(32), b"\0\0\0\2\0\0\0", b"\x01", b"def", END, END),
            _packets(GREETING, b"\xfecaching_sha2_password\0" + bytes(21), b"\1\4", b"\0", b"\xff\x15\x04#28000denied"),
        ),
        run=_mysql,
        raises=(ScanError,),
    ),
    Target(
        name="databases-redis",
        seeds=(
            b"*2\r\n$23\r\nuser default on nopass \r\n$30\r\nuser app on #ab ~* &* -@all +ge\r\n",
            b"*4\r\n$4\r\nbind\r\n$0\r\n\r\n+port\r\n:6379\r\n",
            b"-NOPERM this user has no permissions\r\n",
            b"*1\r\n*1\r\n*1\r\n$-1\r\n",
        ),
        run=_redis,
        raises=(ScanError,),
    ),
    Target(
        name="databases-mongodb",
        seeds=(_reply(OPTIONS), _reply(OPTIONS) + _reply(NESTED), _reply(NESTED)),
        run=_mongodb,
        raises=(ScanError,),
    ),
    Target(name="databases-bson", seeds=(OPTIONS, NESTED), run=bson.decode, raises=(NotSpokenError,)),
    Target(name="databases-scram", seeds=(CHALLENGE, b"v=abcd", b"e=other"), run=_scram, raises=(ScanError,)),
)
