"""The network's own parsers: what a user writes as hosts and scope, and files that list hosts."""

import contextlib
import json

from harness import Target

from scangate.config.hosts.entry import Listing
from scangate.config.hosts.format import read
from scangate.config.scope import WIDEST, parse_line
from scangate.core.address_kinds import plain
from scangate.core.scope import Scope, parts, permit
from scangate.scanners.network.address import parse_host, parse_ports


def hosts(data: bytes) -> None:
    """Whatever the list is, its hosts are hosts or said to be none, and nothing shows what cannot be seen."""
    for group in ("", "web"):
        listing = Listing(file="hosts")
        read(data.decode(errors="replace"), group, listing)
        for entry in listing.entries:
            with contextlib.suppress(ValueError):
                parse_host(entry.host)
            parse_ports(",".join(entry.ports))
        assert all("\x1b" not in f"{each}" for each in (*listing.problems, *listing.left_out))


def scope(data: bytes) -> None:
    """Every line that is taken allows, or denies, what it names."""
    for text in data.decode(errors="replace").split():
        try:
            line = parse_line(text, widest=WIDEST)
        except ValueError:
            continue
        if isinstance(line, str):
            continue
        assert not permit(line.network_address, Scope(deny=(line,))).allowed
        permit(plain(line.network_address), Scope(allow=(line,)))
        if line.num_addresses <= 65_536:
            found = parts(line, Scope(deny=(line,)))
            assert sum(piece.num_addresses for piece, _permission in found) == line.num_addresses
            assert not any(permission.allowed for _piece, permission in found)


INI = b"""bastion ansible_user=admin # x
[web]
web[01:03].example.com
web9 ansible_host=10.0.0.9 ansible_port=2222
10.0.0.[5:7:2]
[web:vars]
a="b c"
[site:children]
web
site
"""
YAML = b"""---
all:
  children:
    web: &w
      hosts:
        web[1:2].example.com:
        old: {ansible_host: 10.0.0.9, ansible_password: !vault "x"}
    db:
      children: {again: *w}
"""
STATE = {
    "version": 4,
    "resources": [
        {"mode": "managed", "type": "aws_instance", "name": "web", "module": "module.a",
         "instances": [{"index_key": "a", "attributes": {"public_ip": "10.0.0.1", "private_ip": "10.0.0.2",
                                                         "network_interface": [{"network_ip": "10.0.0.3"}]}}]},
        {"mode": "managed", "type": "aws_lb", "name": "x",
         "instances": [{"attributes": {"dns_name": "a.example.com"}}]},
    ],
    "outputs": {"web": {"value": ["10.0.0.1"], "type": ["list", "string"]}},
}  # fmt: skip
SHOWN = {
    "format_version": "1.0",
    "values": {
        "outputs": {"web": {"value": "10.0.0.1", "sensitive": False}},
        "root_module": {
            "child_modules": [
                {
                    "resources": [
                        {"address": "a.b", "mode": "managed", "type": "a", "values": {"ipv4_address": "10.0.0.1"}}
                    ]
                }
            ]
        },
    },
}
OUTPUTS = {"web": {"value": {"a": ["10.0.0.1"]}, "sensitive": False}, "b": {"value": "x", "sensitive": True}}
CLUSTER = {
    "kind": "List",
    "items": [
        {"kind": "Service", "metadata": {"name": "a", "namespace": "web"},
         "spec": {"type": "LoadBalancer", "ports": [{"port": 443, "nodePort": 30001, "protocol": "UDP"}],
                  "clusterIP": "None", "clusterIPs": ["10.0.0.1"], "externalIPs": ["10.0.0.2"]},
         "status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.3"}, {"hostname": "a.example.com"}]}}},
        {"kind": "Ingress", "metadata": {"name": "b", "namespace": "web"}, "spec": {"rules": [{"host": "c"}]},
         "status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.3"}]}}},
        {"kind": "Node", "metadata": {"name": "n"},
         "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.4"}]}},
    ],
}  # fmt: skip

TARGETS = (
    Target(
        "lists-of-hosts",
        (
            INI,
            YAML,
            b"10.0.0.1\n[::1]\n# c\n10.0.0.0/24\n",
            b'["10.0.0.1"]',
            *(json.dumps(each).encode() for each in (STATE, SHOWN, OUTPUTS, CLUSTER)),
        ),
        hosts,
    ),
    Target(
        "scope-lines",
        (
            b"10.0.0.0/8 2001:db8::/32 edge.example.com ::ffff:10.0.0.1 64:ff9b::a00:1 169.254.169.254",
            b"2002::/16 127.0.0.1 169.254.0.0/16 2001:0::/112 ::ffff:0:0/96",
        ),
        scope,
    ),
)
