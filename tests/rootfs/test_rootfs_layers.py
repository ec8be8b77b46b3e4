import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import made_images as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scangate.core.model import Gap
from scangate.errors import ScanError
from scangate.rootfs import Config, Layer, contents, layer, open_rootfs, parse_address, view
from scangate.rootfs.cache import LayerCache
from scangate.rootfs.stream import Stream
from scangate.rootfs.unpacking import clean, unpack
from scangate.rootfs.view import RootFs

EVERYTHING = made.wanting(lambda _path: True)


@pytest.fixture
def opened(tmp_path):
    """Open an image of the given layers, each a tuple of members."""
    views = []

    def make(*layers):
        folder = tmp_path / f"image{len(views)}"
        views.append(open_rootfs(made.oci_layout(folder, *(made.tar(*each) for each in layers)), tmp_path))
        return views[-1]

    yield make
    for each in views:
        each.close()


def contents_of(files):
    return {each.path: each.read() for each in files}


def test_only_what_is_wanted_is_kept_and_everything_is_known(opened):
    files = opened((made.file("a/x", "1"), made.file("a/y", "2"))).files(made.wanting(lambda path: path == "a/x"))
    assert contents_of(files) == {"a/x": b"1"}
    assert "a/x" in files
    assert len(files) == 1
    assert files.get("a/y") is None
    assert files.exists("a/y")
    assert files.exists("a")
    assert not files.exists("a/z")


def test_a_whiteout_takes_away_what_is_below_and_not_what_its_own_layer_brings(opened):
    files = opened(
        (made.file("a", "old"), made.file("d/x", "old"), made.file("e/x", "old")),
        (made.file(".wh.d"), made.file("a", "new"), made.file(".wh.a"), made.file("d/y", "new"), made.file("e/.wh.x")),
    ).files(EVERYTHING)
    assert contents_of(files) == {"a": b"new", "d/y": b"new"}


def test_an_opaque_folder_hides_the_folder_below_wherever_its_mark_stands(opened):
    for marked in (
        (made.file("d/new", "2"), made.file("d/.wh..wh..opq")),
        (made.file("d/.wh..wh..opq"), made.file("d/new", "2")),
    ):
        files = opened((made.file("d/old/x", "1"), made.file("keep", "k")), marked).files(EVERYTHING)
        assert contents_of(files) == {"d/new": b"2", "keep": b"k"}


def test_marks_that_hide_nothing_are_passed_over(opened):
    marks = (".wh.", ".wh..", ".wh...", ".wh..wh.plnk", "d/.wh.nothing")
    files = opened((made.file("a", "1"),), tuple(map(made.file, marks))).files(EVERYTHING)
    assert contents_of(files) == {"a": b"1"}


def test_a_file_replaces_a_folder_and_a_folder_a_file(opened):
    files = opened(
        (made.file("a/x", "1"), made.file("b", "1")),
        (made.file("a", "2"), made.file("b/x", "2")),
    ).files(EVERYTHING)
    assert contents_of(files) == {"a": b"2", "b/x": b"2"}


def test_a_folder_above_a_link_hides_the_link_as_overlayfs_does(opened):
    files = opened(
        (made.file("usr/lib/x", "1"), made.link("lib", "usr/lib")),
        (made.file("lib/y", "2"),),
    ).files(EVERYTHING)
    assert contents_of(files) == {"usr/lib/x": b"1", "lib/y": b"2"}
    assert files.get("lib/x") is None


def test_links_are_followed_where_they_are_in_the_same_layer(opened):
    files = opened((made.link("lib", "usr/lib"), made.file("lib/x", "1"), made.file("usr/lib/y", "2"))).files(
        EVERYTHING
    )
    assert contents_of(files) == {"usr/lib/x": b"1", "usr/lib/y": b"2"}
    assert files.get("lib/y").path == "usr/lib/y"
    assert files.real("lib") == "usr/lib"


def test_the_last_of_a_name_counts(opened):
    files = opened(
        (
            made.file("x", "1"), made.file("x", "2"),
            made.link("l", "one"), made.file("l/a", "1"), made.link("l", "two"), made.file("l/b", "2"),
            made.file("d/f", "1"), made.file("d", "2"),
        ),
    ).files(EVERYTHING)  # fmt: skip
    assert contents_of(files) == {"x": b"2", "one/a": b"1", "two/b": b"2", "d": b"2"}


