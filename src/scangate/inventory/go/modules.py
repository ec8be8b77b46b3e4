"""The list of modules in a Go program: lines of words with tabs between them, as `go version -m` prints it."""

import re
from dataclasses import dataclass
from typing import Final

_UNPUBLISHED: Final = ("", "(devel)")
"""The version of what was built from a folder."""
_PLACEHOLDER: Final = "v0.0.0"
"""The version that go.mod gives a module which is never published: it is part of the program's own source."""
_ELSEWHERE: Final = {"k8s.io/kubernetes": "k8s.io/component-base/version"}
"""Main modules whose version is that of another's package."""
_LONGEST_FLAGS: Final = 100_000
_PATH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~/+!-]{0,499}")
_VERSION: Final = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+(?:[-+.][0-9A-Za-z.+-]{1,200})?")
_FLAG: Final = re.compile(
    r"""-X[ =]\\?["']?([^\s"'=\\]{1,300})\.(?i:(?:app|build|git)?version)=v?(\d+\.\d+\.\d+[^\s"'\\]{0,60})"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One that is compiled in. `sure` unless its version is what the build says of it, and not what Go knows."""

    path: str
    version: str
    sure: bool = True

    @property
    def valid(self) -> bool:
        return bool(_PATH.fullmatch(self.path) and _VERSION.fullmatch(self.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`path` is that of the main package. `lines` counts those that name a module, left out or not.

    `bad` says what is wrong with the first of those that make no sense.
    """

    path: str
    lines: int
    modules: tuple[Module, ...]
    bad: str = ""


def modules(text: str) -> Listed:
    """Read the lines."""
    path, flags = "", ""
    main: list[str] = []
    deps: list[list[list[str]]] = []  # each as required, and after it what replaces it
    for line in text.split("\n"):
        word, _tab, rest = line.partition("\t")
        if word == "path":
            path = rest
        elif word == "build" and rest.startswith("-ldflags="):
            flags = rest
        elif word == "mod":
            main = _words(rest)
        elif word == "dep":
            deps.append([_words(rest)])
        elif word == "=>" and deps:
            deps[-1].append(_words(rest))
    found = [*map(_module, deps), *([_main(main, path, flags)] if main else [])]
    good = [each for each in found if each and each.valid]
    bad = [f"{each.path[:80]!r} {each.version[:80]!r}" for each in found if each and not each.valid]
    return Listed(path=path, lines=len(found), modules=tuple(good), bad=bad[0] if bad else "")


def _words(rest: str) -> list[str]:
    """Split off path and version, empty where there is none; the checksum after them is not needed."""
    return [*rest.split("\t", 2), ""][:2]


def _module(lines: list[list[str]]) -> Module | None:
    """Give what is really compiled in; nothing for a part of the program's own source.

    A folder in the place of a published module holds a changed copy of about that version.
    """
    path, version = lines[-1]
    if version not in _UNPUBLISHED:
        return Module(path=path, version=version)
    path, version = lines[0]
    if version in _UNPUBLISHED or version.startswith(_PLACEHOLDER):
        return None
    return Module(path=path, version=version, sure=False)


def _main(words: list[str], path: str, flags: str) -> Module | None:
    """Give the main module, by the version that Go knows or, often, the linker was told."""
    name, version = words
    if version not in _UNPUBLISHED:
        return Module(path=name, version=version)
    for package, told in _FLAG.findall(flags[:_LONGEST_FLAGS]):
        own = package in ("main", path, name) or package.startswith(f"{name}/") or _ELSEWHERE.get(name) == package
        module = Module(path=name, version=f"v{told}", sure=False)
        if own and "." in name and module.valid:
            return module
    return None
