"""Zip archives: what Python's own writer makes, and what an attacker makes of it."""

import io
import shutil
import struct
import subprocess
import zipfile
import zlib

import pytest

from scangate.rootfs.zip import Budget, Zip
from scangate.rootfs.zip_directory import ZipError

FILES = {"a.txt": b"hello", "d/b.txt": b"x" * 300_000, "empty": b""}


def archive(files=FILES, method=zipfile.ZIP_DEFLATED, comment=b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
        made.comment = comment
    return buffer.getvalue()


def contents(data: bytes, limit=2**20, budget=None) -> dict[str, bytes]:
    opened = Zip(io.BytesIO(data), budget)
    return {entry.name: opened.read(entry, limit) for entry in opened.entries(lambda _name: True)}


def zip64(files=FILES) -> bytes:
    """All sizes and offsets in 64 bits, as no writer does for so little: made from an ordinary archive."""
    body, rows = b"", b""
    for name, data in files.items():
        offset = len(body)
        crc = zlib.crc32(data)
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", 45, 0, 0, 0, 0, crc, len(data), len(data), len(name), 0)
        body += name.encode() + data
        extra = struct.pack("<HH", 0x5455, 1) + b"x" + struct.pack("<HH3Q", 1, 24, len(data), len(data), offset)
        most = 0xFFFFFFFF
        rows += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 45, 45, 0, 0, 0, 0, crc, most, most, len(name), len(extra), 0, 0, 0, 0, most)  # fmt: skip  # noqa: E501
        rows += name.encode() + extra
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, len(files), len(files), len(rows), len(body))
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body) + len(rows), 1)
    short = struct.pack("<4s4H2LH", b"PK\x05\x06", 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return body + rows + end + locator + short


@pytest.mark.parametrize(
    "data",
    [
        archive(),
        archive(method=zipfile.ZIP_STORED),
        archive(comment=b"PK\x05\x06" * 100),
        b"#!/bin/sh\nexec java -jar $0\n" + archive(),
        archive() + b"\0" * 100,
        zip64(),
        b"#!/bin/sh\n" + zip64(),
    ],
    ids=["deflated", "stored", "comment", "prefix", "suffix", "zip64", "zip64 with prefix"],
)
def test_all_files_are_read(data):
    assert contents(data) == FILES
    if zipfile.is_zipfile(io.BytesIO(data)) and b"PK\x05\x06" * 2 not in data:  # it takes comments for end records
        with zipfile.ZipFile(io.BytesIO(data)) as oracle:
            assert {name: oracle.read(name) for name in oracle.namelist()} == FILES


def test_only_wanted_names_are_given_and_heads_cost_no_more():
    opened = Zip(io.BytesIO(archive()), Budget(unpacked=100))
    (entry,) = opened.entries(lambda name: name.endswith(b"b.txt"))
    assert (entry.name, entry.size) == ("d/b.txt", 300_000)
    assert opened.head(entry, 10) == b"x" * 10


def test_of_one_name_all_are_given():
    data = archive({"a": b"1", "b": b"2"}).replace(b"b", b"a")
    opened = Zip(io.BytesIO(data))
    assert [opened.read(each, 10) for each in opened.entries(lambda _name: True)] == [b"1", b"2"]


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100, archive()[:-1] + b"", archive()[:-22]])
def test_what_is_no_whole_archive_is_refused(data):
    with pytest.raises(ZipError, match=r"not a zip archive|damaged|not where it should be"):
        contents(data)


def altered(at_entry: int, form: str, value: int) -> bytes:
    """The archive with one field of its first central entry changed."""
    data = bytearray(archive({"a.txt": b"hello" * 100}))
    struct.pack_into(form, data, data.index(b"PK\x01\x02") + at_entry, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (altered(8, "<H", 1), "a.txt in it is encrypted"),
        (altered(10, "<H", 14), "a.txt in it is compressed by method 14, which is not read"),
        (altered(16, "<L", 7), "a.txt in it is damaged"),
        (altered(20, "<L", 3), "a.txt in it is damaged"),
        (altered(24, "<L", 5), "a.txt in it is damaged"),
        (altered(24, "<L", 2**31), "a.txt in it is damaged"),
        (altered(42, "<L", 2**31), "a.txt in it is damaged"),
        (altered(42, "<L", 1), "a.txt in it is damaged"),
        (altered(28, "<H", 60_000), "its central directory is damaged"),
        (altered(0, "<L", 7), "its central directory is damaged"),
    ],
)
def test_an_archive_that_lies_is_refused(data, reason):
    with pytest.raises(ZipError) as caught:
        contents(data)
    assert str(caught.value) == reason


def test_a_file_is_never_larger_than_the_limit():
    with pytest.raises(ZipError, match="larger than 1000 bytes"):
        contents(archive({"bomb": b"\0" * 5_000_000}), limit=1000)


def test_overlapping_entries_count_each_time():
    """https://www.bamsoftware.com/hacks/zipbomb/: many entries of the directory share one compressed file."""
    data = archive({"a": b"\0" * 1_000_000})
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    row = data[start:end]
    bomb = data[:start] + row * 500 + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 500, 500, len(row) * 500, start, 0)
    opened = Zip(io.BytesIO(bomb), Budget(unpacked=20_000_000))
    entries = list(opened.entries(lambda _name: True))
    assert len(entries) == 500
    with pytest.raises(ZipError, match="it unpacks to too much"):
        [opened.read(entry, 2**21) for entry in entries]


def test_too_many_entries_are_refused():
    with pytest.raises(ZipError, match="too many entries"):
        contents(archive(), budget=Budget(entries=2))


@pytest.mark.real
def test_an_archive_by_info_zip_is_read(tmp_path):
    if not shutil.which("zip"):
        pytest.skip("zip is not installed")
    (tmp_path / "a.txt").write_bytes(b"hello")
    subprocess.run(["zip", "-q", "x.zip", "a.txt"], cwd=tmp_path, check=True)
    assert contents((tmp_path / "x.zip").read_bytes()) == {"a.txt": b"hello"}
