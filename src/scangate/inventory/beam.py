"""Erlang and Elixir applications that are installed: `lib/NAME-VERSION/ebin/NAME.app`, in a release or a build.

Those that Erlang/OTP and Elixir consist of are no packages of Hex: each of the two is one package, with no ecosystem.
"""

import re
from collections.abc import Iterator
from typing import Final

from scangate.core.model import Gap, Package
from scangate.inventory.hints import Hints
from scangate.inventory.purl import purl
from scangate.inventory.registries import HEX
from scangate.rootfs.files import File, Files

_HEAD: Final = 2**18
_APP: Final = re.compile(r"(?:.*/)?([a-z]\w*)(?:-[^/]+)?/ebin/\1\.app")
_OTP_VERSION: Final = re.compile(r"(.*/)?releases/[0-9]+/OTP_VERSION")
_NAME: Final = re.compile(r"\{\s*+application\s*+,\s*+'?(\w++)'?")
_VERSION: Final = re.compile(r'\{\s*+vsn\s*+,\s*+"([^"\s]++)"')
_LICENCES: Final = re.compile(r"\{\s*+licenses\s*+,\s*+\[([^\]]{0,500}+)\]")
_OTP: Final = frozenset({
    "asn1", "common_test", "compiler", "crypto", "debugger", "dialyzer", "diameter", "edoc", "eldap", "erl_docgen",
    "erl_interface", "erts", "et", "eunit", "ftp", "inets", "jinterface", "kernel", "megaco", "mnesia", "observer",
    "odbc", "os_mon", "parsetools", "public_key", "reltool", "runtime_tools", "sasl", "snmp", "ssh", "ssl",
    "stdlib", "syntax_tools", "tftp", "tools", "wx", "xmerl",
})  # fmt: skip
_ELIXIR: Final = frozenset({"eex", "elixir", "ex_unit", "iex", "logger", "mix"})


class Beam:
    """Application resource files: https://www.erlang.org/doc/apps/kernel/app.html."""

    name = "hex"
    hints = Hints(names=frozenset({"OTP_VERSION"}), endings=(".app",))

    def wants(self, path: str) -> bool:
        if path.endswith(".app"):
            return _APP.fullmatch(path) is not None
        return _OTP_VERSION.fullmatch(path) is not None

    def read(self, files: Files) -> Iterator[Package | Gap]:
        found = list(files.matching(self.wants))
        homes = {match[1] or "" for file in found if (match := _OTP_VERSION.fullmatch(file.path))}
        for file in found:
            if file.path.endswith(".app"):
                yield from _application(file, homes)
            else:
                version = file.read(0, 100).decode(errors="replace").strip()
                yield _platform("erlang", version, file)


def _application(file: File, homes: set[str]) -> Iterator[Package | Gap]:
    source = file.read(0, _HEAD).decode(errors="replace")
    name, version = _NAME.search(source), _VERSION.search(source)
    if not name or not version:
        yield Gap(what=file.path, reason="this application of Erlang has no valid name and version")
    elif name[1] == "elixir":
        yield _platform("elixir", version[1], file)
    elif name[1] == "kernel" and not any(file.path.startswith(f"{home}lib/") for home in homes):
        yield _platform("erlang-kernel", version[1], file)  # a release brings OTP along, and does not say which
    elif name[1] not in _OTP and name[1] not in _ELIXIR:
        licences = _LICENCES.search(source)
        texts = tuple(re.findall(r'"([^"]+)"', licences[1])) if licences else ()
        package = HEX.package(name[1], version[1], file, licences=texts)
        yield package or Gap(what=file.path, reason="this application of Erlang has no valid name and version")


def _platform(name: str, version: str, file: File) -> Package | Gap:
    if not re.fullmatch(r"[0-9][\w.+-]{0,50}", version):
        return Gap(what=file.path, reason=f"the version of {name} is not known")
    return Package(
        name=name,
        version=version,
        ecosystem="",
        purl=purl("generic", "", name, version),
        layer=file.layer.digest,
        paths=(file.path,),
    )
