"""Our order of versions against univers, and against dpkg itself."""

import contextlib
import functools
import itertools
import json
import random
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from univers.versions import DebianVersion, PypiVersion, SemverVersion
from version_samples import KEYS, draw, is_version, sign

from scangate.advisories.versions import apk, dpkg, maven, pep440, rpm, scheme, semver

ORACLES = {dpkg.key: DebianVersion, pep440.key: PypiVersion, semver.key: SemverVersion}
CHANCE = functools.partial(random.Random, 20)
NASTY = {
    dpkg.key: """
        0 00 0-0 0-1 0:0 1:0 00001:0 1 1- 1~ 1~~ 1~~a 1~a 1a 1a0 1a00 1a1 1+ 1. 1.0 1.00 1.0.0 1.0-0 1.0-0.1
        1.0-1 1.0-1~bpo12+1 1.0-1+b1 1.0-1+deb12u1 1.0-1+deb12u10 1.0-1+deb12u2 1.0~rc1-1 1.0~rc1+dfsg-1
        1.0+dfsg-1 1.0+git20240101.abcdef0-1 1:1.0-1 2:0.1 1.0-1-1 1.0-1-2 1:1:1 1:1.0:2-3 3.0.11-1~deb12u2
        3.0.13-1~deb12u1 9 10 99999999999999999999 1.2.3z 1.2.3Z 1.2.3+ 1.2.3- 1.2.3-a 1.2.3-a~ 1.2.3-~
        1.2.3-+ 1.2.3-. 7.2p2 7.2p10 20240101 0.0~git20240101 0~0 0~ 0+ 1A 1B 1a~ 1a+ 1a. 1a-
    """,
    pep440.key: """
        0 0.0 1 1.0 1.0.0 1.00 v1 V1.0 1.0.1 1.10 1.9 1!0 1!1.0 0!1.0 01!1 1.0a1 1.0.a1 1.0-a1 1.0_alpha_1
        1.0alpha 1.0a 1.0a0 1.0b2 1.0c1 1.0rc1 1.0pre1 1.0-preview.2 1.0RC1 1.0.dev1 1.0dev 1.0-dev-3
        1.0a1.dev2 1.0rc1.dev1 1.0.post1 1.0-1 1.0post 1.0-r4 1.0rev5 1.0.post1.dev3 1.0a1.post2
        1.0a1.post2.dev3 1.0+abc 1.0+abc.1 1.0+abc.def 1.0+1 1.0+1.a 1.0+10 1.0+2 1.0+a-b_c.5 1.0.post1+x
        1.0+ABC 2024.1.1 2024.01.01 99999999999999999999.1 1.0a99999999999999999999 1.2.3.4.5.6 1.0.0.0.1
        0.0.0.dev0 1!0.dev1+z
    """,
    semver.key: """
        0 0.0.0 1 1.0 1.0.0 1.0.1 1.1.0 1.10.0 1.9.0 2.0.0 v1.0.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta
        1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0-rc.1+build 1.0.0+build 1.0.0+20130313144700
        1.0.0-0 1.0.0-0.3.7 1.0.0-x.7.z.92 1.0.0-x-y-z.-- 1.0.0-- 1.0.0-1 1.0.0-10 1.0.0-9 1.0.0-a 1.0.0-A
        1.0.0-1a 1.0.0--1 99999999999999999999.0.0 1.0-rc.1 0.0.0-20210101000000-abcdefabcdef 0.0.0-0
        1.2.3-pre.0.20210101000000-abcdefabcdef 01.2.3 1.02.3
    """,
}
APK_VECTORS = [
    each.strip()
    for each in """
    2.34 > 0.1.0_alpha; 0.1.0_alpha2 > 0.1.0_alpha; 1.0.4-r4 < 1.6; 1.1_alpha1 < 1.2.1; 0.7-r1 < 2.4.32
    2.3.0b-r1 < 2.3.0b-r2; 3.1_p17 > 1.06-r6; 1.06-r6 < 006; 006 > 1.0.0; 20050718-r2 > 3.9.8-r5; 2.01.01_alpha10 > 0.94
    1.0 > 0.99.3.20040818; 1.39 > 1.00_beta2; 7.15.1-r1 > 1.02; 4.2.52_p2-r1 < 4.2.52_p4-r2; 1.02.07 < 1.02.10-r1
    021109-r3 < 20060512; 3.9_pre20060124 > 0.01; 0.01 < 0.06; 6b-r7 > 1.12-r7; 0.10.0 < 0.10.1_rc1; 0.15.1b < 1.0.1
    02.08.01b < 4.77; 2.1_pre20 < 2.1_pre26; 1.6d > 1.2.07.8; 1.2.12.04 < 1.2.12.05; 1.07-r1 < 1.07.5; 1.07.5 > 1.07
    0.59s-r11 < 0.65; 2.5.1-r8 < 2.5.1a-r1; 1.3.5-r10 > 1.3.5-r8; 1.6.8_p12-r1 > 1.6.8_p9-r2; 0.20070207_rc1 < 1.0
    4.5_p1-r1 > 4.5_p1; 087-r1 < 103; 7.0.17 < 7.0.174; 1.3-r0 < 1.3.1-r0; 1.3_pre1-r1 < 1.3.2; 1.0_p10-r0 > 1.0_p9-r0
    0.1.0_alpha_pre2 < 0.1.0_alpha; 1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0; 1.1 = 1.1; 1.5.0-r1 > 1.5.0
    """.replace("\n", ";").split(";")
    if each.strip()
]
"""From apk-tools' own test/version.data."""
NONE = {
    dpkg.key: """
        a latest -1 1- :1 a:1 -1:1 1_2 \u00e91 \uff11 1: 1:-1 1/2 9999999999:1
    """,
    pep440.key: """
        1.* 1.2.* latest 1..2 1.0- 1.0+ 2004d 1.0.x 1.0+a+b !1 1! \uff11 1.0\u212a 1.0--1
    """,
    semver.key: """
        x 1.x * 1.2.3.4 1.2.3beta 1..2 1.2.3- 1.2.3-a..b 1.2.3+ ^1.2.3 \uff11.0.0 vv1 nightly
    """,
}
UNKNOWN_TO_UNIVERS = {"1:1:1", "1:1.0:2-3"}
"""A colon in the upstream version is allowed where there is an epoch: dpkg orders it, univers refuses it."""

