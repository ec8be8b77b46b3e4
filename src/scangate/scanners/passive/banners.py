"""Server banners as product and version, in nmap's spelling, so that all scanners of versions read one form."""

import re
from typing import Final

_SSH: Final = re.compile(
    r"(?:SSH-[0-9.]{1,5}-)?OpenSSH_([\w.]{1,20})(?:[ -]{1,2}(Debian|Ubuntu|FreeBSD)[ -_](\S{1,60}))?", re.ASCII
)
_OTHER_SSH: Final = re.compile(
    r"SSH-[0-9.]{1,5}-([A-Za-z][\w.+-]{0,40}?)[_-]([0-9][\w.]{0,20})(?:\s.{0,100})?", re.ASCII
)
_SLASHED: Final = re.compile(
    r"([A-Za-z][\w .+-]{0,40})/v?([0-9][\w.+~-]{0,60})(?:[ ,;(].{0,500})?", re.ASCII | re.DOTALL
)
_READ: Final = 300


def read_banner(text: str) -> tuple[str, str]:
    """`OpenSSH_9.2p1 Debian-2+deb12u3` is OpenSSH `9.2p1 Debian 2+deb12u3`, `nginx/1.22.1` is nginx `1.22.1`."""
    text = text[:_READ].strip()
    if match := _SSH.match(text):
        build = f" {match[2]} {match[3]}" if match[2] else ""
        return "OpenSSH", f"{match[1]}{build}"
    match = _OTHER_SSH.fullmatch(text) or _SLASHED.fullmatch(text)
    return (match[1], match[2]) if match else ("", "")
