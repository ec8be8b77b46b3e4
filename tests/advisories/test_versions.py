"""Our order of versions against univers, and against dpkg itself."""

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

from scangate.advisories.versions import SCHEMES, dpkg, pep440, scheme, semver

ORACLES = {dpkg.key: DebianVersion, pep440.key: PypiVersion, semver.key: SemverVersion}
NASTY = {
    dpkg.key: """
        0 00 0-0 0-1 0:0 1:0 00001:0 1 1- 1~ 1~~ 1~~a 1~a 1a 1a0 1a00 1a1 1+ 1. 1.0 1.00 1.0.0 1.0-0 1.0-0.1 1.0-1 1.0-1~bpo12+1 1.0-1+b1
        1.0-1+deb12u1 1.0-1+deb12u10 1.0-1+deb12u2 1.0~rc1-1 1.0~rc1+dfsg-1 1.0+dfsg-1 1.0+git20240101.abcdef0-1
        1:1.0-1 2:0.1 1.0-1-1 1.0-1-2 1:1:1 1:1.0:2-3 3.0.11-1~deb12u2 3.0.13-1~deb12u1 9 10 99999999999999999999 1.2.3z 1.2.3Z
        1.2.3+ 1.2.3- 1.2.3-a 1.2.3-a~ 1.2.3-~ 1.2.3-+ 1.2.3-. 7.2p2 7.2p10 20240101 0.0~git20240101 0~0 0~ 0+ 1A 1B 1a~ 1a+ 1a. 1a-
    """,
    pep440.key: """
        0 0.0 1 1.0 1.0.0 1.00 v1 V1.0 1.0.1 1.10 1.9 1!0 1!1.0 0!1.0 01!1 1.0a1 1.0.a1 1.0-a1 1.0_alpha_1 1.0alpha 1.0a 1.0a0 1.0b2 1.0c1 1.0rc1
        1.0pre1 1.0-preview.2 1.0RC1 1.0.dev1 1.0dev 1.0-dev-3 1.0a1.dev2 1.0rc1.dev1 1.0.post1 1.0-1 1.0post 1.0-r4 1.0rev5 1.0.post1.dev3
        1.0a1.post2 1.0a1.post2.dev3 1.0+abc 1.0+abc.1 1.0+abc.def 1.0+1 1.0+1.a 1.0+10 1.0+2 1.0+a-b_c.5 1.0.post1+x 1.0+ABC
        2024.1.1 2024.01.01 99999999999999999999.1 1.0a99999999999999999999 1.2.3.4.5.6 1.0.0.0.1 0.0.0.dev0 1!0.dev1+z
    """,
    semver.key: """
        0 0.0.0 1 1.0 1.0.0 1.0.1 1.1.0 1.10.0 1.9.0 2.0.0 v1.0.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2
        1.0.0-beta.11 1.0.0-rc.1 1.0.0-rc.1+build 1.0.0+build 1.0.0+20130313144700 1.0.0-0 1.0.0-0.3.7 1.0.0-x.7.z.92 1.0.0-x-y-z.--
        1.0.0-- 1.0.0-1 1.0.0-10 1.0.0-9 1.0.0-a 1.0.0-A 1.0.0-1a 1.0.0--1 99999999999999999999.0.0 1.0-rc.1 0.0.0-20210101000000-abcdefabcdef
        0.0.0-0 1.2.3-pre.0.20210101000000-abcdefabcdef 01.2.3 1.02.3
    """,
}
NONE = {
    dpkg.key: ["", " ", "a", "latest", "-1", "1-", ":1", "a:1", "-1:1", "1 2", "1_2", "é1", "１", "1:", "1:-1", "1/2", "9999999999:1", "1" * 2000],
    pep440.key: ["", "1.*", "1.2.*", "latest", "1..2", "1.0-", "1.0+", "2004d", "1.0.x", "1.0+a+b", "!1", "1!", "１", "1.0\u212a", "1.0--1", "1" * 2000],
    semver.key: ["", "x", "1.x", "*", "1.2.3.4", "1.2.3beta", "1..2", "1.2.3-", "1.2.3-a..b", "1.2.3+", "^1.2.3", "1.2.3 2", "１.0.0", "vv1", "nightly", "1" * 2000],
}  # fmt: skip


UNKNOWN_TO_UNIVERS = {"1:1:1", "1:1.0:2-3"}
"""deb-version(7) allows a colon in the upstream version where there is an epoch, and dpkg orders it; univers does not."""


