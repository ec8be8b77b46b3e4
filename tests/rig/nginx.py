"""A web server with and without TLS (nginx-light)."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.authority import bad
from rig.daemon import daemon
from rig.site import Site

PROGRAMS = ("nginx",)
PASSWORD = "hunter2-of-the-rig"
"""In the file /.env of the weak side: no report may show it."""

_COMMON = """
daemon off; worker_processes 1; pid {room}/pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off; default_type text/html;
  client_body_temp_path {room}/body; proxy_temp_path {room}/proxy; fastcgi_temp_path {room}/fastcgi;
  uwsgi_temp_path {room}/uwsgi; scgi_temp_path {room}/scgi;
"""
_WEAK = """
  server {{
    listen {address}:80; root {room}/www;
    location /files/ {{ autoindex on; }}
    location /nginx_status {{ stub_status; }}
    location /admin/ {{ auth_basic "staff only"; auth_basic_user_file {room}/users; }}
  }}
  server {{
    listen {address}:443 ssl; root {room}/www;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
    ssl_ciphers "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
    add_header Set-Cookie "session=4f1d; Path=/";
  }}
}}
"""
_HARDENED = """
  server_tokens off;
  server {{ listen {address}:80; return 301 https://{address}$request_uri; }}
  server {{
    listen {address}:443 ssl; root {room}/www;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off; ssl_session_tickets off; ssl_session_cache shared:rig:1m;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    add_header Content-Security-Policy "default-src 'self'; frame-ancestors 'none'; base-uri 'none'" always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy no-referrer always;
    add_header Permissions-Policy "camera=(), microphone=(), geolocation=()" always;
    add_header Cross-Origin-Opener-Policy same-origin always;
    add_header Cross-Origin-Resource-Policy same-origin always;
    add_header Set-Cookie "__Host-session=4f1d; Path=/; Secure; HttpOnly; SameSite=Strict" always;
    location ~ /\\.(?!well-known/) {{ return 404; }}
  }}
}}
"""
_HEAD = "<!doctype html><html lang=en><title>rig</title><p>A page."
_PAGE = f"{_HEAD}</html>\n"
_LINKS = f"{_HEAD} <a href='/files/'>files</a> <a href='/login.html'>log in</a></html>\n"
_FORM = "<!doctype html><title>in</title><form method=post><input name=user><input type=password name=pass></form>\n"


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Leave out everything that protects, and serve what nobody should."""
    room = site.room("nginx")
    www = room / "www"
    for path, text in {
        "index.html": _LINKS,
        "login.html": _FORM,
        "files/report.txt": "a report\n",
        "admin/index.html": _PAGE,
        ".git/HEAD": "ref: refs/heads/main\n",
        ".git/config": "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
        ".env": f"DB_HOST=db\nDB_PASSWORD={PASSWORD}\n",
        "backup.sql": "-- MariaDB dump 10.19\nCREATE TABLE `users` (`id` int);\n",
    }.items():
        site.write(www / path, text)
    site.write(room / "users", "admin:{PLAIN}rig\n")
    certificate, key = bad(room)
    text = (_COMMON + _WEAK).format(room=room, address=site.address, certificate=certificate, key=key)
    with _running(site, room, text):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Serve one page over TLS, as Mozilla's intermediate profile has it, with all headers."""
    room = site.room("nginx")
    site.write(room / "www" / "index.html", _PAGE)
    contact = "Contact: mailto:security@rig.example\nExpires: 2035-01-01T00:00:00Z\n"
    site.write(room / "www" / ".well-known" / "security.txt", contact)
    certificate, key = site.authority.issue(room, site.address)
    text = (_COMMON + _HARDENED).format(room=room, address=site.address, certificate=certificate, key=key)
    with _running(site, room, text):
        yield


@contextmanager
def _running(site: Site, room, text: str) -> Iterator[None]:
    config = site.write(room / "nginx.conf", "user nobody nogroup;\n" + text)
    argv = ("nginx", "-p", str(room), "-c", str(config), "-e", str(room / "error.log"))
    with daemon(argv, room / "log", tcp=[(site.address, 80), (site.address, 443)]):
        yield
