import shutil
import sqlite3
import struct
import subprocess
from pathlib import Path

import made_images as made
import pytest
from made_distributions import RECORDINGS, Bytes, found, header, ndb, owned, reading, recorded, sqlite

from scangate.core.model import Gap, Package
from scangate.inventory.rpm import Rpm, bdb
from scangate.inventory.rpm import ndb as ndb_file
from scangate.inventory.rpm import sqlite as sqlite_file
from scangate.inventory.rpm.header import Header
from scangate.rootfs import open_rootfs

SQLITE = "var/lib/rpm/rpmdb.sqlite"
NDB = "usr/lib/sysimage/rpm/Packages.db"
BDB = "var/lib/rpm/Packages"
RHEL = made.file("etc/os-release", 'NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="9.3"\n')
DATABASES = [
    pytest.param("rpmdb.sqlite", SQLITE, id="sqlite"),
    pytest.param("Packages.db", NDB, id="ndb"),
    pytest.param("Packages", BDB, id="bdb"),
]


def listed():
    """What rpm itself said of the recorded databases, but for the key among the packages."""
    lines = (RECORDINGS / "rpm/packages.tsv").read_text().splitlines()
    rows = [line.replace("(none)", "").split("\t") for line in lines if not line.startswith("gpg-pubkey")]
    return sorted(
        (name, version.removeprefix("0:"), licence) for name, version, _arch, _source, licence, _module in rows
    )


@pytest.mark.parametrize(("recording", "path"), DATABASES)
def test_all_three_kinds_of_database_hold_the_packages_that_rpm_lists(tmp_path, recording, path):
    packages = found(Rpm(), tmp_path, (RHEL, made.file(path, recorded(recording))))
    assert all(isinstance(each, Package) for each in packages)
    assert sorted((each.name, each.version, *each.licences) for each in packages) == listed()
    assert len(packages) == 8


def test_a_package_has_its_source_purl_layer_and_path(tmp_path):
    layer = (RHEL, made.file(SQLITE, recorded("rpmdb.sqlite")))
    packages = {each.name: each for each in found(Rpm(), tmp_path, layer)}
    assert packages["openssl-libs"] == Package(
        name="openssl-libs",
        version="1:3.0.7-27.el9_4",
        ecosystem="Red Hat:9",
        purl="pkg:rpm/redhat/openssl-libs@3.0.7-27.el9_4?arch=noarch&distro=rhel-9.3&epoch=1",
        source="openssl",
        source_version="1:3.0.7-27.el9_4",
        layer=made.digest(made.tar(*layer)),
        paths=(SQLITE,),
        licences=("Apache-2.0",),
    )
    assert "rpmmod=nodejs:18:9030020231218101111:rhel9" in packages["nodejs"].purl
    assert packages["bare-pkg"].version == "2.0~rc1-1"


def test_the_epoch_of_a_source_package_is_that_of_the_packages_which_have_its_version(tmp_path):
    """perl-Carp 1.50 has no epoch, but is built from perl 4:5.32.1; only other packages of perl say so."""
    packages = {each.name: each for each in found(Rpm(), tmp_path, (RHEL, made.file(NDB, recorded("Packages.db"))))}
    assert packages["perl-Carp"].version == "1.50-481.el9"
    assert packages["perl-Carp"].source == "perl"
    assert packages["perl-Carp"].source_version == "4:5.32.1-481.el9"


@pytest.mark.parametrize(("recording", "path"), DATABASES)
def test_files_belong_to_the_package_that_lists_them(tmp_path, recording, path):
    paths = {
        "usr/bin/openssl",
        "usr/bin/other",
        "usr/lib/python3.9/site-packages/six-1.15.0-py3.9.egg-info/PKG-INFO",
        "usr/local/lib/python3.9/site-packages/six-1.15.0-py3.9.egg-info/PKG-INFO",
        "usr/share/many/3/a-file-with-a-long-name-003.txt",
    }
    assert owned(Rpm(), tmp_path, paths, (made.file(path, recorded(recording)),)) == {
        each for each in paths if "other" not in each and "local" not in each
    }


