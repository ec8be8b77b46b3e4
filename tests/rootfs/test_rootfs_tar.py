import io
import tarfile

import made_images as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scangate.errors import ScanError
from scangate.rootfs import tar as tar_room
from scangate.rootfs.limits import MAX_EXTENSION, MAX_PATH
from scangate.rootfs.stream import Stream
from scangate.rootfs.tar import Kind, members

NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=60)
PATHS = st.lists(NAMES, min_size=1, max_size=6).map("/".join)
KINDS = {tarfile.REGTYPE: Kind.FILE, tarfile.DIRTYPE: Kind.FOLDER, tarfile.SYMTYPE: Kind.LINK}


class Blocks:
    """A source that gives its bytes in pieces of one size."""

    def __init__(self, data: bytes, piece: int = 700) -> None:
        self.rest = [data[at : at + piece] for at in range(0, len(data), piece)]

    def block(self) -> bytes:
        return self.rest.pop(0) if self.rest else b""

    def skip(self, _size: int) -> int:
        return 0


def read(data: bytes, piece: int = 700) -> list[tuple[str, Kind, bytes, str]]:
    stream = Stream(Blocks(data, piece), what="the layer", check=lambda: None)
    return [(each.name, each.kind, stream.read(each.size), each.link) for each in members(stream)]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(PATHS, st.sampled_from([*KINDS]), st.binary(max_size=1500), PATHS), max_size=6),
    st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
    st.integers(min_value=1, max_value=2000),
)
def test_members_are_those_that_the_standard_library_reads(entries, form, piece):
    def make(name, kind, data, target):
        def add(archive):
            info = tarfile.TarInfo(name)
            info.type = kind
            info.size = len(data) if kind == tarfile.REGTYPE else 0
            info.linkname = target if kind == tarfile.SYMTYPE else ""
            archive.addfile(info, io.BytesIO(data))

        return add

    data = made.tar(*(make(*entry) for entry in entries), form=form)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        expected = [
            (each.name, KINDS[each.type], archive.extractfile(each).read() if each.isreg() else b"", each.linkname)
            for each in archive
        ]
    found = [
        (name.rstrip("/") if kind is Kind.FOLDER else name, kind, body, link)
        for name, kind, body, link in read(data, piece)
    ]
    assert found == expected


@pytest.mark.parametrize("name", ["a" * 90, f"{'d' * 80}/{'e' * 90}", f"{'d' * 120}/{'e' * 120}"])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_however_they_are_written(name, form):
    if form == tarfile.USTAR_FORMAT and len(name) > 200:
        name = name[:99]
    assert read(made.tar(made.file(name, b"x"), form=form)) == [(name, Kind.FILE, b"x", "")]


def test_data_that_nobody_reads_is_passed_over():
    data = made.tar(made.file("big", bytes(100_000)), made.file("small", b"end"))
    stream = Stream(Blocks(data), what="the layer", check=lambda: None)
    assert [each.name for each in members(stream)] == ["big", "small"]


def test_sizes_in_base_256_are_read():
    size = (0x80 << 88 | 3).to_bytes(12)
    assert read(made.header(b"x", size=size) + b"abc".ljust(512, b"\0") + bytes(1024)) == [("x", Kind.FILE, b"abc", "")]


def test_names_that_are_not_utf8_stay_different():
    data = made.header(b"\xff") + made.header(b"\xfe") + bytes(1024)
    names = [each[0] for each in read(data)]
    assert len(set(names)) == 2
    assert names[0].encode(errors="surrogateescape") == b"\xff"


def test_an_archive_may_end_without_a_mark_but_not_within_an_entry():
    data = made.header(b"x", size=b"00000001000\0") + bytes(512)
    assert read(data)[0][0] == "x"
    for cut in (100, 600, 1023):
        with pytest.raises(ScanError, match="cut off"):
            read(data[:cut])


def test_folders_of_tar_before_posix_end_in_a_slash():
    assert read(made.header(b"old/", kind=b"\0"))[0][1] is Kind.FOLDER


