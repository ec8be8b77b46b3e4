"""Ruby gems that are installed: what RubyGems and Bundler write into `specifications`, and gems from repositories."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.hints import Hints
from scangate.inventory.registries import RUBYGEMS
from scangate.rootfs.files import File, Files

_HEAD: Final = 2**18
_PATH: Final = re.compile(
    r"(?:.*/)?(?:specifications(?:/default)?|bundler/gems/([^/]+)-([0-9a-f]{7,40}))/[^/]+\.gemspec"
)
_STUB: Final = re.compile(r"^# stub: (\S+) (\S+) (\S+) ", re.MULTILINE)
_NAME: Final = re.compile(r"""^[ \t]*+\w++\.name\s*+=\s*+(?:%q\{|["'])([^"'}#\s]++)["'}]""", re.MULTILINE)
_VERSION: Final = re.compile(
    r"""^[ \t]*+\w++\.version\s*+=\s*+(?:Gem::Version\.new[ (]\s*+)?["']([^"'#\s]++)["']""", re.MULTILINE
)
_PLATFORM: Final = re.compile(r"""^[ \t]*+\w++\.platform\s*+=\s*+["']([^"'#\s]++)["']""", re.MULTILINE)
_LICENCES: Final = re.compile(r"^[ \t]*+\w++\.licenses?\s*+=\s*+([^\n]{1,1000}+)", re.MULTILINE)
_TEXT: Final = re.compile(r"""["']([^"']+)["']""")


class Ruby:
    """A specification is Ruby code, which is not run. RubyGems writes it in one form, with its sum in a comment."""

    name = "gem"
    hints = Hints(endings=(".gemspec",))

    def wants(self, path: str) -> bool:
        return path.endswith(".gemspec") and _PATH.fullmatch(path) is not None

    def read(self, files: Files) -> Iterator[Package | Gap]:
        for file in files.matching(self.wants):
            yield _gem(file)


def _gem(file: File) -> Package | Gap:
    code = file.read(0, _HEAD).decode(errors="replace").replace("\r\n", "\n")
    stub = _STUB.search(code)
    name, version = _NAME.search(code), _VERSION.search(code)
    platform = stub[3] if stub else _first(_PLATFORM, code)
    licences = _LICENCES.search(code)
    gem = RUBYGEMS.package(
        name[1] if name else stub[1] if stub else "",
        version[1] if version else stub[2] if stub else "",
        file,
        licences=tuple(_TEXT.findall(licences[1])) if licences else (),
        qualifiers={"platform": "" if platform == "ruby" else platform},
    )
    if not gem and (checkout := _PATH.fullmatch(file.path)) and checkout[2]:  # its version is computed
        gem = RUBYGEMS.source(name[1] if name else checkout[1], "", checkout[2], file)
    return gem or Gap(what=file.path, reason="the specification of this gem has no valid name and version")


def _first(pattern: re.Pattern[str], code: str) -> str:
    found = pattern.search(code)
    return found[1] if found else ""
