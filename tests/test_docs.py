"""What the documents say is true: the tutorial runs, every link leads somewhere, the README stays short."""

import re
from pathlib import Path

from scangate.core.model import Asked, Finding, Kind, Status, Target
from scangate.core.runs import fold
from scangate.scanners import Context

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(ROOT.glob("docs/**/*.md"))


def test_the_scanner_of_the_tutorial_works(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)  # noqa: S102 - it is our own text
    (tmp_path / "open.txt").write_text("x")
    (tmp_path / "open.txt").chmod(0o666)
    (tmp_path / "closed.txt").write_text("x")
    (tmp_path / "closed.txt").chmod(0o644)
    target = Target(id="files", kind=Kind.PATH, addresses=(".",))
    context = Context(root=tmp_path, home=tmp_path / "home", deadline=float("inf"))
    items = list(names["WorldWritable"]().scan(target, context))  # type: ignore[operator]
    assert [each.count for each in items if isinstance(each, Asked)] == [2]
    assert [each.subject for each in items if isinstance(each, Finding)] == ["open.txt"]
    assert fold(items, scanner="world-writable", target="files", status=Status.OK).coverage == 1.0


def test_every_link_leads_to_a_file_that_is_there():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_readme_stays_under_150_lines():
    assert len((ROOT / "README.md").read_text().splitlines()) < 150
