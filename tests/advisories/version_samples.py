"""Versions of every scheme, drawn from a grammar so that many share a beginning, and what tests call the schemes."""

import random
import re
from collections.abc import Callable, Iterator

from scangate.advisories.versions import (
    Key,
    apk,
    conan,
    cran,
    dpkg,
    golang,
    hackage,
    maven,
    nuget,
    packagist,
    pacman,
    pep440,
    pub,
    rpm,
    rubygems,
    semver,
)

KEYS: dict[str, Key] = {
    "apk": apk.key,
    "conan": conan.key,
    "cran": cran.key,
    "dpkg": dpkg.key,
    "golang": golang.key,
    "hackage": hackage.key,
    "maven": maven.key,
    "nuget": nuget.key,
    "packagist": packagist.key,
    "pacman": pacman.key,
    "pep440": pep440.key,
    "pub": pub.key,
    "rpm": rpm.key,
    "rubygems": rubygems.key,
    "semver": semver.key,
}
_SMALL = "0 0 1 1 1 2 3 9 10 11 20"
_NUMBER = f"{_SMALL} 01 00 007 099 100 2023 20240101 99999999999999999999"
_SEMVER_TAIL = (
    "'' '' '' -0 -1 -10 -9 -a -A -a.1 -a.b -a.1.b -alpha -alpha.1 -alpha.10 -alpha.beta -beta.2 -beta.11 -rc.1 -rc1 "
    "-rc10 -x-y -1a -0.20210101000000-abcdefabcdef -pre.0.20210101000000-abcdefabcdef -rc.1+b"
)
_MAVEN_BEFORE = (
    "-alpha -alpha-1 -alpha1 a1 -a1 -beta -b2 -beta-10 -M1 -milestone-2 -RC1 -rc-2 -CR1 .RC1 .CR2 .Beta1 .rc.1 "
    "-SNAPSHOT"
)
_MAVEN_AFTER = (
    ".Final .GA .RELEASE -final -sp .SP1 -sp-1 .sp.1 -jre -android -foo .x .foo.1 .foo-bar -1 -10 .1 -0 -1.0.1 "
    "-redhat-00001 .Final-redhat-1 +build -20240101"
)
_COMPOSER = (
    "-alpha -alpha1 -a2 -beta -beta2 -beta.10 -b1 -RC1 -rc10 RC2 -dev -patch1 -p2 -pl3 -stable -beta1-dev .x-dev +build"
)
# One line for each place in a version, its alternatives between spaces; `''` is nothing.
GRAMMARS: dict[str, tuple[str, ...]] = {
    "apk": (
        f"{_SMALL} 01 20240101",
        f"'' .{_NUMBER.replace(' ', ' .')}",
        f"'' .{_NUMBER.replace(' ', ' .')}",
        "'' '' '' .1 .01",
        "'' '' '' a b z",
        "'' '' _alpha _alpha1 _beta2 _pre _pre20240101 _rc _rc1 _rc10 _cvs _svn _git _git20240101 _hg1 _p _p1 _p9 _p10",
        "'' '' '' '' _p1 _rc1 _git1 _alpha2 _pre2",
        "'' '' '' '' ~abc ~abd",
        "'' -r0 -r1 -r2 -r10",
    ),
    "conan": (
        "0 1 2 10 cci",
        ".0 .1 .2 .10 .20230101",
        "'' .0 .1 .10 .1a .1w",
        "'' '' '' -alpha -beta.2 -rc1",
        "'' '' '' +1 +2 +b",
    ),
    "cran": (
        _SMALL,
        f".{_SMALL.replace(' ', ' .')}",
        f"'' .{_SMALL.replace(' ', ' .')} -{_SMALL.replace(' ', ' -')}",
        "'' '' .9000 -1 .0 .20240101",
    ),
    "dpkg": (
        "'' '' '' 0: 1: 2:",
        _SMALL,
        f".{_NUMBER.replace(' ', ' .')}",
        f"'' .{_SMALL.replace(' ', ' .')}",
        "'' '' '' +dfsg +git20240101 ~rc1 ~rc10 ~beta2 a p1 .a +really1.2 ~~ ~a",
        "'' -0 -1 -2 -10 -1+b1 -1~bpo12+1 -1+deb12u1 -1+deb12u2 -1+deb12u10 -0ubuntu1 -1ubuntu1.2 -1-2",
    ),
    "golang": ("v0 v1 v2 v10", ".0 .1 .9 .10", ".0 .1 .9 .10", _SEMVER_TAIL, "'' '' '' +incompatible"),
    "hackage": (_NUMBER, f"'' .{_NUMBER.replace(' ', ' .')}", f"'' .{_NUMBER.replace(' ', ' .')}", "'' .0 .1"),
    "maven": (
        "0 1 1 1 2 10 r09 2024",
        "'' .0 .0 .1 .2 .10 -1",
        "'' .0 .0 .1 .2 .10 .01 .20240101",
        "'' '' '' .0 .1 .10",
        f"'' '' '' {_MAVEN_BEFORE} {_MAVEN_AFTER}",
    ),
    "nuget": (
        "0 1 2 10 01",
        "'' .0 .1 .9 .10",
        "'' .0 .1 .9 .10",
        "'' .0 .1 .10",
        f"{_SEMVER_TAIL} -Beta -RC1 -preview.1.23456.7",
    ),
    "packagist": (
        "'' '' '' v",
        "0 1 2 10",
        "'' .0 .1 .9 .10",
        "'' .0 .1 .10 .20",
        "'' '' .0 .1 .2",
        f"'' '' '' {_COMPOSER}",
    ),
    "pacman": (
        "'' '' '' 1:",
        "0 1 2 10 r9",
        f"'' .{_NUMBER.replace(' ', ' .')}",
        f"'' .{_SMALL.replace(' ', ' .')}",
        "'' '' '' rc1 rc10 beta a .a .r10.gabcdef +10+gabc _1 .beta1 b2 ..1 +r1",
        "-1 -2 -10 -1.1",
    ),
    "pep440": (
        "'' '' '' 1! v",
        _SMALL,
        f"'' .{_NUMBER.replace(' ', ' .')}",
        f"'' .{_SMALL.replace(' ', ' .')}",
        "'' '' '' a1 b2 rc1 rc10 .alpha1 -beta c3 pre4",
        "'' '' '' .post1 -1 post .rev2",
        "'' '' '' .dev0 .dev1 dev10",
        "'' '' '' '' +a +1 +10 +a.1",
    ),
    "pub": (
        "0 1 2 10",
        ".0 .1 .9 .10",
        ".0 .1 .9 .10",
        _SEMVER_TAIL.replace(" -rc.1+b", ""),
        "'' '' +0 +1 +2 +b +b.1 +hotfix.1",
    ),
    "rpm": (
        "'' '' '' 0: 1: 2:",
        "0 1 2 10 2024 r9",
        f".{_NUMBER.replace(' ', ' .')}",
        f"'' .{_SMALL.replace(' ', ' .')}",
        "'' '' '' ~rc1 ~rc10 ~ ~~ ^git1 ^20240101gabc ^ .a a p1 +git20240101 _1 .~1 ^~1 rc.1",
        "'' -1 -2 -10 -1.el9 -2.el9_2.1 -1.el8_10 -150500.4.1 -1.module+el8.9.0+1+a -1.fc39 -1^2 -1~2 -0.1.rc1",
    ),
    "rubygems": (
        "0 1 2 10",
        "'' .0 .1 .9 .10 .01",
        "'' .0 .1 .9 .10",
        "'' '' .0 .1",
        "'' '' '' .a .b .pre .pre1 .pre.1 .beta2 .beta.10 .rc1 .rc.1 .rc10 -rc1 -1 .a.0 .a.0.b .0.a .alpha.0.1 .A .RC1",
    ),
    "semver": ("'' '' '' v", _SMALL, ".0 .1 .9 .10", ".0 .1 .9 .10", _SEMVER_TAIL, "'' '' '' +b"),
}
FIELDS = {
    name: tuple(tuple("" if each == "''" else each for each in place.split()) for place in places)
    for name, places in GRAMMARS.items()
}
PAIRS = 20_000
NOTHING = r"\Z."
"""A pattern that is found nowhere."""


