"""mix.lock of Elixir and rebar.lock of Erlang: terms of these languages, of which one kind of tuple matters."""

import re
from collections.abc import Iterator
from typing import Final

from scangate.inventory.locks.lockfile import Declared

_MIX: Final = re.compile(
    r'^[ \t]*+"([\w@.-]++)":\s*+\{:(?:'
    r'hex,\s*+:"?(\w++)"?,\s*+"([^"\s]++)"|package,\s*+"([^"\s]++)"|git,\s*+"([^"\s]++)",\s*+"([0-9a-f]++)")',
    re.MULTILINE,
)
_MIX_ENTRY: Final = re.compile(r'^[ \t]*+"([\w@.-]++)":\s*+\{', re.MULTILINE)
_REBAR: Final = re.compile(
    r'\{<<"(\w++)">>,\s*+\{(?:pkg,\s*+<<"(\w++)">>,\s*+<<"([^"\s]++)">>'
    r'|(?:git|git_subdir|hg),\s*+"([^"\s]++)",\s*+\{\w++,\s*+"([^"\s]++)"\})'
)


def mix_lock(data: bytes) -> Iterator[Declared]:
    source = data.decode(errors="replace")
    if not source.strip():
        return
    if not source.lstrip().startswith("%{"):
        raise ValueError("it is no mix.lock: it does not begin with `%{`")
    known: set[str] = set()
    for key, name, version, older, url, commit in _MIX.findall(source):
        known.add(key)
        yield Declared(name or key, version or older, commit=commit, url=url)
    for key in _MIX_ENTRY.findall(source):
        if key not in known:
            yield Declared(key, "", where=key)


def rebar_lock(data: bytes) -> Iterator[Declared]:
    source = data.decode(errors="replace")
    if source.strip() and not source.lstrip().startswith(("{", "[", "%")):
        raise ValueError("it is no rebar.lock: it begins with none of `{`, `[` and `%`")
    for key, name, version, url, commit in _REBAR.findall(source):
        yield Declared(name or key, version, commit=commit, url=url)
