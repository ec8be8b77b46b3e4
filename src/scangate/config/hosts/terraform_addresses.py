"""Under which attributes the providers of Terraform keep the addresses of what they made."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_PUBLIC: Final = frozenset({
    "public_ip", "public_ips", "public_ip_address", "public_ip_addresses", "public_ipv4", "public_ipv6",
    "public_ip_address_0", "nat_ip", "external_ipv6", "ipv4_address", "ipv6_address", "ipv6_addresses", "main_ip",
    "v6_main_ip", "access_ip_v4", "access_ip_v6", "floating_ip",
})  # fmt: skip
_PRIVATE: Final = frozenset({
    "private_ip", "private_ips", "private_ip_address", "private_ip_addresses", "private_ipv4", "ipv4_address_private",
    "network_ip", "fixed_ip_v4", "fixed_ip_v6", "default_ip_address", "guest_ip_addresses", "ip_address", "internal_ip",
    "private_network_ip",
})  # fmt: skip
_NESTED: Final = frozenset({
    "network_interface", "network_interfaces", "access_config", "ipv6_access_config", "ip_configuration", "network",
    "networks", "nic", "vnic", "ip_address", "public_ips", "private_ips",
})  # fmt: skip
"""Blocks whose addresses are those of the resource. Others hold the addresses of whom it lets in."""
_BY_TYPE: Final = {
    "aws_lb": "dns_name", "aws_alb": "dns_name", "aws_elb": "dns_name", "aws_db_instance": "address",
    "aws_rds_cluster": "endpoint", "google_compute_address": "address", "google_compute_global_address": "address",
    "google_compute_forwarding_rule": "ip_address", "google_compute_global_forwarding_rule": "ip_address",
    "azurerm_public_ip": "ip_address", "linode_instance": "ip_address", "digitalocean_loadbalancer": "ip",
    "digitalocean_floating_ip": "ip_address", "digitalocean_reserved_ip": "ip_address",
    "openstack_networking_floatingip_v2": "address", "hcloud_floating_ip": "ip_address",
    "kubernetes_service": "load_balancer_ingress", "scaleway_instance_ip": "address", "exoscale_compute": "ip_address",
}  # fmt: skip
"""What means the resource's own public address, or name, in resources of one type only."""
_MAX_DEPTH: Final = 5


def of_resource(kind: str, values: Mapping[str, Any]) -> tuple[tuple[str, ...], int]:
    """Give the addresses a resource is reached by: the public ones, if any; and how many private ones that leaves."""
    own = _BY_TYPE.get(kind, "")
    public: dict[str, None] = dict.fromkeys(_texts(values.get(own))) if own else {}
    private: dict[str, None] = {}
    for name, text in _walk(values, 0):
        if name == own:
            continue
        if name in _PUBLIC:
            public[text] = None
        elif name in _PRIVATE:
            private[text] = None
    alone = [text for text in private if text not in public]
    return (tuple(public), len(alone)) if public else (tuple(alone), 0)


def _walk(values: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if name in _PUBLIC or name in _PRIVATE:
            yield from ((name, text) for text in _texts(value))
        if name in _NESTED and depth < _MAX_DEPTH:
            for block in value if isinstance(value, list) else [value]:
                if isinstance(block, dict):
                    yield from _walk(block, depth + 1)


def _texts(value: Any) -> Iterator[str]:
    """Texts that are there; providers write "" for none, and `2001:db8::1/64` for an address with its network."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and each:
            yield each.partition("/")[0] if ":" in each else each
