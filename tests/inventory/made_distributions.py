"""What tests of the catalogues of distributions share: they read one image with one catalogue, and headers of RPM."""

import lzma
import sqlite3
import struct
from pathlib import Path

import made_images as made

from scangate.rootfs import open_rootfs
from scangate.rootfs.reading import Reading

RECORDINGS = Path(__file__).parent / "recordings"


def recorded(name):
    """Return a database that RPM's own programs wrote: see recordings/README.md."""
    return lzma.decompress((RECORDINGS / "rpm" / f"{name}.xz").read_bytes())


def image(folder, *layers):
    address = made.oci_layout(folder / f"image{len(list(folder.iterdir()))}", *(made.tar(*each) for each in layers))
    return open_rootfs(address, folder)


def found(catalogue, folder, *layers):
    """Return what a catalogue reads, in order."""
    with image(folder, *layers) as rootfs:
        return list(catalogue.read(rootfs.files(reading(catalogue))))


def owned(catalogue, folder, paths, *layers):
    with image(folder, *layers) as rootfs:
        return catalogue.owned(rootfs.files(reading(catalogue)), paths)


def reading(catalogue):
    extractors = (catalogue,) if hasattr(catalogue, "extract") else ()
    return Reading(name=catalogue.name, version=1, wanted=catalogue.wants, extractors=extractors)


class Bytes:
    """A file of an image, without the image."""

    def __init__(self, data, path="x"):
        self.data = data
        self.path = path
        self.size = len(data)

    def read(self, offset=0, size=None):
        return self.data[offset : None if size is None else offset + size]


def header(name="a", version="1", release="1", **more):
    """Construct a header. `more`: epoch, source, arch, licence, module, and files as whole paths."""
    texts = {
        1000: name,
        1001: version,
        1002: release,
        1014: more.get("licence", "MIT"),
        1022: more.get("arch", "x86_64"),
    }
    texts |= {1044: more.get("source", f"{name}-{version}-{release}.src.rpm"), 5096: more.get("module", "")}
    values = [(tag, 6, 1, text.encode() + b"\0") for tag, text in texts.items() if text]
    if "epoch" in more:
        values.append((1003, 4, 1, struct.pack(">I", more["epoch"])))
    if files := more.get("files"):
        folders = sorted({path.rpartition("/")[0] + "/" for path in files})
        numbers = [folders.index(path.rpartition("/")[0] + "/") for path in files]
        values.append((1116, 4, len(files), struct.pack(f">{len(files)}I", *numbers)))
        values.append((1117, 8, len(files), b"".join(path.rpartition("/")[2].encode() + b"\0" for path in files)))
        values.append((1118, 8, len(folders), b"".join(each.encode() + b"\0" for each in folders)))
    index, store = b"", b""
    for tag, kind, count, data in values:
        store += bytes(-len(store) % 4)
        index += struct.pack(">IIiI", tag, kind, len(store), count)
        store += data
    return struct.pack(">II", len(values), len(store)) + index + store


def sqlite(path, headers, page_size=512):
    """Write rpmdb.sqlite as RPM lays it out, with SQLite itself."""
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA page_size={page_size}")
        connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
        connection.execute("CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
        connection.executemany("INSERT INTO Packages(blob) VALUES (?)", [(each,) for each in headers])
    connection.close()
    return path.read_bytes()


def ndb(headers):
    """Construct Packages.db: a page of slots, and the headers after it."""
    slots, blobs = b"", b""
    for number, data in enumerate(headers, 1):
        size = -(-(16 + len(data) + 12) // 16)
        slots += struct.pack("<4sIII", b"Slot", number, 256 + len(blobs) // 16, size)
        blob = struct.pack("<4sIII", b"BlbS", number, 0, len(data)) + data
        tail = struct.pack("<II4s", 0, len(data), b"BlbE")
        blobs += blob + bytes(size * 16 - len(blob) - len(tail)) + tail
    slots += struct.pack("<4sIII", b"Slot", 0, 0, 0) * (254 - len(slots) // 16)
    return struct.pack("<4sIIIIIII", b"RpmP", 0, 1, 1, len(headers) + 1, 0, 0, 0) + slots + blobs