def test_links_never_lead_out_of_the_image(opened, tmp_path):
    (tmp_path / "secret").write_text("outside")
    files = opened(
        (
            made.link("up", "../../../../../../secret"), made.link("abs", str(tmp_path / "secret")),
            made.link("top", "/"), made.file("secret", "inside"),
        ),
    ).files(EVERYTHING)  # fmt: skip
    assert files.get("up").read() == b"inside"
    assert files.get("abs") is None
    assert files.get("top/top/top/secret").read() == b"inside"


def test_loops_of_links_lead_nowhere(opened):
    files = opened((made.link("a", "b"), made.link("b", "a"), made.link("c", "c/x"), made.link("self", "."))).files(
        EVERYTHING
    )
    assert contents_of(files) == {}
    assert files.get("a") is None
    assert not files.exists("c/y")
    assert files.get("self/self/self/a") is None
    with pytest.raises(ScanError, match="round and round"):
        opened((made.link("a", "b"), made.link("b", "a"), made.file("a/x", "1"))).files(EVERYTHING)


def test_what_is_wanted_through_a_link_only_is_found(opened):
    image = opened(
        (
            made.link("var/lib/dpkg", "/usr/db"),
            made.file("usr/db/status", "Package: x"),
            made.file("usr/db/other", "no"),
        ),
        (made.link("etc/release", "../usr/lib/release"), made.file("usr/lib/release", "Debian")),
    )
    files = image.files(made.wanting(lambda path: path in {"var/lib/dpkg/status", "etc/release"}))
    assert contents_of(files) == {"etc/release": b"Debian", "var/lib/dpkg/status": b"Package: x"}
    assert files.get("usr/db/status").layer.index == 0
    assert [layer.index for layer, _file in files.versions("var/lib/dpkg/status")] == [0]


def test_a_file_that_links_give_many_names_is_there_once(opened):
    files = opened((made.link("a", "c"), made.link("b", "c"), made.file("c/x", "1"))).files(
        made.wanting(lambda path: path.endswith("/x"))
    )
    assert [each.path for each in files] == ["c/x"]
    files = opened((made.link("a", "c"), made.link("b", "c"), made.file("c/x", "1"))).files(
        made.wanting(lambda path: path in {"a/x", "b/x"})
    )
    assert [each.path for each in files] == ["a/x"]


def test_a_link_to_a_device_that_is_wanted_is_a_gap(opened):
    files = opened((made.link("status", "dev/zero"), made.device("dev/zero"))).files(
        made.wanting(lambda path: path == "status")
    )
    assert files.gaps == (Gap(what="dev/zero", reason="it is not a regular file"),)


def test_names_through_links_are_bounded(opened, monkeypatch):
    monkeypatch.setattr(view, "MAX_ALIASES", 50)
    files = opened(tuple(made.link(f"l{index}", "/") for index in range(20))).files(EVERYTHING)
    assert files.gaps[0].what == "symbolic links"


def test_hard_links_share_their_content_even_when_only_one_name_is_wanted(opened):
    layers = ((made.file("store/1", "shared"), made.hard_link("app/x", "store/1"), made.hard_link("app/y", "app/x")),)
    assert contents_of(opened(*layers).files(made.wanting(lambda path: path == "app/y"))) == {"app/y": b"shared"}
    assert contents_of(opened(*layers).files(EVERYTHING)) == dict.fromkeys(("app/x", "app/y", "store/1"), b"shared")


def test_a_hard_link_to_nothing_is_a_gap_when_it_is_wanted(opened):
    files = opened((made.file("gone", "1"),), (made.hard_link("x", "gone"), made.hard_link("y", "/z"))).files(
        made.wanting(lambda path: path == "x")
    )
    assert files.gaps == (Gap(what="x", reason="it is a hard link to a file that its layer does not have"),)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("/abs", "abs"),
        ("../../up", "up"),
        ("a/../../b", "b"),
        ("./x", "x"),
        ("a//b/./c", "a/b/c"),
        ("..", ""),
        ("a/..", ""),
    ],
)
def test_names_that_lead_above_the_root_stay_at_the_root(opened, name, path):
    assert clean(name) == path
    files = opened((made.file(name, "1"),)).files(EVERYTHING)
    assert contents_of(files) == ({path: b"1"} if path else {})