def draw(name: str, chance: random.Random, count: int = 4_000, without: str = NOTHING) -> list[str]:
    """Versions of one scheme, all of them different, all versions to us, and none in which `without` is found."""
    found: dict[str, None] = {}
    for _turn in range(count * 30):
        version = "".join(map(chance.choice, FIELDS[name]))
        if version not in found and is_version(KEYS[name], version) and not re.search(without, version):
            found[version] = None
            if len(found) == count:
                break
    return list(found)


def pairs(versions: list[str], key: Key, chance: random.Random, count: int = PAIRS) -> Iterator[tuple[str, str]]:
    """Neighbours in our order, where a mistake shows, and then any two."""
    ordered = sorted(versions, key=key)
    near = [(one, other) for step in (1, 2, 3) for one, other in zip(ordered, ordered[step:], strict=False)]
    chance.shuffle(near)
    yield from near[: count // 2]
    for _turn in range(count - min(len(near), count // 2)):
        yield chance.choice(versions), chance.choice(versions)


def is_version(key: Callable[[str], str], version: str) -> bool:
    try:
        key(version)
    except ValueError:
        return False
    return True


def sign(parse: Callable[[str], object], one: str, other: str) -> int:
    left, right = parse(one), parse(other)
    return (left > right) - (left < right)  # type: ignore[operator]


def upstream(debian: str) -> str:
    """The part of a Debian version that its upstream wrote."""
    return re.sub(r"[+~]?(?:dfsg|ds|repack).*$", "", debian.partition(":")[2] or debian).rpartition("-")[0] or debian
