"""From the page model to the text of the page: jinja2 that escapes everything, and the policy that a browser enforces.

The one style and the one script are ours, inline, and named by their hashes: nothing that a scanned system smuggles
into the page can run, load or send anything, even if an escape were missing.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from scangate.core.model import Verdict
from scangate.reporters.html.page import Page

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_SHAPES: Final = {
    Verdict.PASS: ("#17693f", "M9 17l5 5 10-12"),
    Verdict.FAIL: ("#a1123a", "M10 10l12 12M22 10L10 22"),
    Verdict.INCOMPLETE: ("#8a5a00", "M16 8v10M16 23v1"),
}
"""The colour of the icon in the browser's tab, and the sign on it: a tick, a cross, an exclamation mark."""


def typeset(page: Page) -> str:
    """Give the finished document."""
    from markupsafe import Markup

    style, script = asset("style.css"), asset("script.js")
    text = (
        _environment()
        .get_template("page.html.j2")
        .render(
            page=page,
            policy=policy(style, script),
            icon=_icon(page.verdict),
            # Ours, and what the hashes are of: not one character may change.
            style=Markup(style),  # noqa: S704 - no part of it comes from outside
            script=Markup(script),  # noqa: S704 - no part of it comes from outside
        )
    )
    return text.rstrip("\n") + "\n"


@cache
def asset(name: str) -> str:
    """Read a file that stands beside this one."""
    return files("scangate.reporters.html").joinpath(name).read_text(encoding="utf-8")


def policy(style: str, script: str) -> str:
    """Write the Content-Security-Policy: this style, this script, pictures inside the page, and nothing else."""
    rules = (
        "default-src 'none'",
        f"style-src '{_hash(style)}'",
        f"script-src '{_hash(script)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return "; ".join(rules)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _icon(verdict: Verdict) -> str:
    colour, shape = _SHAPES[verdict]
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{colour}"/>'
        f'<path d="{shape}" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>'
    )
    return "data:image/svg+xml," + quote(picture)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("scangate.reporters.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["thousands"] = "{:,}".format
    made.filters["breakable"] = _breakable
    return made


def _breakable(text: str) -> "Markup":
    """Escaped, and a path may go on in the next line after a slash."""
    from markupsafe import Markup, escape

    return Markup("/<wbr>").join(escape(each) for each in text.split("/"))
