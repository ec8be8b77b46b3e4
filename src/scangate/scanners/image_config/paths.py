"""Which files are looked into for secrets, by their paths alone."""

import re
from typing import Final

LARGEST: Final = 2**20
"""Bytes of a file that is looked into for secrets."""
_SYSTEM: Final = (
    "usr/share/", "usr/lib/", "usr/lib32/", "usr/lib64/", "usr/libexec/", "usr/include/", "usr/src/", "usr/bin/",
    "usr/sbin/", "usr/games/", "usr/local/lib/", "usr/local/include/", "usr/local/share/", "usr/local/go/",
    "usr/local/rustup/", "usr/local/cargo/registry/", "lib/", "lib32/", "lib64/", "bin/", "sbin/", "boot/", "proc/",
    "sys/", "dev/", "nix/store/", "var/lib/dpkg/", "var/lib/apt/", "var/lib/rpm/", "var/lib/pacman/", "var/lib/ucf/",
    "var/cache/", "etc/alternatives/", "etc/ssl/certs/", "etc/ssl/openssl.cnf", "etc/pki/ca-trust/",
    "etc/pki/tls/openssl.cnf", "etc/ca-certificates/", "etc/mime.types", "etc/services",
)  # fmt: skip
"""What packages bring: the authors' examples and tests, and not this image's secrets."""
_LIBRARIES: Final = frozenset(
    {
        "site-packages", "dist-packages", "node_modules", "bower_components", "gems", "__pycache__", ".m2", ".nuget",
        ".pub-cache", "elpa", "jmods", "jre", "locale", "locales", "i18n", "zoneinfo", "terminfo",
    }
)  # fmt: skip
"""Folders anywhere that hold other people's work."""
_WITHIN: Final = (
    "/lib/python",
    "/lib/ruby/",
    "/lib/perl",
    "/pkg/mod/",
    "/.cargo/registry/",
    "/.gradle/caches/",
    "/.git/objects/",
)
_NOT_TEXT: Final = frozenset(
    {
        "7z", "a", "apk", "avi", "bin", "bmp", "bz2", "cer", "class", "crl", "crt", "dat", "db", "deb", "der", "dll",
        "doc", "docx", "ear", "egg", "eot", "exe", "gif", "gz", "ico", "idx", "jar", "jpeg", "jpg", "lz4", "map", "mo",
        "mov", "mp3", "mp4", "o", "ogg", "otf", "pack", "pdf", "png", "ppt", "pptx", "pyc", "pyo", "rar", "rlib", "rpm",
        "so", "sqlite", "sqlite3", "svg", "tar", "tgz", "tif", "tiff", "ttf", "war", "wasm", "wav", "webm", "webp",
        "whl", "woff", "woff2", "xls", "xlsx", "xz", "zip", "zst",
    }
)  # fmt: skip
_PROGRAM: Final = re.compile(
    r"\.(?:py|pyi|js|mjs|cjs|jsx|ts|tsx|vue|go|rs|c|h|cc|cpp|hpp|java|kt|scala|groovy|rb|php|pl|pm|lua|cs|swift|ex|exs|erl|clj|hs|r|R|dart|nse|tm|sql"
    r"|gradle|jsp|erb|ejs|hcl|tf|el|tcl|vim|ps1)$"
)
_PROSE: Final = re.compile(
    r"\.(?:md|markdown|rst|adoc|txt|html?|xhtml|css|scss|less|po|pot|tex|[1-8]|lock|sum|min\.js|bundle\.js|csv|tsv|xsd|dtd|ics|patch|diff)$"
    r"|(?:^|/)(?:package-lock\.json|pnpm-lock\.yaml|npm-shrinkwrap\.json|composer\.lock|go\.sum|CHANGELOG[^/]*|LICEN[CS]E[^/]*|README[^/]*)$"
    r"|(?:^|/)(?:messages|translations|lang)/"
)
_TESTS: Final = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|__tests__|spec|specs|fixtures?|mocks?|__mocks__|examples?|samples?|demos?|docs?)(?:/|$)"
    r"|(?:^|/)(?:test_[^/]*|[^/]*[._-](?:test|spec|example|sample|template|dist|tpl|j2)(?:\.[^/]*)?)$",
    re.IGNORECASE,
)


def looked_into(path: str, size: int) -> bool:
    """Tell whether a file may hold a secret of this image. Asked for every file there is."""
    if not 0 < size <= LARGEST or path.startswith(_SYSTEM) or path[path.rfind(".") + 1 :].lower() in _NOT_TEXT:
        return False
    return _LIBRARIES.isdisjoint(path.split("/")) and not any(map(path.__contains__, _WITHIN))


def is_program(path: str) -> bool:
    """Tell whether values are quoted in this file, and unquoted ones are names."""
    return _PROGRAM.search(path) is not None


def is_prose(path: str) -> bool:
    """Tell whether names and values in this file are about secrets rather than secrets: documents, lock files."""
    return _PROSE.search(path) is not None


def is_example(path: str) -> bool:
    """Tell whether what is in this file was probably made up: tests, fixtures, templates."""
    return _TESTS.search(path) is not None
