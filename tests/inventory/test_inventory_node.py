import json

import pytest
from catalogued import catalogued, named

from scangate.core.model import Gap, Package
from scangate.inventory.node import Node


def package_json(**fields):
    return json.dumps(fields)


@pytest.fixture
def read(tmp_path):
    return lambda files: catalogued(tmp_path, files, Node())


def test_a_node_package_has_its_scope_and_licence(read):
    path = "app/node_modules/@babel/core/package.json"
    assert read({path: package_json(name="@babel/core", version="7.0.0", license="MIT")}) == [
        Package(
            name="@babel/core",
            version="7.0.0",
            ecosystem="npm",
            purl="pkg:npm/%40babel/core@7.0.0",
            paths=(path,),
            licences=("MIT",),
        ),
    ]


@pytest.mark.parametrize(
    ("path", "installed"),
    [
        ("app/node_modules/x/package.json", True),
        ("node_modules/x/package.json", True),
        ("app/node_modules/x/node_modules/y/package.json", True),
        ("usr/local/lib/node_modules/npm/package.json", True),
        ("usr/local/lib/node_modules/npm/node_modules/@npmcli/arborist/package.json", True),
        ("app/node_modules/.pnpm/x@1.0.0/node_modules/x/package.json", True),
        ("app/package.json", False),
        ("app/node_modules/package.json", False),
        ("app/node_modules/@scope/package.json", False),
        ("app/node_modules/.cache/package.json", False),
        ("app/node_modules/x/lib/package.json", False),
        ("app/node_modules/x/dist/esm/package.json", False),
        ("app/node_modules/x/test/fixtures/node_modules/y/package.json", False),
        ("app/node_modules/@s/x/__tests__/a/node_modules/y/package.json", False),
        ("test/node_modules/x/package.json", True),
        ("app/not_node_modules/x/package.json", False),
    ],
)
def test_only_installed_node_packages_count(path, installed):
    assert Node().wants(path) is installed


@pytest.mark.parametrize(
    ("fields", "licences"),
    [
        ({"license": {"type": "ISC"}}, ("ISC",)),
        ({"licenses": [{"type": "MIT"}, {"type": "BSD"}]}, ("BSD", "MIT")),
        ({"license": 5}, ()),
        ({"license": ["MIT", None, {"type": []}]}, ("MIT",)),
    ],
)
def test_licences_of_node_packages_have_had_many_forms(read, fields, licences):
    (package,) = read({"node_modules/x/package.json": package_json(name="x", version="1", **fields)})
    assert package.licences == licences


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "[" * 100_000, '{"name": "x"}', '{"name": "x", "version": 1}', b"\xff\xfe\x00",
        '{"name": "", "version": "1"}', '{"name": "a/b", "version": "1"}', '{"name": "x", "version": "1 || 2"}',
    ],
)  # fmt: skip
def test_a_broken_package_json_is_a_gap(read, text):
    (gap,) = read({"node_modules/x/package.json": text})
    assert isinstance(gap, Gap)
    assert gap.what == "node_modules/x/package.json"


def test_a_package_json_that_is_too_large_is_a_gap(read, monkeypatch):
    monkeypatch.setattr("scangate.inventory.node._LIMIT", 10)
    (gap,) = read({"node_modules/x/package.json": package_json(name="x", version="1")})
    assert "at most 10" in gap.reason


def test_old_names_keep_their_case_and_a_byte_order_mark_is_no_harm(read):
    text = b"\xef\xbb\xbf" + package_json(name="JSONStream", version="1.3.5").encode()
    (package,) = read({"node_modules/JSONStream/package.json": text})
    assert (package.name, package.purl) == ("JSONStream", "pkg:npm/jsonstream@1.3.5")


def test_a_workspace_that_was_copied_in_without_a_version_is_the_project_itself(read):
    assert not read({"node_modules/@own/x/package.json": package_json(name="@own/x", private=True)})
    assert named(read({"node_modules/own/package.json": package_json(name="own", version="1", private=True)})) == [
        ("own", "1")
    ]


def test_an_alias_has_the_name_of_what_it_stands_for(read):
    assert named(read({"node_modules/alias/package.json": package_json(name="real", version="1.0.0")})) == [
        ("real", "1.0.0")
    ]


def test_a_link_to_a_folder_of_the_project_is_the_project_itself(read, tmp_path):
    text = package_json(name="own", version="1.0.0")
    modules = tmp_path / "srv/app/node_modules"
    modules.mkdir(parents=True)
    (modules / "own").symlink_to("../packages/own")
    assert not read({"srv/app/packages/own/package.json": text})


@pytest.mark.parametrize("store", ["srv/app/node_modules/.store/x-npm-1.0.0/package", "srv/store/node_modules/x"])
def test_a_link_to_where_packages_are_stored_is_an_installed_package(read, tmp_path, store):
    modules = tmp_path / "srv/app/node_modules"
    modules.mkdir(parents=True)
    (modules / "x").symlink_to(f"/{store}")
    assert named(read({f"{store}/package.json": package_json(name="x", version="1.0.0")})) == [("x", "1.0.0")]


def test_node_modules_may_be_a_link_as_a_whole(read, tmp_path):
    (tmp_path / "srv/app").mkdir(parents=True)
    (tmp_path / "srv/app/node_modules").symlink_to("/opt/modules")
    found = read(
        {
            "opt/modules/x/package.json": package_json(name="x", version="1.0.0"),
            "opt/modules/@s/y/package.json": package_json(name="@s/y", version="1.0.0"),
        }
    )
    assert named(found) == [("@s/y", "1.0.0"), ("x", "1.0.0")]