@pytest.mark.parametrize("kind", [b"3", b"4", b"6", b"Z"])
def test_devices_fifos_and_what_nobody_knows_are_special(kind):
    assert read(made.header(b"x", kind=kind))[0][1] is Kind.OTHER


def test_sparse_files_are_known_in_both_forms():
    old = bytearray(made.header(b"old", kind=b"S", size=b"00000000003\0"))
    old[482] = 1  # one more block with the map follows
    total = sum(old[:148]) + sum(old[156:]) + 8 * 32
    old[148:156] = f"{total:06o}\0 ".encode()
    data = bytes(old) + bytes(512) + b"abc".ljust(512, b"\0")
    data += made.tar(made.file("new", b"map", sparse=True))
    found = read(data)
    assert [(name, kind) for name, kind, _data, _link in found] == [("old", Kind.SPARSE), ("new", Kind.SPARSE)]
    assert found[0][2] == b"abc"


def test_the_size_of_a_pax_record_outranks_the_header():
    records = b"10 size=3\n"
    extension = made.header(b"pax", kind=b"x", size=f"{len(records):011o}\0".encode()) + records.ljust(512, b"\0")
    assert read(extension + made.header(b"x") + b"abc".ljust(512, b"\0"))[0][2] == b"abc"


def test_a_global_pax_header_renames_nothing():
    records = b"13 path=evil\n"
    extension = made.header(b"pax", kind=b"g", size=f"{len(records):011o}\0".encode()) + records.ljust(512, b"\0")
    assert read(extension + made.header(b"x"))[0][0] == "x"


def pax(records: bytes) -> bytes:
    size = f"{len(records):011o}\0".encode()
    return (
        made.header(b"pax", kind=b"x", size=size)
        + records.ljust(-(-len(records) // 512) * 512, b"\0")
        + made.header(b"x")
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\1" * 512, "broken header"),
        (made.header(b"x")[:-1] + b"\1", "broken header"),
        (made.header(b"x", size=b"-0000000001\0"), "impossible size"),
        (made.header(b"x", size=b"00000000009\0"), "impossible size"),
        (made.header(b"x", size=b"0000_000001\0"), "impossible size"),
        (made.header(b"x", size=b"\xff" * 12), "impossible size"),
        (made.header(b"x", size=b"\x80\x7f" + b"\xff" * 10), "impossible size"),
        (made.header(b"x", size=b"77777777777\0"), "cut off"),
        (made.header(b"x", kind=b"L", size=b"77777777777\0"), "extended header"),
        (made.header(b"x", kind=b"x", size=f"{MAX_EXTENSION + 1:011o}\0".encode()), "extended header"),
        (pax(b"no number"), "broken pax"),
        (pax(b"99 path=x\n"), "broken pax"),
        (pax(b"0 path=x\n"), "broken pax"),
        (pax(b"7 pathx\n"), "broken pax"),
        (pax(b"11 path=a\0b\n"), "broken pax"),
        (pax(b"11 size=-1\n"), "impossible size|broken pax"),
        (pax(b"31 size=99999999999999999999999\n"), "impossible size|broken pax"),
        (pax(f"{MAX_PATH + 15} path={'x' * (MAX_PATH + 4)}\n".encode()), "path of more"),
        (bytes(512) + made.header(b"hidden"), "goes on after its end"),
    ],
)
def test_a_broken_archive_is_a_scan_error(data, said):
    with pytest.raises(ScanError, match=said):
        read(data)


def test_a_million_members_are_too_many(monkeypatch):
    monkeypatch.setattr(tar_room, "MAX_MEMBERS", 100)
    with pytest.raises(ScanError, match="more than 100 entries"):
        read(made.header(b"x") * 102)
    with pytest.raises(ScanError, match="more than 100 entries"):
        read(made.header(b"x", kind=b"L") * 102)


def test_the_deadline_is_looked_at_while_members_are_read():
    def stop():
        raise ScanError("out of time")

    looked = []
    stream = Stream(Blocks(made.header(b"x") * 2000, 10**7), what="x", check=lambda: looked.append(1))
    list(members(stream))
    assert len(looked) > 5
    with pytest.raises(ScanError, match="out of time"):
        list(members(Stream(Blocks(b""), what="x", check=stop)))
