"""A hash of Berkeley DB, `Packages` (up to RHEL 8): its pages are looked through one by one, not by key.

Described by dbinc/db_page.h of Berkeley DB. Numbers are in the order of the machine that wrote it.
"""

import struct
from collections.abc import Iterator
from typing import Final

from scangate.inventory.rpm.pages import MAX_HEADER, MAX_HEADERS, Pages, Readable

_MAGIC: Final = 0x061561
_START: Final = 512
_HASH_PAGES: Final = frozenset({2, 13})
"""Unsorted as written before version 4.6, and sorted."""
_OVERFLOW_PAGE: Final = 7
_HEAD: Final = 26
"""Bytes before a page's items: 16 its next page, 20 how many items, 22 where they begin, 25 what kind of page it is."""
_INLINE: Final = 1
_OFF_PAGE: Final = 3
_SIZES: Final = frozenset(2**power for power in range(9, 17))
_KEY: Final = 5
"""Bytes of a key: its kind and the package's number. Number 0 holds the highest number, not a package."""
_REFERENCE: Final = 12
"""Bytes of an item that lies on other pages: its kind, from 4 on the first of them and its length."""


def headers(file: Readable) -> Iterator[bytes]:
    """Yield each package's header. Raises ValueError where the file is broken."""
    start = file.read(0, _START)
    if len(start) < _START:
        raise ValueError("it is cut off")
    order = next((each for each in "<>" if struct.unpack_from(f"{each}I", start, 12)[0] == _MAGIC), "")
    if not order:
        raise ValueError("it is not a hash of Berkeley DB")
    (size,) = struct.unpack_from(f"{order}I", start, 20)
    if size not in _SIZES:
        raise ValueError(f"its pages have {size} bytes")
    if start[24]:
        raise ValueError("it is encrypted")
    (last,) = struct.unpack_from(f"{order}I", start, 32)
    pages = Pages(file, size)
    if last >= pages.count:
        raise ValueError("it is cut off")
    count = 0
    for number in range(1, pages.count):
        page = pages.take(number)
        if page[25] not in _HASH_PAGES:
            continue
        for header in _items(pages, page, order):
            count += 1
            if count > MAX_HEADERS:
                raise ValueError(f"it has more than {MAX_HEADERS} packages")
            yield header


def _items(pages: Pages, page: bytes, order: str) -> Iterator[bytes]:
    """Yield the values of a page. Its items lie from its end towards its start: a key, its value, and so on."""
    (count,) = struct.unpack_from(f"{order}H", page, 20)
    if _HEAD + 2 * count > len(page):
        raise ValueError("a page is broken")
    offsets = struct.unpack_from(f"{order}{count}H", page, _HEAD)
    ends = (len(page), *offsets)
    for index in range(1, count, 2):
        start, end = offsets[index - 1], ends[index - 1]
        if end - start != _KEY or not any(page[start + 1 : end]):
            continue
        start, end = offsets[index], start
        kind = page[start] if start < end else 0
        if kind == _INLINE:
            yield page[start + 1 : end]
        elif kind == _OFF_PAGE and end - start >= _REFERENCE:
            first, size = struct.unpack_from(f"{order}II", page, start + 4)
            yield _overflow(pages, first, size, order)
        else:
            raise ValueError("an item of a page is broken")


def _overflow(pages: Pages, number: int, size: int, order: str) -> bytes:
    if size > MAX_HEADER:
        raise ValueError(f"a header has {size} bytes: at most {MAX_HEADER} are read")
    parts: list[bytes] = []
    left = size
    while left > 0:
        page = pages.take(number)
        if page[25] != _OVERFLOW_PAGE:
            raise ValueError("a header goes on where there is none")
        (number,) = struct.unpack_from(f"{order}I", page, 16)
        (used,) = struct.unpack_from(f"{order}H", page, 22)
        part = page[_HEAD : _HEAD + used][:left]
        if not part:
            raise ValueError("a page of a header is empty")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
