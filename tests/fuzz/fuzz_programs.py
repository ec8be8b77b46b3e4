"""Programs and archives: what they were built from, and the zip format itself."""

import io
import sys
import zipfile
from pathlib import Path

from harness import Target

sys.path.insert(0, str(Path(__file__).parent.parent / "inventory"))

from extracted import Kept
from made_programs import Looked, buildinfo, dep_v0, elf, fat, macho, pe, pointed_buildinfo

from scangate.core.model import Gap, Package
from scangate.inventory.go import Go
from scangate.inventory.java import Java
from scangate.inventory.programs import Programs
from scangate.inventory.rust import Rust
from scangate.inventory.zipapp import Zipapp
from scangate.rootfs.reading import MAX_EXTRACT
from scangate.rootfs.zip import Budget, Zip
from scangate.rootfs.zip_directory import ZipError

LISTED = 'path\texample.com/a\nmod\texample.com/a\t(devel)\t\ndep\tgithub.com/b/C\tv1.2.3\th1:x=\n=>\t./c\t(devel)\t\nbuild\t-ldflags="-X main.version=1.2.3"\n'  # noqa: E501
INFO = buildinfo("go1.19.8", LISTED)
CRATES = dep_v0({"name": "time", "version": "0.1.44", "source": "crates.io"})
POM = "version=2.14.1\ngroupId=org.apache.logging.log4j\nartifactId=log4j-core\n"
XML = "<project xmlns='x'><parent><groupId>a.b</groupId><version>1</version></parent><artifactId>c</artifactId><licenses><license><name>MIT</name></license></licenses></project>"  # noqa: E501


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


INNER = zipped({"a/A.class": b"", "META-INF/maven/a.b/c/pom.xml": XML}, zipfile.ZIP_STORED)
MANIFEST = "Manifest-Version: 1.0\r\nImplementation-Vendor-Id: org.example.lo\r\n ng\r\nBundle-SymbolicName: org.x.my-lib\r\nBundle-License: MIT;link=x\r\n\r\n"  # noqa: E501
JARS = (
    zipped({"META-INF/maven/a/b/pom.properties": POM, "META-INF/MANIFEST.MF": MANIFEST, "x.class": b""}),
    zipped({"META-INF/MANIFEST.MF": MANIFEST, "x.class": b""}, zipfile.ZIP_STORED),
    zipped({"lib/x-1.jar": INNER, "META-INF/maven/a/b/pom.xml": XML}, zipfile.ZIP_STORED),
)
PYTHON = (
    zipped({"x-1.dist-info/METADATA": "Name: x\nVersion: 1\nLicense: MIT\n\nx"}),
    b"#!/usr/bin/python\n" + zipped({"y.egg-info": "Name: y\nVersion: 2\n"}, zipfile.ZIP_STORED),
)


def both(extractor, path: str):
    """Extract, and then read what was kept; and read what a damaged cache might hold."""

    def run(data: bytes) -> None:
        kept = extractor.extract(path, Looked(data))
        assert len(kept) <= MAX_EXTRACT
        for each in (kept, data):
            items = list(extractor.read(Kept(each)))
            assert all(isinstance(item, Package | Gap) for item in items)

    return run


def unzip(data: bytes) -> None:
    opened = Zip(io.BytesIO(data), Budget(unpacked=2**22))
    for entry in opened.entries(lambda _name: True):
        assert len(opened.read(entry, 2**20)) <= 2**20


GO = (
    elf({".go.buildinfo": INFO}),
    elf({".go.buildinfo": INFO}, named=False),
    elf({".go.buildinfo": INFO}, wide=False, little=False),
    elf({".go.buildinfo": pointed_buildinfo("go1.17", LISTED, base=0x400000, at=128)}),
    pe({".data": INFO}),
    macho({"__go_buildinfo": INFO}),
    fat(macho({"__go_buildinfo": INFO})),
    Go().extract("x", Looked(elf({".go.buildinfo": INFO}))),
)
RUST = (
    elf({".dep-v0": CRATES}),
    pe({".dep-v0": CRATES}),
    macho({".dep-v0": CRATES}),
    elf({".comment": b"rustc version 1.80"}),
    Rust().extract("x", Looked(elf({".dep-v0": CRATES}))),
)
PROGRAMS = (
    elf({".rodata": b"\0/3.11.2\0 3.11.7\0git/2.1.1\0"}),
    elf({".rodata": b"\x007.0.15\0c11-builtin\0"}),
    b'{"name":"python","version":"3.11.2"}',
)

TARGETS = (
    Target("go build info", GO, both(Go(), "bin/app")),
    Target("rust crates", RUST, both(Rust(), "bin/app")),
    Target("java archive", (*JARS, Java().extract("x.jar", Looked(JARS[2]))), both(Java(), "lib/my-lib-1.0.jar")),
    Target("python archive", (*PYTHON, Zipapp().extract("x.pex", Looked(PYTHON[0]))), both(Zipapp(), "bin/app.pex")),
    Target("well-known program", PROGRAMS, both(Programs(), "bin/python3.11")),
    Target("zip", (*JARS, *PYTHON), unzip, (ZipError,)),
)
