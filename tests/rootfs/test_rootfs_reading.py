"""Extractors see every file once; what they keep goes through layers and the cache as contents do."""

import json

import made_images as made
import pytest

from scangate.core.model import Gap
from scangate.errors import CancelledError
from scangate.rootfs import cache as caching
from scangate.rootfs import looking, open_rootfs
from scangate.rootfs.reading import Reading


class Sizes:
    """Keeps the first bytes and the length of everything called *.bin, and refuses what begins with `bad`."""

    name = "sizes"
    version = 1

    def __init__(self):
        self.seen = []

    def looks_at(self, path, size, mode):
        return path.endswith(".bin")

    def extract(self, path, file):
        self.seen.append(path)
        if file.head.startswith(b"bad"):
            raise ValueError("it begins badly")
        if file.head.startswith(b"dull"):
            return b""
        whole = file.read()
        with file.open() as again:
            assert again.read() == whole
        assert len(whole) == file.size
        return json.dumps([whole[:4].decode(), file.size, file.find(b"end")]).encode()


def image(tmp_path, *layers):
    return made.oci_layout(tmp_path / "image", *(made.tar(*each) for each in layers))


def extracts(address, tmp_path, extractor, *, cache=None, wanted=lambda _path: False):
    with open_rootfs(address, tmp_path, cache=cache) as rootfs:
        files = rootfs.files(Reading(name="test", version=1, wanted=wanted, extractors=(extractor,)))
        kept = {(each.path, each.layer): json.loads(each.data) for each in files.extracts("sizes")}
        hidden = {(each.path, each.layer): json.loads(each.data) for each in files.hidden_extracts("sizes")}
        return kept, hidden, files.gaps


def test_an_extractor_keeps_little_of_each_file(tmp_path):
    address = image(tmp_path, (made.file("a.bin", "abcdef-end"), made.file("b.bin", "dull"), made.file("c", "other")))
    assert extracts(address, tmp_path, Sizes())[0] == {("a.bin", 0): ["abcd", 10, 7]}


def test_a_large_file_passes_through_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(looking, "LOOKED_AT_IN_MEMORY", 5_000)
    body = "abcd" + "x" * 300_000 + "end"
    address = image(tmp_path, (made.file("a.bin", body), made.file("after.bin", "zzzz")))
    found = extracts(address, tmp_path, Sizes())[0]
    assert found == {("a.bin", 0): ["abcd", len(body), len(body) - 3], ("after.bin", 0): ["zzzz", 4, -1]}
    with open_rootfs(address, tmp_path) as rootfs:
        files = rootfs.files(Reading(name="t", version=1, wanted=lambda _path: True, extractors=(Sizes(),)))
        assert files.get("a.bin").read() == body.encode()


def test_a_file_can_be_kept_and_looked_into(tmp_path):
    address = image(tmp_path, (made.file("a.bin", "x" * 9_000), made.file("b.bin", "dull")))
    with open_rootfs(address, tmp_path) as rootfs:
        files = rootfs.files(Reading(name="t", version=1, wanted=lambda _path: True, extractors=(Sizes(),)))
        assert files.get("a.bin").read() == b"x" * 9_000
        assert files.get("b.bin").read() == b"dull"
        assert [each.path for each in files.extracts("sizes")] == ["a.bin"]


def test_layers_above_replace_and_remove_extracts_which_stay_in_the_image(tmp_path):
    address = image(
        tmp_path,
        (
            made.file("a.bin", "one-"),
            made.file("b.bin", "two-"),
            made.file("c.bin", "same"),
            made.file("d.bin", "four"),
        ),
        (made.file("a.bin", "new-"), made.file(".wh.b.bin"), made.file("c.bin", "same")),
    )
    kept, hidden, gaps = extracts(address, tmp_path, Sizes())
    assert kept == {("a.bin", 1): ["new-", 4, -1], ("c.bin", 0): ["same", 4, -1], ("d.bin", 0): ["four", 4, -1]}
    assert hidden == {("a.bin", 0): ["one-", 4, -1], ("b.bin", 0): ["two-", 4, -1]}
    assert not gaps


def test_what_cannot_be_understood_is_a_gap_until_a_layer_takes_it_away(tmp_path):
    bad = made.file("a.bin", "bad")
    gap = Gap(what="a.bin", reason="it begins badly")
    assert extracts(image(tmp_path / "1", (bad,)), tmp_path, Sizes())[2] == (gap,)
    assert extracts(image(tmp_path / "2", (bad,), (made.file(".wh.a.bin"),)), tmp_path, Sizes())[2] == ()
    wanted = extracts(image(tmp_path / "3", (bad,)), tmp_path, Sizes(), wanted=lambda _path: True)
    assert wanted[2] == (gap,)