def test_special_and_sparse_files_are_not_read_and_a_sparse_one_is_a_gap(opened):
    files = opened((made.fifo("f"), made.device("d"), made.file("s", "map", sparse=True))).files(EVERYTHING)
    assert contents_of(files) == {}
    assert [gap.what for gap in files.gaps] == ["s"]


def test_a_gap_that_a_layer_above_fills_is_none(opened):
    assert not opened((made.file("s", "map", sparse=True),), (made.file("s", "1"),)).files(EVERYTHING).gaps
    assert not opened((made.file("s", "map", sparse=True),), (made.file(".wh.s"),)).files(EVERYTHING).gaps


def test_a_file_belongs_to_the_layer_that_brought_its_content(opened):
    image = opened(
        (made.file("a", "1"), made.file("b", "1"), made.file("c", "1")),
        (made.file("a", "1"), made.file("b", "2"), made.file(".wh.c")),
        (made.file("c", "1"),),
    )
    files = image.files(EVERYTHING)
    assert {each.path: each.layer.index for each in files} == {"a": 0, "b": 1, "c": 2}
    assert [(layer.index, file.read()) for layer, file in files.versions("b")] == [(0, b"1"), (1, b"2")]
    assert files.versions("nothing") == ()
    assert [(each.index, each.created_by) for each in image.layers] == [(0, "step 0"), (1, "step 1"), (2, "step 2")]


def test_some_files_can_be_left_out(opened):
    files = opened((made.file("a", "1"), made.file("b", "2"))).files(EVERYTHING)
    assert [each.path for each in files.without(["a"])] == ["b"]
    assert [each.path for each in files.matching(lambda path: path == "a")] == ["a"]


def test_large_files_are_read_from_disk_in_whole_or_in_part(opened, monkeypatch):
    monkeypatch.setattr(contents, "LARGE", 1000)
    monkeypatch.setattr(contents, "BLOCK", 300)
    body = bytes(range(256)) * 10
    image = opened((made.file("big", body), made.file("bigger", body * 2), made.file("small", "s")))
    files = image.files(EVERYTHING)
    assert contents_of(files) == {"big": body, "bigger": body * 2, "small": b"s"}
    assert files.get("bigger").read(2600, 700) == (body * 2)[2600:3300]
    assert files.get("big").read(2500) == body[2500:]
    assert files.get("big").read(9999) == b""
    assert files.get("small").read(0, 9) == b"s"
    image.close()
    with pytest.raises(ScanError, match="was closed"):
        files.get("big").read()


def test_more_than_fits_in_memory_goes_to_disk(opened, monkeypatch):
    monkeypatch.setattr(contents, "IN_MEMORY", 5)
    files = opened((made.file("a", "1234"), made.file("b", "5678"))).files(EVERYTHING)
    assert contents_of(files) == {"a": b"1234", "b": b"5678"}


def test_files_over_the_caps_are_gaps(opened, monkeypatch):
    monkeypatch.setattr(contents, "MAX_FILE", 10)
    monkeypatch.setattr(contents, "MAX_KEPT", 15)
    files = opened((made.file("a", bytes(11)), made.file("b", bytes(9)), made.file("c", bytes(8)))).files(EVERYTHING)
    assert contents_of(files) == {"b": bytes(9)}
    assert [gap.what for gap in files.gaps] == ["a", "c"]
    assert "at most 10" in files.gaps[0].reason


@pytest.mark.parametrize("name", ["x" * 256, f"{'x' * 256}/y", "/".join("d" * 300)])
def test_names_and_depths_over_the_caps_are_scan_errors(opened, name):
    with pytest.raises(ScanError, match=r"too long|too deep|longer than"):
        opened((made.file(name, "1"),)).files(EVERYTHING)


def test_folders_that_are_only_implied_count_too(opened, monkeypatch):
    monkeypatch.setattr(layer, "MAX_MEMBERS", 30)
    monkeypatch.setattr(view, "MAX_MEMBERS", 30)
    assert opened(tuple(made.file(f"{index}") for index in range(30))).files(EVERYTHING)
    with pytest.raises(ScanError, match="more than 30 files"):
        opened(*[tuple(made.file(f"{index}") for index in range(11))] * 3).files(EVERYTHING)
    with pytest.raises(ScanError, match="more than 30 files"):
        opened(tuple(made.file(f"{index}/a/b/c", "1") for index in range(9))).files(EVERYTHING)
    with pytest.raises(ScanError, match="more than 30 files"):
        opened(tuple(made.file(f".wh.{index}") for index in range(31))).files(EVERYTHING)


