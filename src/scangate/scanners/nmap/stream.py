"""A large XML document from outside, read as it comes.

It holds what attackers wrote, so entities are refused, and size and depth have a limit.
"""

import io
from collections.abc import Iterator
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from scangate.errors import ScanError

MAX_XML: Final = 512 * 2**20
"""Bytes read of one report: several times what nmap writes for 65,536 hosts."""
MAX_DEPTH: Final = 60
"""Elements inside each other; nmap's scripts stay under ten."""


def children(source: bytes | IO[bytes], root_tag: str, head: dict[str, str]) -> Iterator[Element]:
    """Give each child of the root once its end has come, then forget it. `head` gets the root's attributes.

    A document that stops early gives what it holds. Raises ScanError for another root, entities, or a limit passed.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    depth = 0
    root: Element | None = None
    try:
        # nmap writes a DOCTYPE; it is the entities inside one that are dangerous.
        for event, element in iterparse(
            _Bounded(stream), events=("start", "end"), forbid_dtd=False, forbid_entities=True, forbid_external=True
        ):
            if event == "end":
                depth -= 1
                if depth == 1 and root is not None:
                    yield element
                    root.clear()
                continue
            depth += 1
            if root is None:
                if element.tag != root_tag:
                    raise ScanError(f"this is not a report of nmap: its root is <{element.tag[:40]}>")
                root = element
                head.update(element.attrib)
            elif depth > MAX_DEPTH:
                raise ScanError(f"nmap's report is refused: more than {MAX_DEPTH} elements inside each other")
    except ParseError:
        return  # it stops early: what arrived counts
    except DefusedXmlException as error:
        raise ScanError(f"nmap's report is refused: it declares entities ({type(error).__name__})") from None
    except (ValueError, LookupError) as error:
        raise ScanError(f"nmap's report is refused: its encoding cannot be read ({error})") from None


class _Bounded:
    """A stream that refuses to give more than MAX_XML bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MAX_XML

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise ScanError(f"nmap's report is refused: it is larger than {MAX_XML // 2**20} MiB")
        return chunk