def test_too_much_is_a_gap(tmp_path, monkeypatch):
    monkeypatch.setattr(looking, "MAX_EXTRACTS", 40)
    address = image(tmp_path, tuple(made.file(f"{number}.bin", "abcd") for number in range(4)))
    kept, _hidden, gaps = extracts(address, tmp_path, Sizes())
    assert len(kept) == 2
    assert [gap.what for gap in gaps] == ["2.bin", "3.bin"]


def test_a_hard_link_by_another_name_is_a_gap_and_by_the_same_ending_is_not(tmp_path):
    address = image(
        tmp_path,
        (made.file("a.bin", "abcd"), made.hard_link("b.bin", "a.bin")),
        (made.file("x", "abcd"), made.hard_link("y.bin", "x")),
    )
    kept, _hidden, gaps = extracts(address, tmp_path, Sizes())
    assert {path for path, _layer in kept} == {"a.bin", "b.bin"}
    assert [gap.what for gap in gaps] == ["y.bin"]


def test_a_layer_that_was_read_is_not_read_again(tmp_path):
    layers = (made.file("a.bin", "abcd"), made.file("b.bin", "bad"), made.hard_link("c.bin", "a.bin"))
    address = image(tmp_path, layers, (made.file(".wh.b.bin"),))
    first, second = Sizes(), Sizes()
    assert extracts(address, tmp_path, first, cache=tmp_path / "cache") == extracts(
        address, tmp_path, second, cache=tmp_path / "cache"
    )
    assert first.seen == ["a.bin", "b.bin"]
    assert second.seen == []


def test_another_reading_does_not_take_what_was_cached_for_this_one(tmp_path):
    address = image(tmp_path, (made.file("a.bin", "abcd"),))
    extracts(address, tmp_path, Sizes(), cache=tmp_path / "cache")
    newer = Sizes()
    newer.version = 2
    extracts(address, tmp_path, newer, cache=tmp_path / "cache")
    assert newer.seen == ["a.bin"]


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-1], lambda data: data[:60], lambda _data: b"", lambda data: data[:55] + b"\xff" + data[56:]],
)
def test_a_damaged_cache_is_read_as_if_it_were_not_there(tmp_path, damage):
    address = image(tmp_path, (made.file("a.bin", "abcd"),))
    folder = tmp_path / "cache"
    before = extracts(address, tmp_path, Sizes(), cache=folder)
    (file,) = folder.glob("*.layer")
    file.write_bytes(damage(file.read_bytes()))
    again = Sizes()
    assert extracts(address, tmp_path, again, cache=folder) == before
    assert again.seen == ["a.bin"]
    third = Sizes()
    assert extracts(address, tmp_path, third, cache=folder) == before
    assert not third.seen, "it was not mended"


def test_a_cache_that_cannot_be_written_is_only_slower(tmp_path):
    address = image(tmp_path, (made.file("a.bin", "abcd"),))
    (tmp_path / "file").write_text("")
    assert extracts(address, tmp_path, Sizes(), cache=tmp_path / "file" / "cache")[0]


def test_what_was_not_used_for_longest_makes_room(tmp_path, monkeypatch):
    monkeypatch.setattr(caching, "ROOM", 300)
    folder = tmp_path / "cache"
    for number in range(6):
        extracts(image(tmp_path / str(number), (made.file("a.bin", f"a{number}cd"),)), tmp_path, Sizes(), cache=folder)
    assert 0 < sum(each.stat().st_size for each in folder.glob("*.layer")) <= 300


def test_a_scan_that_is_interrupted_leaves_nothing_half_done(tmp_path):
    address = image(tmp_path, (made.file("a.bin", "abcd"),))
    folder = tmp_path / "cache"

    class Interrupting(Sizes):
        def extract(self, path, file):
            raise CancelledError("interrupted")

    with pytest.raises(CancelledError):
        extracts(address, tmp_path, Interrupting(), cache=folder)
    assert not list(folder.glob("new-*")) + list(folder.glob("*.layer"))
    assert extracts(address, tmp_path, Sizes(), cache=folder)[0]


def test_modes_worth_knowing_are_those_of_the_uppermost_layer(tmp_path):
    address = image(
        tmp_path,
        (
            made.file("su", "x", mode=0o4755),
            made.file("gone", "x", mode=0o4755),
            made.file("tamed", "x", mode=0o2755),
            made.file("open", "x", mode=0o666),
            made.folder("tmp", mode=0o1777),
            made.folder("shut", mode=0o777),
            made.file("plain", "x", mode=0o644),
        ),
        (made.file(".wh.gone"), made.file("tamed", "x"), made.folder("shut"), made.file("tmp/x", "1")),
    )
    with open_rootfs(address, tmp_path, cache=tmp_path / "cache") as rootfs:
        modes = rootfs.files(made.wanting(lambda _path: False)).modes()
    assert modes == {"su": 0o4755, "open": 0o666, "tmp": 0o1777}