NAME = st.sampled_from(["a", "b", "c"])
PATH = st.lists(NAME, min_size=1, max_size=3).map("/".join)
CONTENT = st.one_of(st.just(None), st.binary(max_size=3), st.text("abc/.", min_size=1, max_size=4))
LAYER = st.tuples(st.dictionaries(PATH, CONTENT, max_size=5), st.sets(PATH, max_size=2), st.sets(PATH, max_size=2))


def model(layers):  # noqa: C901 - as plain as can be
    """Apply layers to a plain dict: None is a folder, bytes a file, a text a link."""
    state = {}

    def take_away(path):
        for each in [each for each in state if each == path or each.startswith(f"{path}/")]:
            del state[each]

    def folders(path):
        for end in [at for at, sign in enumerate(path) if sign == "/"]:
            if state.get(path[:end], "") is not None:
                take_away(path[:end])
                state[path[:end]] = None

    for entries, hidden, opaque in layers:
        for path in hidden | opaque:
            folders(path)
        for path in opaque:
            for each in [each for each in state if each.startswith(f"{path}/")]:
                del state[each]
            folders(f"{path}/")
        for path in hidden:
            take_away(path)
        for path, content in entries.items():
            folders(path)
            if content is not None or state.get(path, "") is not None:
                take_away(path)
                state[path] = content
    return state


def consistent(one):
    """A layer in which no path is both a folder and something else: what a tool would write."""
    entries, hidden, opaque = one
    folders = {path for path, content in entries.items() if content is None} | opaque
    folders |= {path[:at] for path in [*entries, *hidden, *opaque] for at, sign in enumerate(path) if sign == "/"}
    entries = {path: content for path, content in entries.items() if content is None or path not in folders}
    blocked = {path for path, content in entries.items() if content is not None}
    kept = [
        {path for path in each if not any(path.startswith(f"{other}/") for other in blocked)}
        for each in (hidden, opaque)
    ]
    return {path: entries[path] for path in entries}, *kept


def members_of(one):
    entries, hidden, opaque = one
    for path, content in entries.items():
        if content is None:
            yield made.folder(path)
        else:
            yield made.file(path, content) if isinstance(content, bytes) else made.link(path, content)
    for path in sorted(hidden):
        parent, slash, name = path.rpartition("/")
        yield made.file(f"{parent}{slash}.wh.{name}")
    for path in sorted(opaque):
        yield made.file(f"{path}/.wh..wh..opq")


class Source:
    """A layer that is there already."""

    def __init__(self, index, data):
        self.layer = Layer(index=index, digest=made.digest(data))
        self.key = self.layer.digest
        self.data = data
        self.times = 0

    def begin(self):
        """Nothing is fetched."""

    def read(self, tree):
        self.times += 1
        blocks = iter((self.data, b""))
        source = SimpleNamespace(block=lambda: next(blocks), skip=lambda _size: 0)
        unpack(Stream(source, what="x", check=lambda: None), tree)


@settings(max_examples=150, deadline=None)
@given(layers=st.lists(LAYER.map(consistent), min_size=1, max_size=4))
def test_layers_merge_as_in_a_plain_dict(layers):
    sources = [Source(index, made.tar(*members_of(each))) for index, each in enumerate(layers)]
    address = parse_address("oci-layout:x")
    expected = model(layers)
    with tempfile.TemporaryDirectory() as folder:
        cache = LayerCache(Path(folder))
        for _cold_then_warm in range(2):
            with RootFs(
                address, config=Config(), sources=sources, resources=ExitStack(), cache=cache, check=lambda: None
            ) as image:
                files = image.files(EVERYTHING)
            check_against(expected, files)
    assert all(source.times <= 1 for source in sources), "a layer was read twice"


def check_against(expected, files):
    assert contents_of(files) == {path: data for path, data in expected.items() if isinstance(data, bytes)}
    assert all(files.real(path) == path for path, data in expected.items() if not isinstance(data, str))
