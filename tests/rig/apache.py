"""Another web server, with what its modules give away (apache2-bin)."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("apache2",)
_MODULES = (
    "mpm_event authn_core authz_core authz_host dir autoindex status headers mime setenvif rewrite socache_shmcb ssl"
)
_COMMON = """
ServerRoot {room}
ServerName rig.example
Listen {address}:8080
User nobody
Group nogroup
PidFile {room}/pid
DefaultRuntimeDir {room}
ErrorLog /dev/stderr
DocumentRoot {room}/www
TypesConfig /etc/mime.types
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 16
"""
_WEAK = """
TraceEnable On
ServerTokens OS
ExtendedStatus On
<Directory {room}/www>
  Options Indexes
  Require all granted
</Directory>
<Location /server-status>
  SetHandler server-status
</Location>
SetEnvIf Origin "(.+)" ASKED=$1
Header always set Access-Control-Allow-Origin %{{ASKED}}e env=ASKED
Header always set Access-Control-Allow-Credentials true env=ASKED
"""
_HARDENED = """
TraceEnable Off
ServerTokens Prod
ServerSignature Off
SSLEngine on
SSLCertificateFile {certificate}
SSLCertificateKeyFile {key}
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305
SSLSessionTickets off
SSLSessionCache shmcb:{room}/sessions(512000)
DirectoryIndex index.html
Header always set Strict-Transport-Security "max-age=63072000; includeSubDomains"
Header always set Content-Security-Policy "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
Header always set X-Content-Type-Options nosniff
Header always set X-Frame-Options DENY
Header always set Referrer-Policy no-referrer
Header always set Permissions-Policy "camera=(), microphone=(), geolocation=()"
Header always set Cross-Origin-Opener-Policy same-origin
Header always set Cross-Origin-Resource-Policy same-origin
RewriteEngine On
RewriteCond %{{REQUEST_METHOD}} !^(GET|HEAD)$
RewriteRule .* - [R=405,L]
<Directory {room}/www>
  Require all granted
</Directory>
"""
_SPRING = '{"activeProfiles":["prod"],"propertySources":[{"name":"systemProperties","properties":{}}]}\n'
_SWAGGER = '{"swagger":"2.0","info":{"title":"rig","version":"1"},"paths":{"/users":{"get":{}}}}\n'
_PHPINFO = (
    "<!DOCTYPE html><title>PHP 7.4.33 - phpinfo()</title><h1 class=p>PHP Version 7.4.33</h1><h2>PHP Variables</h2>\n"
)
_PAGE = "<!doctype html><html lang=en><title>rig</title><p>A page.</html>\n"


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Serve status, listings, TRACE, and any origin."""
    room = site.room("apache")
    for path, text in {
        "page.html": _PAGE,
        "actuator/env": _SPRING,
        "swagger.json": _SWAGGER,
        "phpinfo.php": _PHPINFO,
    }.items():
        site.write(room / "www" / path, text)
    with _running(site, room, (_COMMON + _WEAK).format(room=room, address=site.address)):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Serve one page over TLS."""
    room = site.room("apache")
    site.write(room / "www" / "index.html", _PAGE)
    contact = "Contact: mailto:security@rig.example\nExpires: 2035-01-01T00:00:00Z\n"
    site.write(room / "www" / ".well-known" / "security.txt", contact)
    certificate, key = site.authority.issue(room, site.address)
    text = (_COMMON + _HARDENED).format(room=room, address=site.address, certificate=certificate, key=key)
    with _running(site, room, text):
        yield


@contextmanager
def _running(site: Site, room, text: str) -> Iterator[None]:
    loads = "\n".join(f"LoadModule {each}_module /usr/lib/apache2/modules/mod_{each}.so" for each in _MODULES.split())
    config = site.write(room / "apache.conf", f"{loads}\n{text}")
    argv = ("apache2", "-f", str(config), "-D", "FOREGROUND")
    with daemon(argv, room / "log", tcp=[(site.address, 8080)]):
        yield
