import made_images as made
import pytest
from made_distributions import found, owned

from scangate.core.model import Gap, Package
from scangate.inventory.apk import Apk

LIST = "lib/apk/db/installed"
ALPINE = made.file("etc/os-release", 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\n')
FILES = """F:usr
F:usr/lib
R:libssl.so.3
a:0:0:755
Z:Q1constructed=
F:usr/lib/engines-3
M:0:0:755
R:afalg.so
"""


def stanza(name, version="1.0-r0", files="", **more):
    lines = {"C": "Q1constructed=", "P": name, "V": version, "A": "x86_64", "T": "text", "L": "MIT", "o": name} | more
    return "".join(f"{key}:{value}\n" for key, value in lines.items()) + files + "\n"


def names(items):
    return [each.name for each in items if isinstance(each, Package)]


def test_a_package_has_its_source_purl_licence_layer_and_path(tmp_path):
    text = stanza("libssl3", "3.1.4-r5", FILES, o="openssl", L="Apache-2.0")
    layer = (ALPINE, made.file(LIST, text))
    assert found(Apk(), tmp_path, layer) == [
        Package(
            name="libssl3",
            version="3.1.4-r5",
            ecosystem="Alpine:v3.19",
            purl="pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1",
            source="openssl",
            source_version="3.1.4-r5",
            layer=made.digest(made.tar(*layer)),
            paths=(LIST,),
            licences=("Apache-2.0",),
        )
    ]


@pytest.mark.parametrize(
    ("identity", "start", "ecosystem"),
    [
        ("ID=wolfi\nVERSION_ID=20230201", "pkg:apk/wolfi/a@", "Wolfi"),
        ("ID=chainguard\nVERSION_ID=20230214", "pkg:apk/chainguard/a@", "Chainguard"),
        ("ID=alpine\nVERSION_ID=3.21.0_alpha20240807", "pkg:apk/alpine/a@", "Alpine:edge"),
    ],
)
def test_every_distribution_with_apk_has_its_ecosystem(tmp_path, identity, start, ecosystem):
    layer = (made.file("etc/os-release", identity), made.file("usr/lib/apk/db/installed", stanza("a")))
    (package,) = found(Apk(), tmp_path, layer)
    assert package.ecosystem == ecosystem
    assert package.purl.startswith(start)


def test_a_list_that_two_names_lead_to_is_read_once(tmp_path):
    layer = (ALPINE, made.link("lib", "usr/lib"), made.file("usr/lib/apk/db/installed", stanza("a")))
    assert [each.paths for each in found(Apk(), tmp_path, layer)] == [("usr/lib/apk/db/installed",)]


def test_both_lists_are_read_where_there_are_two(tmp_path):
    layer = (ALPINE, made.file(LIST, stanza("a")), made.file("usr/lib/apk/db/installed", stanza("b")))
    assert sorted(names(found(Apk(), tmp_path, layer))) == ["a", "b"]


def test_a_group_that_apk_made_up_is_no_package(tmp_path):
    text = stanza(".build-deps", "20240101.120000") + stanza("a")
    assert names(found(Apk(), tmp_path, (ALPINE, made.file(LIST, text)))) == ["a"]


def test_the_lines_of_files_do_not_say_what_the_package_is(tmp_path):
    text = stanza("a", files="F:x\nR:y\nV:9\nP:other\n")
    assert [(each.name, each.version) for each in found(Apk(), tmp_path, (ALPINE, made.file(LIST, text)))] == [
        ("a", "1.0-r0")
    ]


def test_the_layer_of_a_package_is_the_one_since_which_it_is_there_at_this_version(tmp_path):
    texts = [
        stanza("kept") + stanza("upgraded", "1-r0") + stanza("again"),
        stanza("kept") + stanza("upgraded", "2-r0"),
        stanza("kept") + stanza("upgraded", "2-r0") + stanza("again") + stanza("added"),
    ]
    layers = [(ALPINE, made.file(LIST, text)) for text in texts]
    digests = [made.digest(made.tar(*each)) for each in layers]
    packages = found(Apk(), tmp_path, *layers)
    assert {each.name: digests.index(each.layer) for each in packages} == {
        "kept": 0,
        "upgraded": 1,
        "again": 2,
        "added": 2,
    }


def test_files_belong_to_the_package_that_lists_them(tmp_path):
    text = stanza("a", files=FILES) + stanza("b", files="F:\nR:root-file\nF:bin\nR:tool\n")
    paths = {"usr/lib/libssl.so.3", "usr/lib/engines-3/afalg.so", "usr/lib/other", "afalg.so", "root-file", "bin/tool"}
    assert owned(Apk(), tmp_path, paths, (made.file(LIST, text),)) == paths - {"usr/lib/other", "afalg.so"}


def test_files_belong_to_a_package_that_knows_them_by_an_older_name(tmp_path):
    layer = (made.link("bin", "usr/bin"), made.folder("usr/bin"), made.file(LIST, stanza("b", files="F:bin\nR:tool\n")))
    assert owned(Apk(), tmp_path, {"usr/bin/tool"}, layer) == {"usr/bin/tool"}


@pytest.mark.parametrize("broken", [stanza("bad name!"), stanza("a", ""), "V:1\n\n", "\0\xff\n\n"])
def test_a_broken_entry_is_a_gap_and_the_others_are_read(tmp_path, broken):
    gap, package = found(Apk(), tmp_path, (ALPINE, made.file(LIST, broken + stanza("good"))))
    assert package.name == "good"
    assert gap.what.startswith(LIST)
    assert "broken" in gap.reason


def test_a_list_that_is_too_large_is_a_gap(tmp_path, monkeypatch):
    monkeypatch.setattr("scangate.inventory.apk._LIMIT", 100)
    (gap,) = found(Apk(), tmp_path, (ALPINE, made.file(LIST, stanza("a") * 3)))
    assert isinstance(gap, Gap)
    assert gap.what == LIST


def test_a_licence_that_is_a_text_is_left_out(tmp_path):
    (package,) = found(Apk(), tmp_path, (ALPINE, made.file(LIST, stanza("a", L="word " * 100))))
    assert package.licences == ()
