"""Constructed from the formats' documents, where recorded/ has none."""

import pytest

from scangate.inventory.locks.pypi import is_pylock, pdm_lock, pipfile_lock, poetry_lock, pylock, uv_lock
from scangate.inventory.locks.requirements import is_requirements, requirements


def declared(read, text):
    data = text if isinstance(text, bytes) else text.encode()
    return [(each.name, each.version or each.commit) for each in read(data)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("django==3.2", [("django", "3.2")]),
        ("Django == 3.2.1 # why", [("Django", "3.2.1")]),
        ("django===3.2+local.1", [("django", "3.2+local.1")]),
        ("django[argon2, bcrypt]==3.2;python_version>='3.8'", [("django", "3.2")]),
        ("django (==3.2)", [("django", "3.2")]),
        ("django==3.2,!=3.1", [("django", "3.2")]),
        ("django>=3,==3.2", [("django", "3.2")]),
        (
            "django==3.2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nsix==1.0",
            [("django", "3.2"), ("six", "1.0")],
        ),
        ("django==3.2 --hash=sha256:aa --config-settings=x=y", [("django", "3.2")]),
        ("django==3.*", []),
        ("django", []),
        ("django>=3,<4", []),
        ("django~=3.2", []),
        ("django!=3.2", []),
        ("# django==3.2", []),
        ("-r base.txt\n-c limits.txt\n--index-url https://user:secret@example.com/simple\n-i x\n", []),
        (".\n./lib\n-e .\n-e ./lib[extra]\nfile:///srv/x\nx @ file:///srv/x-1.0.tar.gz", [("x", "1.0")]),
        ("x @ https://example.com/d/x-1.2.3-py3-none-any.whl#sha256=aa", [("x", "1.2.3")]),
        ("https://example.com/d/zope.x-1.2.3.tar.gz", [("zope.x", "1.2.3")]),
        ("x @ git+https://example.com/a/x.git@0a1b2c ; python_version > '3'", [("x", "0a1b2c")]),
        ("-e git+ssh://git@example.com/a/x.git@v1#egg=name", [("name", "v1")]),
        ("git+https://example.com/a/x.git", [("x", "HEAD")]),
        ("x @ https://example.com/latest.zip", [("x", "")]),
        ("pywin32==300 ; sys_platform == 'win32'", []),
        ('pywin32==300 ; platform_system == "Windows" and python_version > "3"', []),
        ("x==1 ; sys_platform == 'win32' or extra == 'x'", [("x", "1")]),
        ("x==1 ; sys_platform != 'win32'", [("x", "1")]),
        ("x==${VERSION}", [("x", "${VERSION}")]),
        ("some prose: see https://example.com for more", []),
        ("\ufeffdjango==3.2", [("django", "3.2")]),
        ("django==3.2\r\nsix==1.0\r\n".encode("utf-16"), [("django", "3.2"), ("six", "1.0")]),
        ("", []),
    ],
)
def test_only_pins_of_requirements_are_versions(line, expected):
    assert declared(requirements, line) == expected


def test_addresses_are_kept_without_what_is_secret_in_them():
    (entry,) = requirements(b"x @ git+https://user:secret@example.com/x.git@abc")
    assert (entry.name, entry.commit, entry.where) == ("x", "abc", "line 1")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("app/requirements.txt", True),
        ("requirements-prod.txt", True),
        ("app/requirements/base.txt", True),
        ("app/my_requirements.txt", True),
        ("app/requirements/dev.txt", False),
        ("app/requirements-dev.txt", False),
        ("app/dev-requirements.txt", False),
        ("app/requirements_test.txt", False),
        ("app/requirements.device.txt", True),
        ("app/constraints.txt", False),
        ("app/upper-constraints.txt", False),
        ("app/readme.txt", False),
    ],
)
def test_requirements_are_known_by_their_name_and_not_those_for_development(path, wanted):
    assert is_requirements(path) is wanted


def test_pipfile_lock_has_pins_repositories_and_folders():
    text = """{"_meta": {}, "default": {"a": {"version": "==1.0", "markers": "x"}, "b": {"git": "https://example.com/b",
      "ref": "abc"}, "c": {"path": "."}, "d": {"file": "https://example.com/d.zip"}, "e": 5},
      "develop": {"f": {"version": "==1"}}}"""
    assert declared(pipfile_lock, text) == [("a", "1.0"), ("b", "abc")]
    with pytest.raises(ValueError, match="it is no Pipfile"):
        declared(pipfile_lock, "[]")


