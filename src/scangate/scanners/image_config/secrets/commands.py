"""Secrets in build steps: what a shell was told, and what may be shown of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from scangate.scanners.image_config.secrets.assignments import assignments
from scangate.scanners.image_config.secrets.forms import FORMS
from scangate.scanners.image_config.secrets.hits import MOST, Hit
from scangate.scanners.image_config.secrets.marks import addresses
from scangate.scanners.image_config.secrets.search import search
from scangate.scanners.image_config.secrets.values import (
    is_placeholder,
    is_reference,
    is_secret,
    is_switch,
    names_secret,
)

_VALUE: Final = r"""["']?(?P<value>[^\s"'|;&]{3,500})"""
_OPTION: Final = re.compile(
    rf"""(?x)(?:
      (?P<long>--(?:\w{{1,20}}-)?(?:password|passwd|pass|passphrase|token|api[-_]?key|access[-_]?key|secret[-_]?key|client[-_]?secret))(?:=|\s{{1,9}})
    | \s(?P<user>-u|--user|--proxy-user)[\s=]{{0,9}}["']?[^\s:"'=]{{1,100}}:
    | \b(?P<sshpass>sshpass\s{{1,9}}-p)\s{{0,9}}
    | \b(?P<mysql>mysql(?:admin|dump)?\b[^|;&\n]{{0,200}}\s-p)
    | \b(?P<login>(?:docker|podman|buildah|skopeo|helm)\s[^|;&\n]{{0,60}}login\b[^|;&\n]{{0,200}}\s-p)\s{{1,9}}
    | (?i:\b(?P<header>(?:proxy-)?authorization):\s{{0,9}}(?:bearer|basic|token)\s{{1,9}})
    | (?i:(?<![\w-])(?P<private>[\w-]{{0,30}}token|x-api-key):\s{{1,9}})
    ){_VALUE}"""
)
_CHPASSWD: Final = re.compile(
    r"""echo\s+(?:-\w\s+)?["']?[\w.\-]{1,40}:(?P<value>[^\s"'|]{1,200})["']?\s*\|\s*(?:sudo\s+)?chpasswd"""
)
_ARGUMENTS: Final = re.compile(r"(?:RUN )?\|\d+ (?P<arguments>.{0,20000}?)(?= /(?:usr/)?bin/[a-z]+ -\w*c )", re.DOTALL)
_ARGUMENT: Final = re.compile(r"(?:^| )([A-Za-z_]\w{0,80})=(.*?)(?= [A-Za-z_]\w{0,80}=|$)", re.DOTALL)
_VARIABLE: Final = re.compile(r"(?:/bin/sh -c #\(nop\) +)?(ARG|ENV|LABEL)\s+([^\s=]{1,100})[=\s]?(.*)", re.DOTALL)
_NOP: Final = re.compile(r"^/bin/sh -c (?:#\(nop\) +)?")
_DIGEST: Final = re.compile(r"(?:file|dir|multi|sha256)[:=-]$")
_LONG: Final = re.compile(r"[A-Za-z0-9_\-+/=]{20,}")
_MASK: Final = "[redacted]"


def judge(name: str, value: str) -> Hit | None:
    """Tell whether a variable holds a secret. One that only stands for a secret is a `default`: everyone knows it."""
    if is_switch(value) or is_reference(value):
        return None
    for hit in search(value.encode("utf-8", "surrogateescape")):
        return replace(hit, line=1, anchor=name)
    if not names_secret(name):
        return None
    kind = "default" if is_placeholder(value) else "assigned"
    return Hit(kind=kind, line=1, length=len(value), anchor=name, guess=not is_secret(value))


def in_step(created_by: str) -> tuple[Hit, ...]:
    """Return the secrets of one build step, named by the variable or the option that gave them away."""
    return tuple(dict.fromkeys(_in_step(created_by)))[:MOST]


def shown(created_by: str, limit: int = 120) -> str:
    """Return what may be shown of a build step: no value of a variable, no password, nothing that looks random."""
    text = _NOP.sub("", created_by[:20_000], count=1)
    if variable := _VARIABLE.match(text):
        return f"{variable[1]} {_masked(variable[2])}"[:limit]
    if arguments := _ARGUMENTS.match(text):
        text = f"RUN{text[arguments.end() :]}"
    return _masked(text)[:limit]


def _in_step(created_by: str) -> Iterator[Hit]:
    text = created_by
    if variable := _VARIABLE.match(text):
        value = variable[3].strip().strip("\"'")
        named = [(variable[2], value)]
        # `ENV A=1 B=2` is a line of assignments; `ARG NAME` and labels, which the config has, are nothing more.
        text = value if variable[1] == "ENV" and "=" in value else ""
        named = [] if variable[1] == "LABEL" else named
    else:
        arguments = _ARGUMENTS.match(text)
        named = _ARGUMENT.findall(arguments["arguments"]) if arguments else []
        text = text[arguments.end() :] if arguments else text
    yield from filter(None, (judge(name, value) for name, value in named))
    told = set()
    for option, start, end in _options(text):
        value = text[start:end]
        if not (is_reference(value) or is_switch(value) or is_placeholder(value)):
            told.add(option.lstrip("-"))
            yield Hit(kind="option", line=1, length=end - start, anchor=option, guess=not is_secret(value))
    for hit in search(text.encode("utf-8", "surrogateescape")):
        if hit.kind != "assigned" or hit.anchor not in told:
            yield replace(hit, line=1)


def _options(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _OPTION.finditer(text):
        words = match[match.lastgroup or "value"] if match.lastgroup != "value" else ""
        given = words or next((each for name, each in match.groupdict().items() if each and name != "value"), "")
        yield given.split()[-1].lower() if given.split() else "", match.start("value"), match.end("value")
    for match in _CHPASSWD.finditer(text):
        yield "chpasswd", match.start("value"), match.end("value")


def _masked(text: str) -> str:
    spans = [(start, end) for _option, start, end in _options(text)]
    spans += [(each.at, each.at + len(each.value)) for each in assignments(text) if names_secret(each.name)]
    data = text.encode("latin-1", "replace")  # as many bytes as characters
    spans += [(start, end) for _kind, start, end, _anchor, _certain in addresses(data, strict=False)]
    spans += [match.span() for form in FORMS for match in form.pattern.finditer(data)]
    spans += [
        match.span()
        for match in _LONG.finditer(text)
        if any(map(str.isdigit, match[0])) and not _DIGEST.search(text[max(0, match.start() - 8) : match.start()])
    ]
    pieces, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            pieces += [text[at : max(at, start)], _MASK]
            at = end
    return "".join((*pieces, text[at:]))
