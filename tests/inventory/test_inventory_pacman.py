import shutil
import subprocess

import made_images as made
import pytest
from made_distributions import RECORDINGS, found, owned, reading

from scangate.core.model import Gap, Package
from scangate.inventory.pacman import Pacman
from scangate.rootfs import open_rootfs

LOCAL = "var/lib/pacman/local"
ARCH = made.file("etc/os-release", 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\n')


def recorded():
    """The folders that pacman 6.0.2 wrote: see recordings/README.md."""
    for folder, name in (("openssl", "openssl-1:3.2.0-1"), ("python-six", "python-six-1.16.0-9")):
        for file in ("desc", "files"):
            yield made.file(f"{LOCAL}/{name}/{file}", (RECORDINGS / "pacman" / folder / file).read_bytes())


def test_a_package_has_its_source_purl_licence_layer_and_path(tmp_path):
    layer = (ARCH, *recorded())
    *packages, gap = found(Pacman(), tmp_path, layer)
    assert packages == [
        Package(
            name="openssl",
            version="1:3.2.0-1",
            ecosystem="",
            purl="pkg:alpm/arch/openssl@1:3.2.0-1?arch=x86_64&distro=arch",
            source="openssl",
            source_version="1:3.2.0-1",
            layer=made.digest(made.tar(*layer)),
            paths=(f"{LOCAL}/openssl-1:3.2.0-1/desc",),
            licences=("Apache-2.0",),
        ),
        Package(
            name="python-six",
            version="1.16.0-9",
            ecosystem="",
            purl="pkg:alpm/arch/python-six@1.16.0-9?arch=any&distro=arch",
            source="python-six",
            source_version="1.16.0-9",
            layer=made.digest(made.tar(*layer)),
            paths=(f"{LOCAL}/python-six-1.16.0-9/desc",),
            licences=("MIT", "custom:PSF"),
        ),
    ]
    assert "Arch Linux is not a release that OSV has advisories for" in gap.reason


def test_files_belong_to_the_package_that_lists_them(tmp_path):
    mine = "usr/lib/python3.12/site-packages/six-1.16.0.dist-info/METADATA"
    assert owned(Pacman(), tmp_path, {mine, "usr/lib/other"}, tuple(recorded())) == {mine}


@pytest.mark.parametrize("text", [b"", b"%NAME%\n\n", b"%NAME%\na b\n\n%VERSION%\n1\n", b"\0\xff", b"%%\n%NAME\n"])
def test_a_broken_package_is_a_gap(tmp_path, text):
    path = f"{LOCAL}/a-1-1/desc"
    (gap,) = found(Pacman(), tmp_path, (ARCH, made.file(path, text)))
    assert gap == Gap(what=path, reason="this package has no valid name and version")


def test_only_the_folders_of_packages_are_wanted():
    wants = Pacman().wants
    assert wants(f"{LOCAL}/a-1-1/desc")
    assert wants(f"{LOCAL}/a-1-1/files")
    assert not wants(f"{LOCAL}/a-1-1/mtree")
    assert not wants(f"{LOCAL}/desc")
    assert not wants(f"{LOCAL}/a/b/desc")


@pytest.mark.real
def test_packages_that_pacman_installs_are_found(tmp_path):
    if not shutil.which("pacman") or not shutil.which("bsdtar"):
        pytest.skip("pacman and bsdtar are not installed")
    root = tmp_path / "root"
    home = root / "var/lib/pacman"
    home.mkdir(parents=True)
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr/file").write_text("x")
    (tmp_path / ".PKGINFO").write_text(
        "pkgname = made\npkgbase = made-base\npkgver = 2:1.0-3\npkgdesc = made\nsize = 1\narch = any\nlicense = MIT\n"
    )
    (tmp_path / "conf").write_text("[options]\nSigLevel = Never\nArchitecture = x86_64\n")
    run(tmp_path, "bsdtar", "-czf", "made.pkg.tar.gz", ".PKGINFO", "usr")
    base = ("pacman", "--config", "conf", "--root", str(root), "--dbpath", str(home), "--noconfirm")
    run(tmp_path, *base, "--logfile", "log", "-Udd", "made.pkg.tar.gz")
    with open_rootfs("rootfs:root", tmp_path) as rootfs:
        files = rootfs.files(reading(Pacman()))
        package = next(each for each in Pacman().read(files) if isinstance(each, Package))
        assert Pacman().owned(files, {"usr/file", "usr/other"}) == {"usr/file"}
    assert (package.name, package.version, package.source) == ("made", "2:1.0-3", "made-base")


def run(folder, *command):
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