def test_files_belong_to_a_package_that_knows_them_by_an_older_name(tmp_path):
    database = ndb([header(files=["/lib/x/a.py", "/usr/sbin/tool"])])
    layer = (made.link("lib", "usr/lib"), made.folder("usr/lib"), made.link("usr/sbin", "bin"), made.folder("usr/bin"))
    paths = {"usr/lib/x/a.py", "usr/bin/tool", "usr/lib/x/b.py"}
    assert owned(Rpm(), tmp_path, paths, (*layer, made.file(NDB, database))) == {"usr/lib/x/a.py", "usr/bin/tool"}


def test_what_lies_in_the_write_ahead_log_counts(tmp_path):
    """The recorded log removes bare-pkg from the recorded database."""
    database, log = recorded("rpmdb.sqlite"), recorded("rpmdb.sqlite-wal")
    packages = found(Rpm(), tmp_path, (made.file(SQLITE, database), made.file(f"{SQLITE}-wal", log)))
    names = {each.name for each in packages if isinstance(each, Package)}
    assert names == {name for name, _version, _licence in listed()} - {"bare-pkg"}


def test_a_log_that_was_not_finished_does_not_count(tmp_path):
    database, log = recorded("rpmdb.sqlite"), recorded("rpmdb.sqlite-wal")
    frames = range(32, len(log) - 24 - 4096 + 1, 24 + 4096)
    first = next(at for at in frames if struct.unpack_from(">I", log, at + 4)[0])  # the first commit
    packages = found(Rpm(), tmp_path, (made.file(SQLITE, database), made.file(f"{SQLITE}-wal", log[:first])))
    assert "bare-pkg" in {each.name for each in packages if isinstance(each, Package)}


def test_the_layer_of_a_package_is_the_one_since_which_it_is_there_at_this_version(tmp_path):
    lists = [
        [header("kept"), header("upgraded", "1"), header("back", "1"), header("gone")],
        [header("kept"), header("upgraded", "2"), header("back", "2")],
        [header("kept"), header("upgraded", "2"), header("back", "1"), header("added")],
    ]
    layers = [(made.file(NDB, ndb(each)),) for each in lists]
    digests = [made.digest(made.tar(*each)) for each in layers]
    packages = [each for each in found(Rpm(), tmp_path, *layers) if isinstance(each, Package)]
    assert {each.name: digests.index(each.layer) for each in packages} == {
        "kept": 0,
        "upgraded": 1,
        "back": 2,
        "added": 2,
    }


def test_a_package_may_be_there_in_several_versions(tmp_path):
    database = ndb([header("kernel", "5.14.0", "1"), header("kernel", "5.14.0", "2")])
    packages = found(Rpm(), tmp_path, (RHEL, made.file(NDB, database)))
    assert [each.version for each in packages] == ["5.14.0-1", "5.14.0-2"]


def test_a_database_that_two_folders_lead_to_is_read_once(tmp_path):
    layer = (RHEL, made.link("var/lib/rpm", "../../usr/lib/sysimage/rpm"), made.file(NDB, ndb([header()])))
    assert [each.paths for each in found(Rpm(), tmp_path, layer)] == [(NDB,)]


def test_of_two_databases_in_a_folder_the_newer_kind_counts_and_the_other_is_a_gap(tmp_path):
    layer = (RHEL, made.file(SQLITE, recorded("rpmdb.sqlite")), made.file(BDB, recorded("Packages")))
    items = found(Rpm(), tmp_path, layer)
    assert [each.what for each in items if isinstance(each, Gap)] == [BDB]
    assert {each.paths for each in items if isinstance(each, Package)} == {(SQLITE,)}


@pytest.mark.parametrize(
    ("identity", "vendor", "ecosystem"),
    [
        ('ID="rhel"\nVERSION_ID="8.9"', "redhat", "Red Hat:8"),
        ('ID="rocky"\nVERSION_ID="9.3"', "rocky", "Rocky Linux:9"),
        ('ID="sles"\nVERSION_ID="15.5"', "suse", "SUSE:15.5"),
        ('ID="opensuse-leap"\nVERSION_ID="15.6"', "opensuse", "openSUSE:Leap 15.6"),
    ],
)
def test_purls_name_the_vendor(tmp_path, identity, vendor, ecosystem):
    layer = (made.file("etc/os-release", identity), made.file(NDB, ndb([header()])))
    (package,) = found(Rpm(), tmp_path, layer)
    assert package.purl.startswith(f"pkg:rpm/{vendor}/a@1-1?")
    assert package.ecosystem == ecosystem


