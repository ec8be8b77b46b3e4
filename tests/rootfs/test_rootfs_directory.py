import contextlib
import os
import socket

import made_images as made
import pytest

from scangate.core.model import Gap
from scangate.errors import ScanError
from scangate.rootfs import Config, Layer, directory, open_rootfs

EVERYTHING = made.wanting(lambda _path: True)


@pytest.fixture
def top(tmp_path):
    path = tmp_path / "top"
    path.mkdir()
    return path


def read(top):
    with open_rootfs(f"rootfs:{top}", top) as rootfs:
        files = rootfs.files(EVERYTHING)
        return {each.path: each.read() for each in files}, files


def test_a_directory_is_one_layer_without_a_digest(top):
    (top / "etc").mkdir()
    (top / "etc" / "os-release").write_text("ID=debian")
    (top / "etc" / ".wh.kept").write_text("no whiteout here")
    found, _files = read(top)
    assert found == {"etc/.wh.kept": b"no whiteout here", "etc/os-release": b"ID=debian"}
    with open_rootfs("rootfs:top", top.parent) as rootfs:
        assert rootfs.layers == (Layer(index=0, digest=""),)
        assert rootfs.config == Config()


def test_links_are_followed_inside_the_directory_only(top):
    (top.parent / "secret").write_text("outside")
    (top / "usr").mkdir()
    (top / "usr" / "x").write_text("inside")
    (top / "lib").symlink_to("usr")
    (top / "absolute").symlink_to("/usr/x")
    (top / "out").symlink_to("../secret")
    (top / "folder-out").symlink_to(top.parent)
    (top / "loop").symlink_to("loop")
    found, files = read(top)
    assert found == {"usr/x": b"inside"}
    assert files.get("lib/x").read() == files.get("absolute").read() == b"inside"
    assert files.get("out") is None
    assert files.get("folder-out/secret") is None


def test_the_directory_itself_may_be_a_link(top):
    (top / "x").write_text("1")
    (top.parent / "current").symlink_to(top)
    assert read(top.parent / "current")[0] == {"x": b"1"}


def test_special_files_are_not_opened(top):
    os.mkfifo(top / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(top / "socket"))
        found, files = read(top)
    assert found == {}
    assert files.exists("fifo")
    assert not files.gaps


def test_hard_links_are_files_and_names_need_not_be_utf8(top):
    (top / "a").write_text("1")
    os.link(top / "a", os.fsencode(top) + b"/\xff")
    assert read(top)[0] == {"a": b"1", "\udcff": b"1"}


def test_what_may_not_be_read_is_a_gap(top, monkeypatch):
    for name in ("closed", "listless", "open"):
        (top / name).mkdir()
        (top / name / "x").write_text("1")
    (top / "refused").write_text("1")
    real_open, real_scandir = os.open, os.scandir
    listless = (top / "listless").stat().st_ino

    def refuse(path, *args, **kwargs):
        if path in {"closed", "refused"}:
            raise PermissionError(13, "Permission denied")
        return real_open(path, *args, **kwargs)

    def scandir(folder):
        if os.fstat(folder).st_ino == listless:
            raise PermissionError(13, "Permission denied")
        return real_scandir(folder)

    monkeypatch.setattr(directory.os, "open", refuse)
    monkeypatch.setattr(directory.os, "scandir", scandir)
    found, files = read(top)
    assert found == {"open/x": b"1"}
    assert files.gaps == (
        Gap(what="closed", reason="the folder cannot be read: Permission denied"),
        Gap(what="listless", reason="the folder cannot be read: Permission denied"),
        Gap(what="refused", reason="it cannot be opened: Permission denied"),
    )


def test_a_file_that_becomes_a_link_while_it_is_read_is_not_followed(top, monkeypatch):
    (top.parent / "secret").write_text("outside")
    (top / "x").write_text("1")
    real = os.scandir

    def scandir(folder):
        entries = list(real(folder))
        (top / "x").unlink()
        (top / "x").symlink_to("../secret")
        return contextlib.nullcontext(entries)

    monkeypatch.setattr(directory.os, "scandir", scandir)
    found, files = read(top)
    assert found == {}
    assert [gap.what for gap in files.gaps] == ["x"]


def test_mounts_of_the_kernel_are_left_out_and_plain_folders_of_their_name_are_not(top, monkeypatch):
    for name in ("proc", "srv/proc"):
        (top / name).mkdir(parents=True)
        (top / name / "x").write_text("1")
    assert set(read(top)[0]) == {"proc/x", "srv/proc/x"}
    mount = (top / "proc").stat().st_ino
    real = os.fstat

    def fstat(descriptor):
        facts = real(descriptor)
        return os.stat_result([*facts[:2], facts[2] + 1, *facts[3:]]) if facts.st_ino == mount else facts

    monkeypatch.setattr(directory.os, "fstat", fstat)
    assert set(read(top)[0]) == {"srv/proc/x"}


def test_a_file_is_no_directory(top):
    (top / "x").write_text("1")
    with pytest.raises(ScanError, match="no such folder"):
        read(top / "x")


def test_folders_that_are_too_deep_are_a_scan_error(top):
    folder = os.open(top, os.O_RDONLY)
    for _level in range(260):
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    with pytest.raises(ScanError, match="deep"):
        read(top)
