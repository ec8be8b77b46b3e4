"""OSV records, versions of every scheme, names of ecosystems, and the evaluation of one against the other."""

import json

from harness import Target

from scangate.advisories import names, reasons
from scangate.advisories.evaluate import affected, upgrade
from scangate.advisories.osv import Advisory, parse
from scangate.advisories.versions import (
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

SCHEMES = {
    "apk": (apk.key, "1.2.3_rc1_p2~abc-r4 0.01.010z_git20240101-r0"),
    "conan": (conan.key, "1.1.1w cci.20230101-rc.1+2"),
    "cran": (cran.key, "1.2-3.9000 20240101"),
    "dpkg": (dpkg.key, "1:2.0~rc1+dfsg-3+deb12u4 0~0"),
    "golang": (golang.key, "v0.0.0-20210101000000-abcdefabcdef go1.22rc1 v2.0.0+incompatible go1.21 X:boringcrypto"),
    "hackage": (hackage.key, "1.2.3.4 007"),
    "maven": (maven.key, "2.0.0.Final-redhat-00001 1-alpha-1.SNAPSHOT 1.0..-1"),
    "nuget": (nuget.key, "1.2.3.4-beta.10+build 01.0"),
    "packagist": (packagist.key, "v1.2.3.4-RC1-dev 1.x-dev 2010-01-02 1.0@dev"),
    "pacman": (pacman.key, "1:2.0rc1+r10.gabc-3.1 1..a-1"),
    "pep440": (pep440.key, "1!2.0rc1.post2.dev3+local.4 v1.0-1"),
    "pub": (pub.key, "1.2.3-dev.1+hotfix.2 1.0.0+1"),
    "rpm": (rpm.key, "1:2.0~rc1^git1-3.el9_2 1.0-1.module+el8+1+a"),
    "rubygems": (rubygems.key, "1.2.0.rc1-x.0.a 01.0"),
    "semver": (semver.key, "v1.2.3-rc.1+build 1.0.0--.x"),
}


def key_of(scheme: str) -> Target:
    key, seeds = SCHEMES[scheme]

    def run(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        written = key(text)
        assert written > "", "nothing may sort before the beginning"
        assert written == key.__wrapped__(text)  # type: ignore[attr-defined]

    return Target(f"version-{scheme}", tuple(each.encode() for each in seeds.split()), run, (ValueError,))


def record(ecosystem: str, **more: object) -> bytes:
    return json.dumps(
        {
            "id": "CVE-2026-1000",
            "modified": "2026-01-01T00:00:00Z",
            "published": "2026-01-01T00:00:00Z",
            "aliases": ["GHSA-aaaa-bbbb-cccc"],
            "upstream": ["CVE-2026-1"],
            "affected": [
                {
                    "package": {"ecosystem": ecosystem, "name": "a"},
                    "ranges": [
                        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}, {"limit": "*"}]},
                        {"type": "GIT", "repo": "https://example.com", "events": [{"introduced": "0"}]},
                        {"type": "SEMVER", "events": [{"introduced": "2.0.0"}, {"last_affected": "2.3.0"}]},
                    ],
                    "versions": ["1.0", "1.1"],
                    "ecosystem_specific": {"urgency": "unimportant", "fix_state": "Will not fix"},
                }
            ],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "references": [{"type": "ADVISORY", "url": "https://example.com/"}],
            "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-79"]},
        }
        | more
    ).encode()


RECORDS = tuple(
    map(
        record, ("PyPI", "Debian:12", "Red Hat:enterprise_linux:9::baseos", "Maven", "Alpine:v3.19", "npm", "Packagist")
    )
)


def evaluate(data: bytes) -> Advisory:
    """A parsed record is fit for everything that is done with it."""
    advisory = parse(data)
    for entry in advisory.affected:
        for version in ("1.0", "1.1.5", "2.1", "9", "latest"):
            try:
                affected(version, entry)
                upgrade(version, advisory.affected[:1])
            except ValueError:
                continue
            list(reasons.steps(version, entry))
            reasons.outside(version, entry)
    return advisory


def canonical(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    name = names.canonical(text)
    assert names.canonical(name) == name
    names.package(name, text)
    names.covers(text, name)


TARGETS = (
    Target("osv-record", RECORDS, parse, (ValueError,)),
    Target("osv-evaluation", RECORDS, evaluate, (ValueError,)),
    Target(
        "osv-names",
        (b"Red Hat:enterprise_linux:9::baseos", b"SUSE:Linux Enterprise Server 15 SP5-LTSS", b"Ubuntu:Pro:22.04:LTS"),
        canonical,
    ),
    *map(key_of, SCHEMES),
)
