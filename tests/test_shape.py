"""The shape of the house: one place per dangerous thing, small files, everything registered, nothing that leaks."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "scangate"
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST = 200
LONGER = {
    "core/model.py": "the vocabulary: whoever reads one type needs the others beside it",
}
OWN_PROCESS = {
    "scanners/checkov/driver.py": "it is the main program of another environment, and never imported by ours"
}
PLUGIN_METHODS = {"scanners": "scan", "enrichers": "enrich", "reporters": "render"}
STARTERS = ("system", "popen", "fork", "forkpty", "startfile")
STARTER_FAMILIES = ("exec", "spawn", "posix_spawn")
# Spelt in parts, so that this file does not name them.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("static", "crates", "io"),
        ("index", "crates", "io"),
        ("rubygems", "org"),
        ("proxy", "golang", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("packagist", "org"),
        ("nuget", "org"),
        ("anaconda", "org"),
        ("deb", "debian", "org"),
    )
)


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def who_imports(*modules: str) -> set[str]:
    return {
        name(path)
        for path in FILES
        if any(each == module or each.startswith(f"{module}.") for each in imported(path) for module in modules)
    }


def attributes(path: Path, of: str) -> set[str]:
    """What a file uses of a module: `system` for `os.system`."""
    return {
        node.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == of
    }


def calls(path: Path) -> set[str]:
    return {
        node.func.id for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_one_file_starts_processes() -> None:
    assert who_imports("subprocess") == {"process.py"}
    assert (
        who_imports("multiprocessing", "pty", "asyncio", "pexpect", "concurrent.futures.ProcessPoolExecutor") == set()
    )
    for path in FILES:
        used = attributes(path, "os")
        assert not used.intersection(STARTERS), name(path)
        assert not any(each.startswith(STARTER_FAMILIES) for each in used), name(path)


def test_one_room_speaks_http() -> None:
    speakers = who_imports("requests", "urllib.request", "http.client", "urllib3", "httpx", "aiohttp", "ftplib")
    assert speakers <= {"http/connection.py", "http/unix.py"}


def test_archives_of_images_are_opened_in_one_room() -> None:
    assert all(each.startswith("rootfs/") for each in who_imports("tarfile"))
    assert all(each.startswith(("rootfs/", "advisories/")) for each in who_imports("zipfile", "shutil.unpack_archive"))


def test_one_file_ends_the_process() -> None:
    ends = {
        name(path)
        for path in FILES
        if attributes(path, "sys") & {"exit"}
        or attributes(path, "os") & {"_exit", "abort", "kill"}
        or calls(path) & {"exit", "quit"}
    }
    assert ends - set(OWN_PROCESS) == {"cli/__init__.py", "process.py"}
    assert attributes(SOURCE / "process.py", "os") & {"_exit", "abort"} == set()
    raised = {
        name(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Raise) and "SystemExit" in ast.dump(node)
    }
    assert raised <= set(OWN_PROCESS)


def test_nothing_that_is_read_is_ever_run() -> None:
    assert who_imports("pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle", "joblib") == set()
    for path in FILES:
        assert not calls(path) & {"eval", "exec", "compile", "__import__"}, name(path)
        assert not attributes(path, "yaml") & {
            "load",
            "load_all",
            "unsafe_load",
            "full_load",
            "UnsafeLoader",
            "FullLoader",
            "Loader",
        }, name(path)


def test_xml_is_parsed_defused() -> None:
    for path in FILES:
        parsers = {each for each in imported(path) if each.startswith(("xml.", "lxml"))}
        assert parsers <= {
            "xml.etree.ElementTree",
            "xml.etree.ElementTree.Element",
            "xml.etree.ElementTree.ParseError",
        }, name(path)
        if "xml.etree.ElementTree" in parsers:
            assert any(each.startswith("defusedxml") for each in imported(path)) or not calls(path) & {
                "parse",
                "fromstring",
                "iterparse",
            }


def test_the_core_is_a_calculation() -> None:
    for path in sorted((SOURCE / "core").rglob("*.py")):
        for module in imported(path) - {""}:
            top = module.split(".")[0]
            assert module.startswith("scangate.core") or top in sys.stdlib_module_names, (
                f"{name(path)} imports {module}"
            )
            assert top not in {
                "os",
                "io",
                "time",
                "random",
                "socket",
                "pathlib",
                "logging",
                "threading",
                "subprocess",
            }, name(path)
        called = {
            node.func.attr
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not called & {"today", "now", "utcnow"}, f"{name(path)} looks at the clock"


def handlers() -> Iterator[tuple[Path, ast.ExceptHandler]]:
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler):
                yield path, node


def test_one_place_catches_everything() -> None:
    blind = []
    for path, handler in handlers():
        caught = {each.id for each in ast.walk(handler.type) if isinstance(each, ast.Name)} if handler.type else {"all"}
        passes_on = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
        if caught & {"Exception", "BaseException", "all"} and not passes_on:
            blind.append(name(path))
    assert blind == ["plugins.py"]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST or name(path) in LONGER, f"{lines} lines: split it, or say why it is one thing"


def test_every_exception_has_a_reason_and_is_needed() -> None:
    assert all(LONGER.values())
    assert all((SOURCE / each).is_file() for each in (*LONGER, *OWN_PROCESS))


@pytest.mark.parametrize("group", PLUGIN_METHODS)
def test_everything_that_can_be_added_is_registered_and_nothing_else(group: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    registered = set(project["project"]["entry-points"].get(f"scangate.{group}", {}).values())
    found = set()
    for path in sorted((SOURCE / group).rglob("*.py")):
        module = ".".join(("scangate", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not any("Protocol" in ast.dump(base) for base in node.bases):
                methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
                inherits = {base.id for base in node.bases if isinstance(base, ast.Name)}
                if PLUGIN_METHODS[group] in methods or any(f"{module}:{base}" in found for base in inherits):
                    found.add(f"{module}:{node.name}")
    private = {each for each in found if each.rpartition(":")[2].startswith("_")}
    assert found - private == registered


def test_rooms_and_modules_are_named_for_what_they_hold() -> None:
    banned = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc", "stuff"}
    for path in (*FILES, *sorted((ROOT / "tests").rglob("*.py"))):
        assert not banned & {path.stem, path.parent.name}, path


def test_nothing_is_left_for_later() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for word in ("TODO", "FIXME", "XXX", "HACK", "pragma: no cover", "raise NotImplementedError"):
            assert word not in text, f"{name(path)}: {word}"


@cache
def tracked() -> tuple[Path, ...]:
    """What is in version control, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no working copy of the repository")
    paths = (ROOT / each for each in listed.stdout.decode().split("\0") if each)
    return tuple(path for path in paths if path.is_file() and not path.is_symlink())


def test_no_file_names_a_package_registry() -> None:
    for path in tracked():
        content = path.read_bytes().lower()
        assert not [host for host in REGISTRIES if host.encode() in content], path
