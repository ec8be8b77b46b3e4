"""Lists and databases of distributions' packages, and os-release."""

import lzma
import sqlite3
import struct
import sys
import tempfile
from datetime import date
from pathlib import Path

from harness import Target

from scangate.inventory import apk, dpkg, pacman
from scangate.inventory.end_of_life import end_of_life
from scangate.inventory.os_release import parse
from scangate.inventory.rpm import bdb, manifest, ndb, sqlite
from scangate.inventory.rpm.header import Header

INVENTORY = Path(__file__).resolve().parent.parent / "inventory"
sys.path[:0] = [str(INVENTORY), str(INVENTORY.parent / "rootfs")]

from made_distributions import Bytes, header  # noqa: E402 - beside the other tests
from made_distributions import ndb as made_ndb  # noqa: E402
from made_distributions import sqlite as made_sqlite  # noqa: E402

FOLDERS = {"/usr/bin/": {"a": "usr/bin/a", "b": "usr/bin/b"}, "/usr/lib/": {"c": "usr/lib/c"}}
HEADERS = [
    header("openssl-libs", "3.0.7", "27.el9", epoch=1, source="openssl-3.0.7-27.el9.src.rpm", module="m:1"),
    header("a", files=["/usr/bin/a", "/usr/bin/b", "/usr/lib/c", "/opt/d"]),
    header("large", licence="x" * 900),
]
STATUS = b"""Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl (3.0.11-1~deb12u2)
Version: 3.0.11-1~deb12u2
Description: text
 Version: 9

Package: gone
Status: deinstall ok config-files
Version: 1

"""
INSTALLED = (
    b"C:Q1x=\nP:libssl3\nV:3.1.4-r5\nA:x86_64\nL:Apache-2.0\no:openssl\nF:lib\nR:libssl.so\na:0:0:755\n\nP:b\nV:1\n\n"
)
DESC = b"%NAME%\nopenssl\n\n%VERSION%\n1:3.2.0-1\n\n%BASE%\nopenssl\n\n%ARCH%\nx86_64\n\n%LICENSE%\nMIT\nBSD\n\n"
RELEASES = (
    b'NAME="Red Hat"\nID="rhel"\nVERSION_ID="9.3"\nSUPPORT_END=2032-05-31\n',
    b'ID=debian\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian GNU/Linux"\n',
    b"ID=alpine\nVERSION_ID=3.21.0_alpha20240807\n",
    b'ID=ubuntu\nVERSION_ID="22.04"\n',
    b'ID="openEuler"\nVERSION="22.03 (LTS-SP3)"\nVERSION_ID="22.03"\n',
    b'NAME="CentOS Stream"\nID="centos"\nVERSION_ID="8"\n',
    b'ID="sles"\nVERSION_ID="15.5"\n',
)
LINES = (
    b"openssl\t3.3.0-2.azl3\t1\t1\tM\t(none)\t1\tx86_64\t0\topenssl-3.3.0-2.azl3.src.rpm\nb\t1\t1\t1\tM\t2\t1\tx\t2\n"
)


def database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return made_sqlite(Path(folder) / "db", HEADERS)


def log() -> bytes:
    """Return the write-ahead log of a database with pages of 512 bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        path.write_bytes(DATABASE)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO Packages(blob) VALUES (?)", (HEADERS[1],))
        connection.commit()
        try:
            return Path(f"{path}-wal").read_bytes()
        finally:
            connection.close()


DATABASE = database()
BERKELEY = lzma.decompress((INVENTORY / "recordings/rpm/Packages-512.xz").read_bytes())


def one(data: bytes) -> None:
    found = Header(data)
    list(found.owns(FOLDERS))
    found.entry()


def release(data: bytes) -> None:
    end_of_life(parse(data.decode(errors="replace")), date(2026, 11, 21))


def headers(found: object) -> None:
    """Read every header of a database, as the catalogue does."""
    for data in found:  # type: ignore[attr-defined]
        try:
            one(data)
        except ValueError:
            continue


TARGETS = (
    Target("dpkg", (STATUS,), lambda data: list(dpkg.entries(Bytes(data)))),
    Target("apk", (INSTALLED,), lambda data: list(apk.entries(Bytes(data)))),
    Target("pacman", (DESC,), lambda data: pacman.entry(Bytes(data))),
    Target("os-release", RELEASES, release),
    Target("rpm-header", HEADERS, one, (ValueError,)),
    Target("rpm-manifest", (LINES,), lambda data: list(manifest.entries(Bytes(data)))),
    Target("rpm-sqlite", (DATABASE,), lambda data: headers(sqlite.headers(Bytes(data))), (ValueError, struct.error)),
    Target(
        "rpm-wal",
        (log(),),
        lambda data: headers(sqlite.headers(Bytes(DATABASE), Bytes(data))),
        (ValueError, struct.error),
    ),
    Target("rpm-ndb", (made_ndb(HEADERS),), lambda data: headers(ndb.headers(Bytes(data))), (ValueError, struct.error)),
    Target("rpm-bdb", (BERKELEY,), lambda data: headers(bdb.headers(Bytes(data))), (ValueError, struct.error)),
)