every_scheme = pytest.mark.parametrize("ours", NASTY, ids=lambda ours: ours.__module__.rpartition(".")[2])


@every_scheme
def test_nasty_versions_are_ordered_as_univers_orders_them(ours) -> None:
    versions = [each for each in NASTY[ours].split() if is_version(ours, each) and each not in UNKNOWN_TO_UNIVERS]
    assert len(versions) > 30
    assert not unexplained(ours, itertools.product(versions, repeat=2))


@pytest.mark.parametrize(
    ("ours", "version"),
    [(ours, version) for ours, found in NONE.items() for version in (*found.split(), "", " ", "1 2", "1" * 2000)],
)
def test_what_is_no_version_is_a_value_error(ours, version: str) -> None:
    with pytest.raises(ValueError, match="not a "):
        ours(version)


def one_of(text: str) -> st.SearchStrategy[str]:
    """One of the words, or of the empty text where a `|` ends or begins."""
    return st.sampled_from(text.split("|"))


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


NUMBERS = one_of("0|1|2|9|10|007")
GENERATED = {
    dpkg.key: joined(
        one_of("|0:|1:|12:"),
        NUMBERS,
        st.text("019acAZ.+~", max_size=8),
        one_of("|-"),
        st.text("019ab.+~", min_size=1, max_size=4),
    ),
    pep440.key: joined(
        one_of("| |v|V"),
        one_of("|0!|1!"),
        st.lists(NUMBERS, min_size=1, max_size=4).map(".".join),
        one_of("|a|.a1|-b2|_rc_3|c1|alpha|Beta.0|pre2|-preview-1"),
        one_of("|-1|.post|post2|-r3|_rev_4|.post.0"),
        one_of("|dev|.dev0|-dev1|_dev_2"),
        one_of("|+a|+A.1|+1|+2-b_c|+10"),
        one_of("| "),
    ),
    semver.key: joined(
        st.lists(one_of("0|1|9|10|20"), min_size=3, max_size=3).map(".".join),
        one_of("|-0|-1|-10|-a|-a.1|-a.1.b|-1a|-A|--|-a-b|-rc.1"),
        one_of("|+1|+b"),
    ),
}