def sign(ours, one: str, other: str) -> int:
    left, right = ours(one), ours(other)
    return (left > right) - (left < right)


def oracle(theirs, one, other) -> int:
    left, right = theirs(one), theirs(other)
    return (left > right) - (left < right)


def disagreements(ours, pairs) -> list[tuple[str, str, int, int]]:
    parsed = functools.cache(ORACLES[ours])
    return [
        (one, other, sign(ours, one, other), theirs)
        for one, other in pairs
        if sign(ours, one, other) != (theirs := oracle(parsed, one, other))
    ]


@pytest.mark.parametrize("ours", NASTY, ids=lambda ours: ours.__module__.rpartition(".")[2])
def test_nasty_versions_are_ordered_as_univers_orders_them(ours) -> None:
    versions = [each for each in NASTY[ours].split() if not _is_none(ours, each) and each not in UNKNOWN_TO_UNIVERS]
    assert len(versions) > 30
    found = disagreements(ours, itertools.product(versions, repeat=2))
    assert not [each for each in found if not (ours is semver.key and _differ_in_build(each[0], each[1]))]


def _is_none(ours, version: str) -> bool:
    try:
        ours(version)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(("ours", "version"), [(ours, version) for ours, found in NONE.items() for version in found])
def test_what_is_no_version_is_a_value_error(ours, version: str) -> None:
    with pytest.raises(ValueError, match="not a "):
        ours(version)


@given(
    st.lists(st.from_regex(r"\A(?:[0-9]{1,2}:)?[0-9][0-9a-cA.+~]{0,8}(?:-[0-9a.+~]{1,4})?\Z"), min_size=2, max_size=8)
)
def test_generated_debian_versions_are_ordered_as_univers_orders_them(versions: list[str]) -> None:
    assert not disagreements(dpkg.key, itertools.product(versions, repeat=2))


@given(
    st.lists(
        st.from_regex(
            r"\A\s?v?(?:[0-2]!)?[0-9]{1,2}(?:\.[0-9]{1,2}){0,3}(?:[-_.]?(?:a|b|c|rc|alpha|Beta|pre|preview)[-_.]?[0-9]?)?"
            r"(?:-[0-9]|[-_.]?(?:post|rev|r)[-_.]?[0-9]?)?(?:[-_.]?dev[-_.]?[0-9]?)?(?:\+[a-b0-2]{1,2}(?:[-_.][a-b0-2]{1,2}){0,2})?\s?\Z"
        ),
        min_size=2,
        max_size=8,
    )
)
def test_generated_python_versions_are_ordered_as_univers_orders_them(versions: list[str]) -> None:
    assert not disagreements(pep440.key, itertools.product(versions, repeat=2))


IDENTIFIER = r"(?:0|[1-9][0-9]?|[0-9]?[a-bA-][0-9a-b]?)"


@given(
    st.lists(
        st.from_regex(
            rf"\A(?:0|[1-9][0-9]?)(?:\.(?:0|[1-9][0-9]?)){{2}}(?:-{IDENTIFIER}(?:\.{IDENTIFIER}){{0,2}})?(?:\+[0-9a-b]{{1,2}})?\Z"
        ),
        min_size=2,
        max_size=8,
    )
)
def test_generated_semantic_versions_are_ordered_as_univers_orders_them(versions: list[str]) -> None:
    found = [
        each
        for each in disagreements(semver.key, itertools.product(versions, repeat=2))
        if not _differ_in_build(each[0], each[1])
    ]
    assert not found


@pytest.mark.parametrize("ours", NASTY, ids=lambda ours: ours.__module__.rpartition(".")[2])
@given(data=st.data())
def test_any_text_is_a_version_or_a_value_error(ours, data: st.DataObject) -> None:
    text = data.draw(
        st.text(alphabet=st.one_of(st.sampled_from("0123456789.-+~:!vabdersptocl_*"), st.characters()), max_size=30)
    )
    try:
        assert isinstance(ours(text), str)
    except ValueError:
        pass