def test_poetry_lock_of_every_age_marks_what_is_for_development():
    text = """
[[package]]
name = "Old_Dev"
version = "1"
category = "dev"
[[package]]
name = "new-dev"
version = "1"
groups = ["dev"]
[[package]]
name = "Both.Groups"
version = "1.5"
groups = ["main", "dev"]
[[package]]
name = "repo"
version = "2.0"
[package.source]
type = "git"
url = "https://example.com/repo.git"
resolved_reference = "abc"
[[package]]
name = "own"
version = "0"
[package.source]
type = "directory"
url = "../own"
[metadata]
lock-version = "2.0"
"""
    assert declared(poetry_lock, text) == [("both-groups", "1.5"), ("repo", "2.0")]
    assert [each.url for each in poetry_lock(text.encode())] == ["", "https://example.com/repo.git"]


def test_pdm_lock_has_groups_folders_and_repositories():
    text = """
[metadata]
groups = ["default", "dev"]
lock_version = "4.5.0"
[[package]]
name = "a"
version = "1.0"
groups = ["default"]
[[package]]
name = "b"
version = "1.0"
groups = ["dev"]
[[package]]
name = "c"
version = "1.0"
git = "https://example.com/c.git"
revision = "abc"
[[package]]
name = "own"
version = "0"
path = "./own"
[[package]]
name = "d"
version = "1"
marker = "sys_platform == 'win32'"
"""
    assert [(each.name, each.commit) for each in pdm_lock(text.encode())] == [("a", ""), ("c", "abc")]


def test_uv_lock_of_a_script_has_no_project_and_counts_as_a_whole():
    text = """
version = 1
[[package]]
name = "a"
version = "1.0"
source = { registry = "https://example.com/simple" }
[[package]]
name = "b"
version = "2.0"
source = { git = "https://example.com/b.git?rev=main#abc" }
[[package]]
name = "c"
version = "3.0"
source = { url = "https://example.com/c-3.0.whl" }
"""
    assert declared(uv_lock, text) == [("a", "1.0"), ("b", "2.0"), ("c", "3.0")]
    assert declared(uv_lock, "version = 1\n") == []


def test_uv_lock_follows_extras_and_members_of_the_workspace():
    text = """
version = 1
[[package]]
name = "root"
source = { editable = "." }
dependencies = [{ name = "member" }]
[package.optional-dependencies]
x = [{ name = "extra" }]
[package.dev-dependencies]
dev = [{ name = "dev" }]
[[package]]
name = "member"
source = { directory = "member" }
dependencies = [{ name = "a" }]
[[package]]
name = "a"
version = "1"
source = { registry = "https://example.com/simple" }
[[package]]
name = "extra"
version = "1"
source = { registry = "https://example.com/simple" }
[[package]]
name = "dev"
version = "1"
source = { registry = "https://example.com/simple" }
"""
    assert declared(uv_lock, text) == [("a", "1"), ("extra", "1")]


def test_pylock_has_groups_folders_repositories_and_archives():
    text = """
lock-version = "1.0"
created-by = "x"
default-groups = ["usual"]
[[packages]]
name = "a"
version = "1.0"
[[packages]]
name = "dev"
version = "1.0"
marker = "'dev' in dependency_groups"
[[packages]]
name = "usual"
version = "1.0"
marker = "'usual' in dependency_groups"
[[packages]]
name = "own"
directory = { path = "." }
[[packages]]
name = "repo"
vcs = { type = "git", url = "https://example.com/repo.git", commit-id = "abc" }
[[packages]]
name = "archive"
archive = { url = "https://example.com/archive-1.5.tar.gz" }
"""
    assert declared(pylock, text) == [("a", "1.0"), ("usual", "1.0"), ("repo", "abc"), ("archive", "1.5")]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("pylock.toml", True), ("a/pylock.prod.toml", True), ("pylock.dev.toml", False), ("pyproject.toml", False)],
)
def test_pylock_files_are_known_by_their_name(name, wanted):
    assert is_pylock(name) is wanted


@pytest.mark.parametrize("read", [poetry_lock, pdm_lock, uv_lock, pylock])
def test_what_is_no_lock_file_is_said(read):
    for text in ("a", "", "package = 5", "[" * 50_000):
        with pytest.raises(ValueError, match="it is no"):
            declared(read, text)