@every_scheme
@given(data=st.data())
def test_generated_versions_are_ordered_as_univers_orders_them(ours, data: st.DataObject) -> None:
    pair = data.draw(st.tuples(GENERATED[ours], GENERATED[ours]))
    assert not unexplained(ours, [pair])


@every_scheme
@given(text=st.text(st.one_of(st.sampled_from("0123456789.-+~:!vabdersptocl_*"), st.characters()), max_size=30))
def test_any_text_is_a_version_or_a_value_error(ours, text: str) -> None:
    with contextlib.suppress(ValueError):
        assert ours(text)


@pytest.mark.real
def test_debian_versions_are_ordered_as_dpkg_orders_them() -> None:
    if not shutil.which("dpkg"):
        pytest.skip("dpkg is not installed here")
    versions = NASTY[dpkg.key].split()
    usable = [each for each in versions if is_version(dpkg.key, each)]
    for one, other in CHANCE().sample(list(itertools.combinations(usable, 2)), 400):
        relation = {-1: "lt", 0: "eq", 1: "gt"}[sign(dpkg.key, one, other)]
        assert _dpkg(one, relation, other).returncode == 0, (one, relation, other)
    for version in (each for each in versions if each not in usable):
        answer = _dpkg(version, "eq", version)
        assert answer.returncode or b"warning" in answer.stderr, version


def _dpkg(one: str, relation: str, other: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["dpkg", "--compare-versions", one, relation, other], capture_output=True, check=False)


@pytest.mark.parametrize(
    ("ours", "exports", "minimum"),
    [
        (dpkg.key, ("Debian:12",), 15),
        (pep440.key, ("PyPI",), 12_000),
        (semver.key, ("Go", "crates.io", "Bitnami"), 5_000),
    ],
    ids=["dpkg", "pep440", "semver"],
)
def test_versions_of_real_advisories_are_ordered_as_univers_orders_them(shared: Path, ours, exports, minimum) -> None:
    found: set[str] = set()
    for export in exports:
        path = shared / "advisories" / "osv" / export / "all.zip"
        if not path.is_file():
            pytest.skip(f"the advisories of {export} are not here: {path}")
        found.update(versions_of(path))
    compare_real(ours, found, minimum)


@pytest.mark.real
def test_versions_that_this_machine_knows_are_ordered_as_univers_orders_them() -> None:
    known = [Path("/var/lib/dpkg/status"), *sorted(Path("/var/lib/apt/lists").glob("*_Packages"))]
    lines = (line for path in known if path.is_file() for line in path.read_text(errors="replace").splitlines())
    versions = {line.partition(": ")[2].strip() for line in lines if line.startswith("Version: ")}
    if len(versions) < 100:
        pytest.skip(f"this machine knows only {len(versions)} versions of Debian packages")
    compare_real(dpkg.key, versions, len(versions))


def test_an_ecosystem_has_the_scheme_of_its_family() -> None:
    assert scheme("Debian:12") is scheme("Ubuntu:22.04:LTS") is scheme("Ubuntu:22.04") is dpkg.key
    assert scheme("PyPI") is pep440.key
    assert {scheme(each) for each in ("npm", "crates.io", "Hex", "Bitnami", "SwiftURL")} == {semver.key}
    assert {scheme(each) for each in ("Red Hat:9", "SUSE:15.5", "openSUSE:Leap 15.5", "openEuler:22.03-LTS")} == {
        rpm.key
    }
    assert {scheme(each) for each in ("Alpine:v3.19", "Wolfi", "Chainguard")} == {apk.key}
    assert scheme("Maven:https://maven.google.com") is maven.key
    assert scheme("Android") is None
    assert scheme("") is None


