"""Well-known programs that tell their version: to add one, a row here and its text in the test.

`needle` is what the text begins with, or has in it; `version` is matched from `before` bytes before it, and its first
group is the version. `name` is the program's name in Bitnami's advisories, where it has any (`advised`).
"""

import re
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = rb"([0-9]{1,4}\.[0-9]{1,4}(?:\.[0-9]{1,6})?)"

_SERVER: Final = rb"\0" + _NUMBER + rb"\0(?:c11|atomic|sync)-builtin\0"
"""Both write, in their INFO, the version and then how they do atomic operations; and the compiler keeps that order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One program. `files`: a whole file name, in full; its groups may stand in `needle` and `version` as `{0}`."""

    name: str
    files: re.Pattern[str]
    needle: bytes
    version: bytes
    before: int = 0
    advised: bool = True


def _known(name: str, files: str, needle: bytes, version: bytes, before: int = 0, *, advised: bool = True) -> Known:
    return Known(
        name=name, files=re.compile(files, re.ASCII), needle=needle, version=version, before=before, advised=advised
    )


KNOWN: Final = (
    _known("node", r"node(?:js)?|libnode\.so(?:\.[0-9]+)?", b"node.js/v", rb"node\.js/v" + _NUMBER),
    # The linker lets `3.11.7` be the end of a longer text, such as the path of the sources.
    _known(
        "python",
        r"(?:python|libpython)([23]\.[0-9]{1,2})[dmu]{0,3}(?:\.so(?:\.[0-9.]+)?)?",
        b"{0}.",
        rb"[^0-9.]({0}\.[0-9]{1,3}(?:(?:a|b|rc)[0-9]{1,2})?)\+?\0",
        1,
    ),
    _known("nginx", r"nginx(?:-debug)?", b"nginx version: nginx/", b"nginx version: nginx/" + _NUMBER),
    _known("openresty", r"nginx|openresty", b"nginx version: openresty/", b"nginx version: openresty/" + _NUMBER),
    _known("apache", r"httpd|apache2", b"Apache/", rb"Apache/" + _NUMBER + rb"[ \0]"),
    _known("haproxy", r"haproxy", b" version ", rb" version " + _NUMBER + rb"[^,\0]{0,60}, released "),
    _known("varnish", r"varnishd", b"varnish-", rb"varnish-" + _NUMBER + rb" revision "),
    _known("redis", r"redis-(?:server|sentinel|check-(?:aof|rdb))", b"-builtin\0", _SERVER, 30),
    _known("valkey", r"valkey-(?:server|sentinel|check-(?:aof|rdb))", b"-builtin\0", _SERVER, 30),
    _known("memcached", r"memcached", b"memcached ", rb"memcached " + _NUMBER + rb"\0"),
    _known("mariadb", r"mariadbd|mysqld", b"-MariaDB\0", rb"[^0-9.]" + _NUMBER + rb"-MariaDB\0", 20),
    _known("postgresql", r"postgres", b"postgres (PostgreSQL) ", rb"postgres \(PostgreSQL\) " + _NUMBER),
    _known(
        "php", r"php(?:-fpm|-cgi)?[0-9.]*|libphp[0-9.]*\.so", b"X-Powered-By: PHP/", rb"X-Powered-By: PHP/" + _NUMBER
    ),
    _known(
        "ruby", r"ruby[0-9.]*|libruby(?:-[0-9.]+)?\.so[0-9.]*", b"ruby ", rb"ruby " + _NUMBER + rb"[a-z0-9]{0,12} \("
    ),
    _known("sqlite", r"libsqlite3\.so[0-9.]*", b"\x003.", rb"\0(3\.[0-9]{1,3}\.[0-9]{1,3})\0"),
    _known(
        "lua", r"lua(?:jit)?[0-9.]*|liblua[0-9.-]*\.so[0-9.]*", b"$LuaVersion: Lua ", rb"\$LuaVersion: Lua " + _NUMBER
    ),
    _known("git", r"git", b"git/", rb"git/" + _NUMBER + rb"[.0-9a-z]{0,20}\0"),
    _known(
        "openssl",
        r"libcrypto\.so[0-9.]*|openssl",
        b"OpenSSL ",
        rb"OpenSSL ([0-9]\.[0-9]{1,3}\.[0-9]{1,3}[a-z]{0,2}) +[0-9]{1,2} [A-Z]",
        advised=False,
    ),
    _known("curl", r"libcurl\.so[0-9.]*|curl", b"curl/", rb"(?:lib)?curl/" + _NUMBER + rb"\0", advised=False),
    _known("busybox", r"busybox", b"BusyBox v", rb"BusyBox v" + _NUMBER, advised=False),
    _known("bash", r"bash", b"@(#)Bash version ", rb"@\(#\)Bash version " + _NUMBER, advised=False),
    _known("perl", r"perl[0-9.]*|libperl\.so[0-9.]*", b"v5.", rb"v" + _NUMBER + rb"\0", advised=False),
)
BEGINNINGS: Final = tuple(
    (  # noqa: SIM905 - one text is read more easily than a line for each
        "node libnode python libpython nginx openresty httpd apache2 haproxy varnishd redis- valkey- memcached "
        "mariadbd mysqld postgres php libphp ruby libruby libsqlite3 lua liblua git libcrypto openssl libcurl curl "
        "busybox bash perl libperl"
    ).split()
)
"""What their files' names begin with: asked for every file there is, and much cheaper than the patterns."""
