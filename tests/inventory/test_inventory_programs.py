"""Well-known programs, by the version they tell."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from extracted import DAMAGED, Kept, extracted, named
from made_programs import Looked, elf

from scangate.core.model import Confidence, Gap, Package
from scangate.inventory.programs import Programs
from scangate.inventory.programs.known import BEGINNINGS, KNOWN

# The texts are those that the programs of Debian 12 (redis 6, node 20, postgres 16: of other builds) have in them.
TEXTS = {
    "node": ("node", b"/json\0node.js/v20.20.2\0(delegate_) != nullptr\0", "20.20.2"),
    "libnode.so.108": ("node", b"/json\0node.js/v18.20.4\0(delegate_)", "18.20.4"),
    "python3.11": ("python", b"pymalloc_debug\x003.11.2\0strict\0<prefix>/lib/pythonX.X\0", "3.11.2"),
    "libpython3.6m.so.1.0": ("python", b"\0/Python-3.6.15\0./Modules/getbuildinfo.c\0", "3.6.15"),
    "libpython2.7.so.1.0": ("python", b"/Python-2.7.18\0./Modules\0", "2.7.18"),
    "nginx": ("nginx", b'invalid option: "%c"\0nginx version: nginx/1.22.1\n\0', "1.22.1"),
    "openresty": ("openresty", b"\0nginx version: openresty/1.25.3.1\n\0", "1.25.3"),
    "apache2": ("apache", b"mailto:\0Apache/2.4.71\0 Server at\0", "2.4.71"),
    "httpd": ("apache", b"\0Apache/2.4.57 (Unix)\0", "2.4.57"),
    "haproxy": ("haproxy", b"HAProxy version \0\0 version 2.6.12-1+deb12u4, released 2026/10/17\n\0", "2.6.12"),
    "varnishd": ("varnish", b"\0varnish-7.1.1 revision 7cee1c581bead20e88d101ab3d72afb29f14d87a\0", "7.1.1"),
    "redis-server": ("redis", b"\0upstart\0err\x007.0.15\0c11-builtin\0shutdown_in_milliseconds:%I\r\n\0", "7.0.15"),
    "redis-check-rdb": ("redis", b"\x006.2.5\0atomic-builtin\0", "6.2.5"),
    "valkey-server": ("valkey", b"\x008.0.1\0c11-builtin\0", "8.0.1"),
    "memcached": ("memcached", b"listen\0memcached 1.6.18\0udp-port\0", "1.6.18"),
    "mariadbd": ("mariadb", b"example 10.1.1-MariaDB-mariadb1precise.\0-0+deb12u1\x0010.11.19-MariaDB\0", "10.11.19"),
    "postgres": ("postgresql", b"\0postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n\0", "15.20"),
    "php8.2": ("php", b"%s,%s\0X-Powered-By: PHP/8.2.36\0ZEND_MM_MAX_ALLOCS", "8.2.36"),
    "libruby-3.1.so.3.1.2": ("ruby", b"\0ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux]\0", "3.1.2"),
    "libsqlite3.so.0.8.6": ("sqlite", b"\x08\0\0\x003.40.1\0\0", "3.40.1"),
    "lua5.4": ("lua", b"\0$LuaVersion: Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio $", "5.4.4"),
    "git": ("git", b"git/config\0git/2.39.5\0GIT_USER_AGENT\0", "2.39.5"),
    "libcrypto.so.3": ("openssl", b"@\0OpenSSL 3.0.22 25 Aug 2026\x003.0.22\0", "3.0.22"),
    "openssl": ("openssl", b"\0OpenSSL 1.1.1w  11 Sep 2023\0", "1.1.1w"),
    "libcurl.so.4.8.0": ("curl", b"/\0libcurl/7.88.1\0zlib/%s\0", "7.88.1"),
    "curl": ("curl", b"Accept: application/json\0curl/7.88.1\0", "7.88.1"),
    "busybox": ("busybox", b"out of memory\0BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1)\0", "1.35.0"),
    "bash": ("bash", b"\0@(#)Bash version 5.2.15(1) release GNU\0", "5.2.15"),
    "perl": ("perl", b"PERL_INTERNAL_RAND_SEED\0v5.36.0\0panic: sysconf", "5.36.0"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_program_is_known_by_its_name_and_the_version_in_it(tmp_path, name):
    program, text, version = TEXTS[name]
    advised = next(each.advised for each in KNOWN if each.name == program)
    (package,) = extracted(tmp_path, {f"opt/x/{name}": elf({".rodata": b"\0" * 5000 + text})}, Programs(), mode=0o644)
    assert (package.name, package.version, package.purl) == (program, version, f"pkg:generic/{program}@{version}")
    assert package.ecosystem == ("Bitnami" if advised else "")
    assert package.confidence is Confidence.FIRM


def test_every_program_of_the_table_has_a_text_here():
    assert {each.name for each in KNOWN} == {program for program, _text, _version in TEXTS.values()}
    assert all(name.startswith(BEGINNINGS) for name in TEXTS)

    assert all(any(each.files.fullmatch(name) for each in KNOWN) for name in TEXTS)


def test_every_name_with_advisories_is_one_of_bitnamis(shared):
    archive = shared / "advisories" / "osv" / "Bitnami" / "all.zip"
    ours = {each.name for each in KNOWN if each.advised}
    names = {
        name.rpartition("/")[2].split("-20")[0].removeprefix("BIT-") for name in zipfile.ZipFile(archive).namelist()
    }
    assert ours - names == set()


def test_a_large_program_of_a_known_name_that_tells_no_version_is_a_gap(tmp_path):
    files = {"usr/sbin/nginx": elf({".rodata": b"\0" * 2**20}), "usr/bin/ruby": elf({".rodata": b"\0" * 20_000})}
    reason = "by its name it is a well-known program, but it does not tell its version"
    assert named(extracted(tmp_path, files, Programs())) == [("usr/sbin/nginx", reason)]


def test_other_files_of_these_names_are_nothing(tmp_path):
    text = b"#!/bin/sh\nnode.js/v20.20.2\0" + b"#" * 5000
    files = {
        "usr/bin/node": text,
        "etc/nginx": text,
        "usr/bin/nodemon": elf({".rodata": b"\0" * 5000 + TEXTS["node"][1]}),
    }
    assert extracted(tmp_path, files, Programs()) == []


def test_a_program_full_of_beginnings_costs_no_more_than_some_of_them(tmp_path):
    program = elf({".rodata": b"git/x" * 400_000})
    assert len(extracted(tmp_path, {"bin/git": program}, Programs())) == 1


def test_what_a_damaged_cache_holds_is_a_gap():
    found = list(Programs().read(Kept(*DAMAGED)))
    assert not any(isinstance(each, Package) for each in found)
    assert len(found) == len(DAMAGED)
    assert all(isinstance(each, Gap) for each in found)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "arguments", "before"),
    [
        ("node", ["--version"], "v"),
        ("openssl", ["version"], "OpenSSL "),
        ("git", ["--version"], "git version "),
        ("bash", ["--version"], "GNU bash, version "),
        ("perl", ["-e", "print $^V"], "v"),
        ("curl", ["--version"], "curl "),
        ("busybox", ["--help"], "BusyBox v"),
    ],
)
def test_a_real_program_tells_the_same_when_asked(name, arguments, before):
    if not (found := shutil.which(name, path="/usr/bin:/bin")):
        pytest.skip(f"{name} is not installed")
    told = subprocess.run([found, *arguments], capture_output=True, text=True, check=True).stdout
    path = Path(found).resolve()
    kept = Programs().extract(str(path), Looked(path.read_bytes())).decode()
    version = kept.partition('"version":"')[2].rstrip('"}')
    assert version
    assert told.startswith(f"{before}{version}")