def test_a_distribution_without_advisories_is_a_gap_beside_the_packages(tmp_path):
    fedora = made.file("etc/os-release", 'ID=fedora\nVERSION_ID=41\nPRETTY_NAME="Fedora Linux 41"')
    package, gap = found(Rpm(), tmp_path, (fedora, made.file(NDB, ndb([header()]))))
    assert package.ecosystem == ""
    assert "Fedora Linux 41" in gap.reason


def test_the_manifest_of_a_distroless_image_is_read(tmp_path):
    manifest = "var/lib/rpmmanifest/container-manifest-2"
    lines = [
        "openssl\t3.3.0-2.azl3\t1\t1\tMicrosoft Corporation\t(none)\t1\tx86_64\t0\topenssl-3.3.0-2.azl3.src.rpm",
        "shadow-utils\t4.14.3-1.azl3\t1\t1\tMicrosoft Corporation\t2\t1\tx86_64\t2\tshadow-utils-4.14.3-1.azl3.src.rpm",
        "broken line",
    ]
    layer = (
        made.file("etc/os-release", 'ID=azurelinux\nVERSION_ID="3.0"'),
        made.file(manifest, "\n".join(lines) + "\n"),
    )
    items = found(Rpm(), tmp_path, layer)
    packages = [each for each in items if isinstance(each, Package)]
    assert [(each.name, each.version, each.source) for each in packages] == [
        ("openssl", "3.3.0-2.azl3", "openssl"),
        ("shadow-utils", "2:4.14.3-1.azl3", "shadow-utils"),
    ]
    assert [each.what for each in items if isinstance(each, Gap)] == [f"{manifest}:3", "etc/os-release"]


@pytest.mark.parametrize("broken", [header("bad name!"), header("a", ""), header("a", "1", ""), b"\0\0\0\5", b""])
def test_a_broken_header_is_a_gap_and_the_others_are_read(tmp_path, broken):
    gap, package = found(Rpm(), tmp_path, (RHEL, made.file(NDB, ndb([broken, header("good")]))))
    assert package.name == "good"
    assert gap.what == NDB
    assert "broken" in gap.reason


@pytest.mark.parametrize(("recording", "path"), DATABASES)
@pytest.mark.parametrize("part", [0, 3, 100, 5_000])
def test_a_database_that_is_cut_off_is_a_gap(tmp_path, recording, path, part):
    items = found(Rpm(), tmp_path, (made.file(path, recorded(recording)[:part]),))
    assert path in {each.what for each in items if isinstance(each, Gap)}


def test_pages_that_lead_round_and_round_come_to_an_end():
    """A header of 30 MiB that is one page of 512 bytes over and over."""
    start = struct.pack("<12xIIIxB6xI", 0x061561, 9, 512, 8, 2).ljust(512, b"\0")
    items = struct.pack("<BxxxII", 3, 2, 30 * 2**20) + b"\1\1\0\0\0"
    hashed = (
        struct.pack("<8xIIIHHBBHH", 1, 0, 0, 2, 512 - len(items), 0, 13, 507, 495).ljust(512 - len(items), b"\0")
        + items
    )
    more = struct.pack("<8xIIIHHBB", 2, 0, 2, 1, 486, 0, 7).ljust(512, b"x")
    with pytest.raises(ValueError, match="round"):
        list(bdb.headers(Bytes(start + hashed + more)))


def test_slots_that_hold_more_than_the_file_come_to_an_end():
    data = bytearray(ndb([header()]))
    for at in range(48, 4096, 16):
        data[at : at + 16] = data[32:48]
    with pytest.raises(ValueError, match="more than the file"):
        list(ndb_file.headers(Bytes(bytes(data))))


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 65536])
def test_sqlite_files_hold_what_sqlite_put_into_them(tmp_path, page_size):
    """Records of every length around those at which they overflow a page, and trees of several levels."""
    wanted = [bytes([number % 251]) * (number * 7) for number in range(700)] + [b"x" * 300_000]
    data = sqlite(tmp_path / "db", wanted, page_size)
    assert list(sqlite_file.headers(Bytes(data))) == wanted


