"""Every scheme that univers has, on 20,000 pairs each; where the two differ, who is right and why."""

import functools
import random
import re

import pytest
from univers.versions import (
    AlpineLinuxVersion,
    ArchLinuxVersion,
    ComposerVersion,
    ConanVersion,
    DebianVersion,
    GolangVersion,
    MavenVersion,
    NugetVersion,
    PypiVersion,
    RpmVersion,
    RubygemsVersion,
    SemverVersion,
)
from version_samples import GRAMMARS, KEYS, NOTHING, PAIRS, draw, pairs, sign

ORACLES = {
    "apk": AlpineLinuxVersion,
    "conan": ConanVersion,
    "dpkg": DebianVersion,
    "golang": GolangVersion,
    "maven": MavenVersion,
    "nuget": NugetVersion,
    "packagist": ComposerVersion,
    "pacman": ArchLinuxVersion,
    "pep440": PypiVersion,
    "pub": SemverVersion,
    "rpm": RpmVersion,
    "rubygems": RubygemsVersion,
    "semver": SemverVersion,
}
UNLIKE: dict[str, str] = {
    # Gentoo's rule, which univers uses for Alpine, strips the zeros at the end of a part that begins with one: .00 is
    # then nothing. apk compares such parts as texts (its version.c), and is right about itself. A first part that
    # begins with 0, `_cvs _svn _git _hg` and `~` are none to univers, no `-r` is -r0, which
    # apk puts after it, and `_p` is _p0, where apk puts what follows (`_p_p1`) after every number.
    "apk": r"\.0[0-9]|^0[0-9]|_cvs|_svn|_git|_hg|~|^(?!.*-r)|_[a-z]+_",
    # Conan, and univers after it, compares `1w` with `10` as texts, but 9 with 10 as numbers, which is no order.
    "conan": r"[.+-][0-9]+[a-z]",
    # univers does what Maven did before MNG-7644, and does not know `release`: 1.0.RC1 over 1.0-RC2. Maven 3.8.7 and
    # 3.9.6 agree with us: test_versions_native.py.
    "maven": r"^r|\.[A-Za-z]",
    # univers takes Composer's versions for semantic ones: no fourth part, no order of stages, no `1.x-dev`. Composer
    # itself agrees with us: test_versions_native.py.
    "packagist": r"[^v0-9.]|(?:\..*){3}",
}
"""Versions that univers reads otherwise than the scheme does, or not at all."""
BUILD_METADATA = frozenset({"golang", "pub", "semver"})
"""Of two versions that differ in it alone, semver.org (10), npm and Go say they are equal, Pub that its numbers count;
univers says that they are unequal, and that neither comes first."""


@pytest.mark.parametrize("name", ORACLES)
def test_20000_pairs_are_ordered_as_univers_orders_them(name: str) -> None:
    chance = random.Random(20)
    key = KEYS[name]
    parsed = functools.cache(ORACLES[name])
    compared, wanted = 0, PAIRS * 3 // 2 if name in BUILD_METADATA else PAIRS
    for one, other in pairs(draw(name, chance, 3_000, UNLIKE.get(name, NOTHING)), key, chance, wanted):
        if name in BUILD_METADATA and one.partition("+")[0] == other.partition("+")[0]:
            continue
        compared += 1
        assert sign(parsed, one, other) == sign(key, one, other), (one, other)
    assert compared >= PAIRS


@pytest.mark.parametrize("name", ["cran", "hackage"])
def test_20000_pairs_of_numbers_are_ordered_as_lists_of_numbers(name: str) -> None:
    """The IntdotVersion of univers compares characters (1.10 below 1.9), and fails on longer ones: it is no oracle."""
    chance = random.Random(20)

    def numbers(text: str) -> list[int]:
        return [int(part) for part in re.split("[.-]", text)]

    for one, other in pairs(draw(name, chance), KEYS[name], chance):
        assert sign(numbers, one, other) == sign(KEYS[name], one, other), (one, other)


def test_every_scheme_has_a_grammar_and_an_oracle() -> None:
    assert set(GRAMMARS) == set(KEYS) == {*ORACLES, "cran", "hackage"}


@pytest.mark.parametrize("name", KEYS)
def test_the_grammar_makes_versions_that_share_beginnings(name: str) -> None:
    drawn = draw(name, random.Random(1), 1_000)
    assert len(drawn) == 1_000
    assert len({each[:3] for each in drawn}) < 700
