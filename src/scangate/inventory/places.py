"""Where things lie in an image: what belongs to the application, and what is material of an installed package."""

import re
from typing import Final

_FOLDERS: Final = (
    "node_modules",
    "bower_components",
    "site-packages",
    "dist-packages",
    "__pypackages__",
    "vendor",  # PHP, Ruby's vendor/bundle, Rust and Go
    r"gems/[^/]+-[0-9][^/]*",
    "bundler/gems",
    "lib/rustlib",
    "registry/src",  # Cargo's
    "git/checkouts",
    "pkg/mod",  # Go's
    "Pods",
    "Carthage",
    r"[^/]*(?:conda|mamba|forge)[^/]*/pkgs",
    r"\.(?:build|bundle|cabal|cache|cargo|conan|conan2|gem|gradle|m2|npm|nuget|pnpm-store|pub-cache|rustup|stack|yarn)",
)
_OF_A_PACKAGE: Final = re.compile(rf"(?:^|/)(?:{'|'.join(_FOLDERS)})/|^usr/(?:local/)?share/|(?:^|/)deps/[^/]+/[^/]+$")
_TESTS: Final = frozenset({"test", "tests", "__tests__", "fixture", "fixtures", "__fixtures__", "example", "examples"})


def is_material(path: str) -> bool:
    """Tell whether a file lies in the folder of an installed package, or in a package manager's cache.

    What such a file declares is what that package's authors worked with: nothing that is, or is to be, installed.
    """
    return _OF_A_PACKAGE.search(path) is not None


def is_test(folder: str) -> bool:
    """Tell whether a folder of a package holds material for its tests, which nothing loads."""
    return folder in _TESTS


def folder_of(path: str) -> str:
    """Return the folder of a file, with a slash at the end; empty for the top."""
    return path[: path.rfind("/") + 1]
