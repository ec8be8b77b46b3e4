"""How packages of each language's registry are called: by advisories (OSV's words), by purls, and by what is valid."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Confidence, Package
from scangate.inventory.purl import purl, vcs_url
from scangate.rootfs.files import File

_VERSION: Final = re.compile(r"[A-Za-z0-9][^\s\x00-\x20\x7f-\x9f]{0,199}")
_LICENCE: Final = 100
"""Characters of a licence; longer is the text, not the name."""
_LICENCES: Final = 20
_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One ecosystem. `names`: what a name looks like; `name` and `version`: how they are written."""

    ecosystem: str
    kind: str
    names: re.Pattern[str] = _WORD
    name: Callable[[str], str] = str
    version: Callable[[str], str] = str

    def package(
        self,
        name: str,
        version: str,
        file: File,
        *,
        confidence: Confidence = Confidence.CONFIRMED,
        licences: tuple[str, ...] = (),
        qualifiers: Mapping[str, str] | None = None,
    ) -> Package | None:
        """Make a package out of what a file says; None when that is no valid name and version."""
        if not self.names.fullmatch(name) or not _VERSION.fullmatch(version := self.version(version)):
            return None
        name = self.name(name)
        namespace, _slash, short = name.rpartition("/")
        return Package(
            name=name,
            version=version,
            ecosystem=self.ecosystem,
            purl=purl(self.kind, namespace, short, version, qualifiers),
            layer=file.layer.digest,
            paths=(file.path,),
            licences=tuple(sorted({each for each in licences if 0 < len(each) <= _LICENCE})[:_LICENCES]),
            confidence=confidence,
        )

    def source(self, name: str, url: str, commit: str, file: File) -> Package | None:
        """Make a package out of a commit, which no advisory speaks of: it has no ecosystem, and becomes a gap."""
        if not self.names.fullmatch(name) or not _VERSION.fullmatch(commit):
            return None
        name = self.name(name)
        namespace, _slash, short = name.rpartition("/")
        return Package(
            name=name,
            version=commit,
            ecosystem="",
            purl=purl(self.kind, namespace, short, commit, {"vcs_url": vcs_url(url, commit)}),
            layer=file.layer.digest,
            paths=(file.path,),
            confidence=Confidence.FIRM,
        )


def normal_name(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "-", name).lower()


def without_v(version: str) -> str:
    """`v1.2.3` is a tag; the version, and what advisories speak of, is `1.2.3`."""
    return version[1:] if version[:1] in {"v", "V"} and version[1:2].isdecimal() else version


def nuget_version(version: str) -> str:
    """https://learn.microsoft.com/nuget/concepts/package-versioning#normalized-version-numbers."""
    number, mark, label = version.partition("+")[0].partition("-")
    parts = number.split(".")
    if not 1 <= len(parts) <= 4 or not all(part.isascii() and part.isdecimal() for part in parts):  # noqa: PLR2004
        return version
    parts = [part.lstrip("0") or "0" for part in parts] + ["0"] * (3 - len(parts))
    if parts[3:] == ["0"]:
        parts.pop()
    return ".".join(parts) + mark + label


def repository(url: str) -> str:
    """`github.com/apple/swift-nio` of the address of a repository, as OSV and purls have it."""
    rest = url.partition("://")[2] or url.replace(":", "/", 1)
    host, slash, path = rest.partition("/")
    return f"{host.rpartition('@')[2]}{slash}{path}".removesuffix("/").removesuffix(".git")


PYPI: Final = Registry(
    ecosystem="PyPI",
    kind="pypi",
    names=re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,198}[A-Z0-9])?", re.IGNORECASE | re.ASCII),
    name=normal_name,
)
NPM: Final = Registry(
    ecosystem="npm", kind="npm", names=re.compile(r"(?=.{1,214}$)(?:@[^\s/@\x00-\x20]+/)?[^\s/@\x00-\x20]+")
)
RUBYGEMS: Final = Registry(ecosystem="RubyGems", kind="gem")
PACKAGIST: Final = Registry(
    ecosystem="Packagist",
    kind="composer",
    names=re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}/[a-z0-9][a-z0-9_.-]{0,99}", re.IGNORECASE),
    name=str.lower,
    version=without_v,
)
NUGET: Final = Registry(ecosystem="NuGet", kind="nuget", version=nuget_version)
CRATES: Final = Registry(ecosystem="crates.io", kind="cargo")
HEX: Final = Registry(ecosystem="Hex", kind="hex", names=re.compile(r"[a-z][a-zA-Z0-9_]{0,199}"), name=str.lower)
PUB: Final = Registry(ecosystem="Pub", kind="pub", names=re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}"))
SWIFT: Final = Registry(
    ecosystem="SwiftURL",
    kind="swift",
    names=re.compile(r"[\w.:-]{1,253}(?:/[\w.~+-]{1,200}){1,20}", re.ASCII),
    version=without_v,
)
CONAN: Final = Registry(ecosystem="ConanCenter", kind="conan")
CRAN: Final = Registry(ecosystem="CRAN", kind="cran")
BIOCONDUCTOR: Final = Registry(ecosystem="Bioconductor", kind="bioconductor")
HASKELL: Final = Registry(ecosystem="Hackage", kind="hackage")