@pytest.mark.parametrize("name", KEYS)
def test_every_key_sorts_after_the_beginning(name: str) -> None:
    """`introduced: 0` is before every version, which evaluation writes as the empty text."""
    assert all(KEYS[name](version) > "" for version in draw(name, CHANCE(), 500))


@pytest.mark.parametrize("name", KEYS)
@given(text=st.text(st.one_of(st.sampled_from("0123456789.-+~^:!_vrabcdelpst"), st.characters()), max_size=30))
def test_any_text_is_a_version_of_a_scheme_or_a_value_error(name: str, text: str) -> None:
    with contextlib.suppress(ValueError):
        assert KEYS[name](text)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("text", ["", " ", "latest", "1 2", "1" * 2000, "1\n2", "\uff11", "1.\u0661", "$" + "{x}"])
def test_no_scheme_takes_what_is_no_version(name: str, text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        KEYS[name](text)


@pytest.mark.parametrize("vector", APK_VECTORS)
def test_alpine_versions_are_ordered_as_apk_tools_tests_them(vector: str) -> None:
    one, relation, other = vector.split()
    assert sign(apk.key, one, other) == {"<": -1, "=": 0, ">": 1}[relation]


ORDERS = [
    (
        "apk",
        "1.0_alpha 1.0_beta1 1.0_pre 1.0_rc 1.0_rc1 1.0 1.0-r0 1.0-r1 1.0~abc 1.0_cvs 1.0_git 1.0_hg 1.0_p 1.0_p1 1.0a",
    ),
    ("apk", "1.0.0_alpha_pre2 1.0.0_alpha 1.0.0_alpha2 1.0.0 1.01 1.05 1.1 1.9 1.10"),
    ("rpm", "1.0~~ 1.0~ 1.0~rc1 1.0 1.0-1 1.0-1.el9 1.0-1.el9_2 1.0-2 1.0^ 1.0^git1 1.0^git1-1 1.0a 1.0.1 2 1:0.1"),
    ("rpm", "3.0.7-9.el9 3.0.7-24.el9 3.0.7-25.el9_3 1:3.0.1-1.el9"),
    (
        "pacman",
        "1.0a-1 1.0alpha-1 1.0b-1 1.0beta-1 1.0p-1 1.0pre-1 1.0rc-1 1.0-1 1.0-1.1 1.0-2 1.0.a-1 1.0.1-1 1:0.1-1",
    ),
    ("maven", "1-alpha-1 1-beta-1 1-milestone-1 1-rc 1-snapshot 1 1-sp 1-foo 1-1 1.0.1 1.1 2"),
    ("maven", "31.0-android 31.0-jre 31.0.1-android 31.0.1-jre 32.0.0-jre"),
    ("maven", "2.0.0.Alpha1 2.0.0.Beta2 2.0.0.CR1 2.0.0.Final 2.0.0.SP1 2.0.1.Final"),
    (
        "golang",
        "v0.0.0-20190101000000-abcdefabcdef v0.0.0-20210101000000-abcdefabcdef v0.1.0 v1.0.0 v2.0.0+incompatible",
    ),
    ("golang", "1.20.14 1.21.0-0 1.21rc2 go1.21 1.21.3 go1.22rc1 1.22.0-rc.2 1.22.0"),
    ("rubygems", "1.0.a 1.0.b1 1.0.b2 1.0.b10 1.0.rc1 1.0 1.0.0.1 1.0.1.pre 1.0.1 1.1 1.10"),
    ("nuget", "1.0-alpha 1.0-BETA 1.0-beta.2 1.0-beta.10 1.0-rc 1.0 1.0.0.1 1.0.1 1.10"),
    ("packagist", "1.0-dev 1.0-alpha1 1.0-beta1-dev 1.0-beta1 1.0-RC1 1.0 1.0-p1 1.0.0.1 1.0.1 1.x-dev 2.0"),
    ("pub", "1.0.0-dev.1 1.0.0 1.0.0+1 1.0.0+2 1.0.0+10 1.0.0+hotfix 1.0.1"),
    ("cran", "1 1.0 1.0-1 1.0-2 1.0.10 1.2"),
    ("hackage", "1 1.0 1.0.0 1.2 1.10"),
    ("conan", "1.1.0-rc1 1.1 1.1+1 1.1.1a 1.1.1w 1.2 cci.20230101"),
]


@pytest.mark.parametrize(("name", "ordered"), ORDERS)
def test_versions_that_matter_are_in_their_order(name: str, ordered: str) -> None:
    versions = ordered.split()
    keys = [KEYS[name](each) for each in versions]
    assert keys == sorted(set(keys)), sorted(versions, key=KEYS[name])


EQUAL = [
    ("apk", "1.0_rc1-r2 1.0_rc01-r02"),
    ("rpm", "1.0-1 0:1.0-1 1_0-1 1.00-01"),
    ("maven", "1 1.0 1.0.0 1-ga 1.0.Final 1.0.RELEASE 1-final 1.0-0"),
    ("maven", "1.0.RC1 1.0-rc1 1.0-RC-1 1-cr1"),
    ("golang", "v1.2.3 1.2.3 1.2.3+incompatible go1.2.3"),
    ("golang", "go1.22rc1 1.22.0-rc.1"),
    ("rubygems", "1 1.0 1.0.0 01"),
    ("rubygems", "1.0.0.a 1.a 1.0.a.0"),
    ("nuget", "1 1.0.0.0 1.0+build 01.0"),
    ("packagist", "1.0 v1.0.0.0 1.0.0+build 1.0-stable"),
    ("packagist", "1.0-RC1 1.0rc1 1.0.0.0-rc.1"),
    ("cran", "1.2-3 1.2.3 1.02.3"),
    ("conan", "1.0 1.0.0 1"),
]


@pytest.mark.parametrize(("name", "spellings"), EQUAL)
def test_other_spellings_of_a_version_are_equal(name: str, spellings: str) -> None:
    assert len({KEYS[name](each) for each in spellings.split()}) == 1


def test_a_version_is_equal_to_its_other_spellings() -> None:
    assert pep440.key("1.0") == pep440.key("v1.0.0") == pep440.key(" 1 ")
    assert pep440.key("1.0RC1") == pep440.key("1.0-preview_1")
    assert semver.key("v1.2") == semver.key("1.2.0+build") == semver.key("=1.2.0")
    assert dpkg.key("0:1.0-0") == dpkg.key("1.0") == dpkg.key("1.00")


def versions_of(export: Path) -> set[str]:
    """Every version that the records of one export name."""
    with zipfile.ZipFile(export) as archive:
        records = [json.loads(archive.read(name)) for name in archive.namelist()]
    found: set[str] = set()
    for affected in (each for record in records for each in record["affected"]):
        found.update(affected.get("versions") or ())
        ranges = (each for each in affected.get("ranges") or () if each["type"] != "GIT")
        found.update(version for each in ranges for event in each["events"] for version in event.values())
    return found


def compare_real(ours, versions: set[str], minimum: int) -> None:
    """Neighbours in our order, and pairs drawn by chance."""
    usable = sorted(sorted(each for each in versions if is_version(ours, each)), key=ours)
    assert len(usable) >= minimum
    chance = CHANCE()
    drawn = ((chance.choice(usable), chance.choice(usable)) for _ in range(5_000))
    assert not unexplained(ours, [*itertools.pairwise(usable), *drawn])


def unexplained(ours, pairs) -> list[tuple[str, str]]:
    """Where univers orders otherwise, but for what we mean: semver.org (10) and npm ignore build metadata."""
    parsed = functools.cache(ORACLES[ours])
    return [
        (one, other)
        for one, other in pairs
        if sign(ours, one, other) != sign(parsed, one, other)
        and not (ours is semver.key and one.partition("+")[0] == other.partition("+")[0])
    ]
