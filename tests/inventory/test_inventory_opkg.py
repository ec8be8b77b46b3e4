import made_images as made
from made_distributions import found, owned

from scangate.core.model import Gap, Package
from scangate.inventory.opkg import Opkg

STATUS = "usr/lib/opkg/status"
OPENWRT = made.file(
    "etc/os-release", 'NAME="OpenWrt"\nID="openwrt"\nVERSION_ID="23.05.3"\nPRETTY_NAME="OpenWrt 23.05.3"\n'
)
TEXT = """Package: libc
Version: 1.2.4-4
Depends: libgcc1
Status: install hold installed
Architecture: x86_64
Installed-Time: 1700000000

Package: gone
Version: 1-1
Status: deinstall ok not-installed
Architecture: x86_64

"""


def test_packages_of_opkg_are_read_beside_a_gap_for_their_advisories(tmp_path):
    package, gap = found(Opkg(), tmp_path, (OPENWRT, made.file(STATUS, TEXT)))
    assert isinstance(package, Package)
    assert package.purl == "pkg:opkg/openwrt/libc@1.2.4-4?arch=x86_64&distro=openwrt-23.05.3"
    assert package.paths == (STATUS,)
    assert isinstance(gap, Gap)
    assert "OpenWrt 23.05.3" in gap.reason


def test_files_belong_to_the_package_that_lists_them(tmp_path):
    lists = made.file("usr/lib/opkg/info/libc.list", "/lib/libc.so\n/usr/bin/tool\t0100755\n")
    paths = {"lib/libc.so", "usr/bin/tool", "usr/bin/other"}
    assert owned(Opkg(), tmp_path, paths, (lists,)) == paths - {"usr/bin/other"}
