import made_images as made
import pytest
from made_distributions import found

from scangate.core.model import Gap
from scangate.inventory.unread import Unread

WOLFI = made.file("etc/os-release", 'ID=wolfi\nPRETTY_NAME="Wolfi"\n')


@pytest.mark.parametrize(
    "path", ["var/db/pkg/sys-libs/glibc-2.38/PF", "var/lib/chisel/manifest.wall", "nix/store/x/bin/y"]
)
def test_packages_that_are_not_read_are_a_gap(tmp_path, path):
    (gap,) = found(Unread(), tmp_path, (WOLFI, made.file(path, "x")))
    assert path.startswith(gap.what)
    assert "not read by this version" in gap.reason


def test_a_distribution_whose_list_of_packages_is_gone_is_a_gap(tmp_path):
    kept = (WOLFI, made.file("usr/lib/apk/db/installed", "P:a\nV:1\n\n"))
    assert found(Unread(), tmp_path, kept) == []
    assert found(Unread(), tmp_path, kept, (made.file("usr/lib/apk/db/.wh.installed"),)) == [
        Gap(
            what="etc/os-release",
            reason="it says Wolfi, but there is no list of its packages: they are not known",
        )
    ]


@pytest.mark.parametrize(
    "path",
    [
        "var/lib/dpkg/status",
        "var/lib/dpkg/status.d/base",
        "var/lib/dpkg/info/a.list",
        "lib/apk/db/installed",
        "var/lib/rpm/Packages",
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
        "var/lib/rpmmanifest/container-manifest-2",
        "var/lib/pacman/local/a-1-1/desc",
        "usr/lib/opkg/status",
    ],
)
def test_lists_that_other_catalogues_read_are_none(tmp_path, path):
    assert found(Unread(), tmp_path, (WOLFI, made.file(path, "x"))) == []


def test_a_filesystem_that_says_nothing_of_a_distribution_lacks_nothing(tmp_path):
    assert found(Unread(), tmp_path, (made.file("app", "x"),)) == []
