"""What a page links to, loads, and asks for. Read leniently: it is a stranger's, and only looked at."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from scangate.scanners.web.message import Answer

LINKS: Final = 500
"""Links, forms and loads kept of one page."""
_ACTIVE: Final = {"script": "src", "iframe": "src", "object": "data", "embed": "src", "link": "href"}
_PASSIVE: Final = {"img": "src", "audio": "src", "video": "src", "source": "src"}
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`action` is a whole URL; `password` when it has a field for one."""

    action: str
    password: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the server. `links`, `loads` (scripts, styles, frames) and `images` are whole URLs."""

    path: str
    answer: Answer
    title: str = ""
    generator: str = ""
    links: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()


def read(path: str, answer: Answer, base: str) -> Page:
    """Read a page. `base` is its whole URL."""
    if not answer.is_page:
        return Page(path=path, answer=answer)
    reader = _Reader(base)
    try:
        reader.feed(answer.text)
        reader.close()
    except (AssertionError, ValueError, RecursionError):  # html.parser's own ways to say that it is no HTML
        pass  # what was read until then is kept
    reader.end_form()
    return Page(
        path=path,
        answer=answer,
        title=" ".join("".join(reader.title).split())[:200],
        generator=reader.generator[:200],
        links=tuple(dict.fromkeys(reader.links)),
        loads=tuple(dict.fromkeys(reader.loads)),
        images=tuple(dict.fromkeys(reader.images)),
        forms=tuple(reader.forms),
    )


def local(url: str, base: str) -> str:
    """The path and query of a URL on the same scheme, host and port as `base`; "" for any other."""
    try:
        split, own = urlsplit(url), urlsplit(base)
        if (split.scheme, split.netloc.lower()) != (own.scheme, own.netloc.lower()):
            return ""
    except ValueError:
        return ""
    path = quote(split.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(split.query, safe='/%:@!$&()*+,;=~-._?')}" if split.query else path


@dataclass
class _Reader(HTMLParser):
    base: str
    title: list[str] = field(default_factory=list)
    generator: str = ""
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    _in_title: bool = False
    _action: str | None = None
    _password: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs[:50]}
        if tag == "a":
            self._keep(self.links, given.get("href"))
        elif tag == "meta" and given.get("name", "").lower() == "generator":
            self.generator = self.generator or given.get("content", "")
        elif tag == "title":
            self._in_title = not self.title
        elif tag == "form":
            self.end_form()
            self._action = given.get("action", "")
        elif tag == "input" and given.get("type", "").strip().lower() == "password":
            self._password = True
        elif tag in _PASSIVE:
            self._keep(self.images, given.get(_PASSIVE[tag]))
        elif tag in _ACTIVE and (tag != "link" or "stylesheet" in given.get("rel", "").lower()):
            self._keep(self.loads, given.get(_ACTIVE[tag]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.end_form()
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title and len(self.title) < LINKS:
            self.title.append(data[:_LONGEST])

    def end_form(self) -> None:
        """Keep the form that was open; a field for a password outside any form counts as one."""
        if (self._action is not None or self._password) and len(self.forms) < LINKS:
            self.forms.append(Form(action=self._whole(self._action or "") or self.base, password=self._password))
        self._action, self._password = None, False

    def _keep(self, into: list[str], reference: str | None) -> None:
        if reference and len(into) < LINKS and (whole := self._whole(reference)):
            into.append(whole)

    def _whole(self, reference: str) -> str:
        if len(reference) > _LONGEST:
            return ""
        try:
            whole = urljoin(self.base, reference.strip())
            return whole.partition("#")[0] if urlsplit(whole).scheme in ("http", "https") else ""
        except ValueError:
            return ""
