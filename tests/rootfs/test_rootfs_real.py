"""The same small image, made by umoci and skopeo, in all its forms."""

import shutil
import subprocess

import pytest

from scangate.inventory import READING, catalogue
from scangate.rootfs import open_rootfs

STATUS = """Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u4

Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.11-1~deb12u2
"""
FILES = {
    "etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
    "var/lib/dpkg/status": STATUS,
    "usr/local/lib/python3.11/site-packages/Django-3.2.dist-info/METADATA": "Name: Django\nVersion: 3.2\n\n",
    "app/node_modules/@babel/core/package.json": '{"name": "@babel/core", "version": "7.0.0"}',
    "tmp/" + "long-name" * 20: "x",
}


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True, timeout=120)


@pytest.fixture
def layout(tmp_path):
    for tool in ("umoci", "skopeo"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    bundle, image = tmp_path / "bundle", f"{tmp_path}/layout:base"
    run("umoci", "init", "--layout", str(tmp_path / "layout"))
    run("umoci", "new", "--image", image)
    run("umoci", "unpack", "--image", image, str(bundle))
    for step in range(2):  # two layers: the second upgrades a package and removes a file
        for name, text in FILES.items():
            path = bundle / "rootfs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("deb12u4", "deb12u13") if step else text)
        (bundle / "rootfs" / "lib").unlink(missing_ok=True)
        (bundle / "rootfs" / "lib").symlink_to("usr/local/lib")
        gone = bundle / "rootfs" / "gone-1.dist-info"
        shutil.rmtree(gone) if step else gone.mkdir()
        if not step:
            (gone / "METADATA").write_text("Name: gone\nVersion: 1\n\n")
        run("umoci", "repack", "--refresh-bundle", "--image", image, str(bundle))
    return tmp_path / "layout"


@pytest.mark.real
def test_every_form_of_a_real_image_gives_the_same_packages(layout, tmp_path):
    copies = {
        "oci-archive": f"oci-archive:{tmp_path}/oci.tar:base",
        "docker-archive": f"docker-archive:{tmp_path}/docker.tar:localhost/local/base:1",
    }
    for target in copies.values():
        run("skopeo", "copy", "--insecure-policy", f"oci:{layout}:base", target)
    run(
        "skopeo",
        "copy",
        "--insecure-policy",
        "--dest-compress-format",
        "zstd",
        "--dest-compress",
        f"oci:{layout}:base",
        f"oci:{tmp_path}/zstd:base",
    )
    found = {}
    for address in (
        f"oci-layout:{layout}:base",
        f"oci-layout:{tmp_path}/zstd",
        "oci-archive:oci.tar",
        "docker-archive:docker.tar",
    ):
        with open_rootfs(address, tmp_path) as rootfs:
            assert len(rootfs.layers) == 2
            found[address] = catalogue(rootfs.files(READING))
    first, *others = found.values()
    assert all(each == first for each in others)
    purls = {
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u13?arch=amd64&distro=debian-12": 1,
        "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12": 0,
        "pkg:npm/%40babel/core@7.0.0": 0,
        "pkg:pypi/django@3.2": 0,
    }
    assert {each.purl: [layer.digest for layer in rootfs.layers].index(each.layer) for each in first} == purls
    with open_rootfs(f"rootfs:{tmp_path}/bundle/rootfs", tmp_path) as rootfs:
        assert {each.purl for each in catalogue(rootfs.files(READING))} == set(purls)