def test_the_reader_of_sqlite_agrees_with_sqlite_on_the_recorded_database(tmp_path):
    (tmp_path / "db").write_bytes(recorded("rpmdb.sqlite"))
    connection = sqlite3.connect(tmp_path / "db")
    wanted = [blob for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum")]
    connection.close()
    assert list(sqlite_file.headers(Bytes(recorded("rpmdb.sqlite")))) == wanted


def test_a_database_without_the_table_is_a_gap(tmp_path):
    connection = sqlite3.connect(tmp_path / "db")
    connection.execute("CREATE TABLE other (a)")
    connection.close()
    (gap,) = found(Rpm(), tmp_path, (made.file(SQLITE, (tmp_path / "db").read_bytes()),))
    assert "no table Packages" in gap.reason


def test_berkeley_databases_with_small_pages_are_read():
    names = {Header(each).entry().name for each in bdb.headers(Bytes(recorded("Packages-512")))}
    assert len(names) == 3
    assert names <= {name for name, _version, _licence in listed()}


def test_memory_does_not_grow_with_the_database(tmp_path):
    """What is held at a time is one header and a window, so what comes out of the file is bounded at each read."""

    class Counting(Bytes):
        largest = 0

        def read(self, offset=0, size=None):
            self.largest = max(self.largest, self.size if size is None else size)
            return super().read(offset, size)

    file = Counting(sqlite(tmp_path / "db", [bytes(50_000)] * 400, 4096))
    assert file.size > 20_000_000
    assert sum(len(each) for each in sqlite_file.headers(file)) == 20_000_000
    assert file.largest <= 2**18


@pytest.mark.real
def test_packages_that_rpm_installs_are_found(tmp_path):
    if not shutil.which("rpmbuild") or not shutil.which("rpm"):
        pytest.skip("rpm and rpmbuild are not installed")
    spec = tmp_path / "made.spec"
    spec.write_text(
        "Name: made\nEpoch: 3\nVersion: 1.2\nRelease: 4\nSummary: made\nLicense: MIT\nBuildArch: noarch\n"
        "%description\nmade\n"
        "%package sub\nSummary: sub\n%description sub\nsub\n%install\nmkdir -p %{buildroot}/opt/made\n"
        "echo x > %{buildroot}/opt/made/file\n%files\n/opt/made/file\n%files sub\n"
    )
    run(["rpmbuild", "--quiet", "--define", f"_topdir {tmp_path}/top", "-bb", str(spec)])
    base = ["rpm", "--define", "_db_backend sqlite", "--dbpath", str(tmp_path / "root/var/lib/rpm")]
    run([*base, "--initdb"])
    run([*base, "-i", "--justdb", "--nodeps", *map(str, sorted((tmp_path / "top/RPMS/noarch").glob("*.rpm")))])
    shown = run([*base, "-qa", "--qf", "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{SOURCERPM}\n"])
    with open_rootfs(f"rootfs:{tmp_path}/root", Path("/")) as rootfs:
        files = rootfs.files(reading(Rpm()))
        packages = [each for each in Rpm().read(files) if isinstance(each, Package)]
        assert Rpm().owned(files, {"opt/made/file", "opt/made/other"}) == {"opt/made/file"}
    assert sorted(f"{each.name} {each.version} {each.source}-1.2-4.src.rpm" for each in packages) == sorted(
        shown.splitlines()
    )


@pytest.mark.real
def test_berkeley_databases_that_berkeley_db_writes_are_read(tmp_path):
    if not shutil.which("db5.3_load"):
        pytest.skip("db5.3-util is not installed")
    wanted = [
        header(f"package-{number}", files=[f"/usr/share/{number}/{'x' * (number % 90)}"] * (number % 120))
        for number in range(300)
    ]
    lines = ["VERSION=3", "format=bytevalue", "type=hash", "db_pagesize=4096", "HEADER=END"]
    for number, data in enumerate([struct.pack("<I", len(wanted)), *wanted]):
        lines += [f" {struct.pack('<I', number).hex()}", f" {data.hex()}"]
    run(["db5.3_load", str(tmp_path / "Packages")], "\n".join([*lines, "DATA=END", ""]))
    assert sorted(bdb.headers(Bytes((tmp_path / "Packages").read_bytes()))) == sorted(wanted)


def run(command, text=None):
    return subprocess.run(command, input=text, check=True, capture_output=True, text=True, timeout=60).stdout
