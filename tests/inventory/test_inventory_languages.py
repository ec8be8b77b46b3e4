import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scangate.core.model import Gap, Package
from scangate.inventory import catalogue
from scangate.inventory.node import Node
from scangate.rootfs import open_rootfs

SITE = "usr/local/lib/python3.11/site-packages"


@pytest.fixture
def read(tmp_path):
    def catalogued(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with open_rootfs(f"rootfs:{tmp_path}", tmp_path) as rootfs:
            return catalogue(rootfs)

    return catalogued


def package_json(**fields):
    return json.dumps(fields)


def test_a_python_package_has_its_normal_name(read):
    path = f"{SITE}/Foo_Bar.Baz-1.0+local.dist-info/METADATA"
    assert read(
        {path: "Metadata-Version: 2.1\nName: Foo_Bar.Baz\nVersion: 1.0+local\nLicense: MIT\n\nName: readme\n"}
    ) == (
        Package(
            name="foo-bar-baz",
            version="1.0+local",
            ecosystem="PyPI",
            purl="pkg:pypi/foo-bar-baz@1.0%2Blocal",
            paths=(path,),
            licences=("MIT",),
        ),
    )


@pytest.mark.parametrize(
    "path",
    [
        f"{SITE}/x-1.dist-info/METADATA",
        f"{SITE}/x-1.egg-info/PKG-INFO",
        f"{SITE}/x-1.egg-info",
        f"{SITE}/x-1-py3.11.egg/EGG-INFO/PKG-INFO",
        "srv/app/src/x.egg-info/PKG-INFO",
        "opt/venv/lib/python3.11/site-packages/x-1.dist-info/METADATA",
    ],
)
def test_python_packages_are_found_wherever_they_are(read, path):
    assert [each.paths for each in read({path: "Name: x\nVersion: 1\n"})] == [(path,)]


@pytest.mark.parametrize(
    ("lines", "licences"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: old", ("MIT OR Apache-2.0",)),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License", ("BSD License",)),
        (f"License: {'long text ' * 20}", ()),
        ("Classifier: License :: OSI Approved", ()),
    ],
)
def test_licences_of_python_packages_are_names_not_texts(read, lines, licences):
    (package,) = read({f"{SITE}/x.dist-info/METADATA": f"Name: x\r\nVersion: 1\r\n{lines}\r\n\r\nText"})
    assert package.licences == licences


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Name: x\n",
        "Version: 1\n",
        "Name: -x-\nVersion: 1\n",
        "\n\nName: \nVersion: 1",
        "Text\n\nName: x\nVersion: 1",
    ],
)
def test_broken_metadata_of_python_are_a_gap(read, text):
    path = f"{SITE}/x.dist-info/METADATA"
    assert read({path: text}) == (
        Gap(what=path, reason="the metadata of this Python package have no valid name and version"),
    )


def test_a_package_that_is_there_twice_is_one_with_two_paths(read):
    paths = (f"opt/a/{SITE}/x.dist-info/METADATA", f"opt/b/{SITE}/x.dist-info/METADATA")
    (package,) = read(dict.fromkeys(paths, "Name: x\nVersion: 1\n"))
    assert package.paths == paths


def test_a_node_package_has_its_scope_and_licence(read):
    path = "app/node_modules/@babel/core/package.json"
    assert read({path: package_json(name="@babel/core", version="7.0.0", license="MIT")}) == (
        Package(
            name="@babel/core",
            version="7.0.0",
            ecosystem="npm",
            purl="pkg:npm/%40babel/core@7.0.0",
            paths=(path,),
            licences=("MIT",),
        ),
    )


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
    (package,) = read(
        {
            "node_modules/JSONStream/package.json": b"\xef\xbb\xbf"
            + package_json(name="JSONStream", version="1.3.5").encode()
        }
    )
    assert (package.name, package.purl) == ("JSONStream", "pkg:npm/jsonstream@1.3.5")


def test_what_a_distribution_package_owns_is_not_counted_twice(read, tmp_path):
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    owned = ("usr/lib/python3/dist-packages/six-1.16.egg-info", "usr/lib/python3/dist-packages/b.egg-info/PKG-INFO")
    listed = ("/.", "/usr", f"/{owned[0]}", f"/{owned[1].removeprefix('usr/')}", "/usr/lib/node_modules/y/package.json")
    found = read(
        {
            "etc/os-release": "ID=debian\nVERSION_ID=12\n",
            "var/lib/dpkg/status": "Package: python3-six\nStatus: install ok installed\nVersion: 1.16-4\n",
            "var/lib/dpkg/info/python3-six.list": "\n".join(listed) + "\n",
            owned[0]: "Name: six\nVersion: 1.16\n",
            owned[1]: "broken, but the distribution's",
            "usr/lib/node_modules/y/package.json": package_json(name="y", version="1"),
            f"{SITE}/six-1.17.dist-info/METADATA": "Name: six\nVersion: 1.17\n",
        }
    )
    assert [(each.ecosystem, each.name, each.version) for each in found] == [
        ("Debian:12", "python3-six", "1.16-4"),
        ("PyPI", "six", "1.17"),
    ]


def test_what_languages_that_are_not_read_yet_brought_is_a_gap_each(read):
    found = read(
        {
            "opt/app/b.jar": "x",
            "opt/app/a.war": "x",
            "srv/shop/vendor/composer/installed.json": "[]",
            "srv/app.deps.json": "{}",
            "usr/lib/ruby/specifications/rake-13.0.gemspec": "x",
            "opt/app/jar": "not one",
        }
    )
    assert sorted((gap.what, gap.reason.split()[3]) for gap in found) == [
        ("opt/app/a.war and 1 more", "Java"),
        ("srv/app.deps.json", ".NET"),
        ("srv/shop/vendor/composer/installed.json", "PHP"),
        ("usr/lib/ruby/specifications/rake-13.0.gemspec", "Ruby"),
    ]


def test_a_java_archive_of_a_distribution_package_is_no_gap(read):
    found = read(
        {
            "etc/os-release": "ID=debian\nVERSION_ID=12\n",
            "var/lib/dpkg/status": "Package: libasm-java\nStatus: install ok installed\nVersion: 9.4-1\n",
            "var/lib/dpkg/info/libasm-java.list": "/usr/share/java/asm.jar\n",
            "usr/share/java/asm.jar": "x",
        }
    )
    assert [each.name for each in found] == ["libasm-java"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_bytes_are_packages_or_gaps(tmp_path_factory, metadata, package):
    top = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp()))
    for name, data in {"x.dist-info/METADATA": metadata, "node_modules/x/package.json": package}.items():
        (top / name).parent.mkdir(parents=True)
        (top / name).write_bytes(data)
    with open_rootfs(f"rootfs:{top}", top) as rootfs:
        assert all(isinstance(each, Package | Gap) for each in catalogue(rootfs))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.dist-info/METADATA", "Name: x" + " " * 200_000 + "y\n"),
        ("etc/os-release", "ID=" + " " * 60_000 + "'x\n"),
        ("var/lib/dpkg/status", "Package: a" + " " * 1_000_000 + "b\nVersion:" + "\t" * 1_000_000 + "1\n"),
        ("var/lib/dpkg/status", "Package: a\nVersion: 1\nSource: b" + " " * 1_000_000 + "(\n"),
        ("node_modules/" + "tests/node_modules/" * 100 + "x/package.json", "{"),
    ],
)
@pytest.mark.timeout(20)
def test_long_runs_of_one_character_cost_no_more_than_their_length(read, path, text):
    assert read({"var/lib/dpkg/status": "Package: x\nVersion: 1\n"} | {path: text})
