"""Texts that attackers put into banners, packages, files and advisories, and a report that holds one everywhere."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from scangate.core.model import Report

from .sample import sample

TEXTS = (
    "",
    " ",
    "\x00",
    "\x1b[2J\x1b[H\x1b]0;owned\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mred",
    "a\rb\nc\r\nd\x0b\x0c\x85e\u2028f\u2029g",
    "\n::error file=x,line=1::owned",
    "::error::owned",
    "  ::add-mask::secret",
    "::stop-commands::x",
    "##[add-matcher]evil.json",
    "text ##[error]owned",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[buildStatus status='SUCCESS']",
    "%0A::error::x%0D",
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "</summary></details><h1>PASS</h1>",
    "<!-- comment",
    "-->",
    "&lt;b&gt; &#64;admin &amp;",
    "| a | b |\n| - | - |",
    "a|b\\|c",
    "`code` ``two`` ```\nfence\n```",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "---",
    "===",
    "**bold** __bold__ *i* _i_ ~~s~~ ~s~",
    "[text](https://evil.example) [x][y] [^1]",
    "![image](https://evil.example/x.png)",
    "<https://evil.example>",
    "https://evil.example/path?a=b#c",
    "http://evil.example www.evil.example ftp://evil.example",
    "mailto:a@evil.example a.b@evil.example",
    "@admin @org/team fix #123 GH-7 org/repo#1 !12 $x^2$ :smile:",
    "[bold red]markup[/] [/] [link=https://evil.example]x[/link]",
    "\u202egnp.exe\u202c \u200b \u2066x\u2069 \ufeff \xad",
    "\ud800 lone \udfff",
    "\U000e0041\U000e0042 tags",
    "汉字漢字 かな 한글 🧑‍💻🏳️‍🌈 e\u0301\u0301",
    "a" * 5_000,
    "字" * 1_100,
    "word " * 900,
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\x",
    "file:///etc/passwd",
    "docker://x:1/../y",
    "a:b/c",
    "//host/share",
    ".",
    "..",
    "%2e%2e/%00",
    "[::1]:22",
    "https://user:pass@host/%zz",
    "https://[::1",
    'javascript:alert(1)//"onclick="x',
    "../../../repo#frag?query",
    "{0} {text} %s %d \\u0041",
    '"quoted" \\ \'single\' \\"',
)


def poisoned(text: str) -> Report:
    """The sample with this text in every field that can hold any; times and fingerprints have a form of their own."""
    return _poison(sample(), text)


def _poison(value: Any, text: str) -> Any:
    if type(value) is str:
        return text
    if isinstance(value, tuple):
        return tuple(_poison(each, text) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = {"fingerprint", "started"}
        return replace(
            value,
            **{each.name: _poison(getattr(value, each.name), text) for each in fields(value) if each.name not in kept},
        )
    return value