@pytest.mark.real
def test_debian_versions_are_ordered_as_dpkg_orders_them() -> None:
    if not shutil.which("dpkg"):
        pytest.skip("dpkg is not installed here")
    versions = NASTY[dpkg.key].split()
    usable = [each for each in versions if not _is_none(dpkg.key, each)]
    pairs = random.Random(7).sample(list(itertools.combinations(usable, 2)), 400)
    for one, other in pairs:
        relation = {-1: "lt", 0: "eq", 1: "gt"}[sign(dpkg.key, one, other)]
        assert subprocess.run(["dpkg", "--compare-versions", one, relation, other], check=False).returncode == 0, (
            one,
            relation,
            other,
        )
    for version in (each for each in versions if each not in usable):
        answer = subprocess.run(
            ["dpkg", "--compare-versions", version, "eq", version], capture_output=True, check=False
        )
        assert answer.returncode != 0 or b"warning" in answer.stderr, version


def advisory_versions(shared: Path, *exports: str) -> list[str]:
    """Every version that real advisories name."""
    found: set[str] = set()
    for export in exports:
        path = shared / "advisories" / "osv" / export / "all.zip"
        if not path.is_file():
            pytest.skip(f"the advisories of {export} are not here: {path}")
        with zipfile.ZipFile(path) as archive:
            records = [json.loads(archive.read(name)) for name in archive.namelist()]
        for affected in (each for record in records for each in record["affected"]):
            found.update(affected.get("versions") or ())
            ranges = (each for each in affected.get("ranges") or () if each["type"] != "GIT")
            found.update(version for each in ranges for event in each["events"] for version in event.values())
    return sorted(found)


def compare_real(ours, versions: list[str], minimum: int) -> None:
    """Neighbours in our order, and pairs drawn by chance: what is no version to us is none to the oracle either."""
    usable = sorted((each for each in versions if not _is_none(ours, each)), key=ours)
    assert len(usable) >= minimum
    chance = random.Random(20)
    pairs = [*itertools.pairwise(usable), *((chance.choice(usable), chance.choice(usable)) for _ in range(5_000))]
    assert not [
        each for each in disagreements(ours, pairs) if not (ours is semver.key and _differ_in_build(each[0], each[1]))
    ]


def _differ_in_build(one: str, other: str) -> bool:
    """univers orders build metadata, which semver.org (10) and npm ignore."""
    return one != other and one.partition("+")[0] == other.partition("+")[0]


def test_the_versions_of_real_python_advisories_are_ordered_as_univers_orders_them(shared: Path) -> None:
    compare_real(pep440.key, advisory_versions(shared, "PyPI"), 12_000)


def test_the_versions_of_real_go_rust_and_bitnami_advisories_are_ordered_as_univers_orders_them(shared: Path) -> None:
    compare_real(semver.key, advisory_versions(shared, "Go", "crates.io", "Bitnami"), 5_000)


def test_the_versions_of_real_debian_advisories_are_ordered_as_univers_orders_them(shared: Path) -> None:
    compare_real(dpkg.key, advisory_versions(shared, "Debian:12"), 20)


@pytest.mark.real
def test_the_versions_that_this_machine_knows_are_ordered_as_univers_orders_them() -> None:
    known = [Path("/var/lib/dpkg/status"), *sorted(Path("/var/lib/apt/lists").glob("*_Packages"))]
    lines = (line for path in known if path.is_file() for line in path.read_text(errors="replace").splitlines())
    versions = sorted({line.partition(": ")[2].strip() for line in lines if line.startswith("Version: ")})
    if len(versions) < 100:
        pytest.skip(f"this machine knows only {len(versions)} versions of Debian packages")
    compare_real(dpkg.key, versions, len(versions))


def test_an_ecosystem_has_the_scheme_of_its_family() -> None:
    assert scheme("Debian:12") is scheme("Ubuntu:22.04:LTS") is scheme("Ubuntu:22.04") is dpkg.key
    assert scheme("PyPI") is pep440.key
    assert {scheme(each) for each in ("npm", "crates.io", "Go", "Bitnami")} == {semver.key}
    assert scheme("Maven") is None
    assert scheme("") is None


def test_every_key_sorts_after_the_beginning() -> None:
    """`introduced: 0` is before every version, which evaluation writes as the empty text."""
    for key in SCHEMES.values():
        for version in NASTY[key].split():
            assert _is_none(key, version) or key(version) > ""


def test_a_version_is_equal_to_its_other_spellings() -> None:
    assert pep440.key("1.0") == pep440.key("v1.0.0") == pep440.key(" 1 ")
    assert pep440.key("1.0RC1") == pep440.key("1.0-preview_1")
    assert semver.key("v1.2") == semver.key("1.2.0+build") == semver.key("=1.2.0")
    assert dpkg.key("0:1.0-0") == dpkg.key("1.0") == dpkg.key("1.00")
