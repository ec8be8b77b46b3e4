"""The versions of TLS, by their numbers on the wire."""

from enum import IntEnum


class Version(IntEnum):
    """Ordered from worst to best."""

    SSL2 = 0x0002
    SSL3 = 0x0300
    TLS10 = 0x0301
    TLS11 = 0x0302
    TLS12 = 0x0303
    TLS13 = 0x0304

    @property
    def label(self) -> str:
        """In a sentence: TLS 1.2."""
        if self <= Version.SSL3:
            return "SSL 2" if self is Version.SSL2 else "SSL 3"
        return f"TLS 1.{(self & 0xFF) - 1}"

    @property
    def word(self) -> str:
        """In a service: TLSv1.2."""
        return self.label.replace(" ", "v")


NEWEST_FIRST = tuple(sorted(Version, reverse=True))
