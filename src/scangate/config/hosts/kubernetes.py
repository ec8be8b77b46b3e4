"""What a cluster offers: `kubectl get svc,ingress,nodes -A -o json`. A group is NAMESPACE or NAMESPACE/NAME.

A load balancer is taken by its outer addresses; a service without one by its cluster address, which answers inside the
cluster only. Ports come with the addresses, so that just those are asked where the target names no `ports`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scangate.config.hosts.entry import Entry, Listing

NODE: Final = ("T:22", "T:111", "T:179", "T:2379-2380", "T:4194", "T:6443", "T:9099-9100", "T:10248-10259")
"""What a node itself answers on: SSH, etcd, the API server, the kubelet and its neighbours."""
NODE_PORTS: Final = ("T:30000-32767",)
"""Where services appear on nodes, when the list does not say on which ports."""
_PROTOCOLS: Final = {"TCP": "T", "UDP": "U"}


def read(data: Mapping[str, Any], group: str, listing: Listing) -> None:
    """Read one object, or a list of them."""
    items = [_mapping(each) for each in (_list(data.get("items")) if "items" in data else [data])]
    by_kind: dict[str, list[Mapping[str, Any]]] = {"Service": [], "Ingress": [], "Node": []}
    for item in items:
        if (kind := str(item.get("kind"))) in by_kind:
            if kind == "Node" or _is_in(item, group):
                by_kind[kind].append(item)
        else:
            listing.leave_out(f"{kind} {_name(item)}", "only services, ingresses and nodes have addresses")
    if group and not by_kind["Service"] and not by_kind["Ingress"]:
        listing.problem(f"has no service or ingress in {group!r}", "a group is NAMESPACE or NAMESPACE/NAME")
        return
    services = by_kind["Service"]
    for service in services:
        _take(listing, service, _service(service, listing, nodes=bool(by_kind["Node"])))
    for ingress in by_kind["Ingress"]:
        _take(listing, ingress, _ingress(ingress, listing))
    opened = tuple(port for service in services for port in _ports(service, "nodePort", listing))
    for node in by_kind["Node"]:
        if not group or opened:
            _take(listing, node, _node(node, opened or (() if services else NODE_PORTS), listing))


def _service(item: Mapping[str, Any], listing: Listing, *, nodes: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    spec = _mapping(item.get("spec"))
    kind, ports = spec.get("type", "ClusterIP"), _ports(item, "port", listing)
    if kind == "ExternalName":
        listing.leave_out(f"Service {_name(item)}", "ExternalName leads out of the cluster")
        return
    outer = [*_ingress_points(item), *_texts(spec.get("externalIPs"))]
    yield from ((host, ports) for host in outer)
    if kind == "LoadBalancer" and not outer:
        listing.problem("has no address yet", "wait until its load balancer has one", place=f"Service {_name(item)}")
    elif kind == "NodePort" and not nodes:
        listing.leave_out(f"Service {_name(item)} on the nodes", "the list has no nodes: kubectl get svc,nodes -o json")
    if outer or kind not in ("ClusterIP", "NodePort"):
        return
    inner = _texts(spec.get("clusterIPs")) or _texts([spec.get("clusterIP")])
    yield from ((host, ports) for host in inner if host != "None")
    if inner == ["None"] or not inner:
        listing.leave_out(f"Service {_name(item)}", "it is headless: its pods have the addresses")


def _ingress(item: Mapping[str, Any], listing: Listing) -> Iterator[tuple[str, tuple[str, ...]]]:
    spec = _mapping(item.get("spec"))
    points = _ingress_points(item)
    if not points:
        listing.problem("has no address yet", "wait until its controller gave it one", place=f"Ingress {_name(item)}")
    yield from ((host, ("T:80", "T:443")) for host in points)
    names = [str(host) for each in _list(spec.get("rules")) if (host := _mapping(each).get("host"))]
    if names:
        listing.leave_out(f"the names of Ingress {_name(item)} ({', '.join(names[:5])})", "its address is scanned")


def _node(item: Mapping[str, Any], opened: tuple[str, ...], listing: Listing) -> Iterator[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for each in map(_mapping, _list(_mapping(item.get("status")).get("addresses"))):
        if isinstance(address := each.get("address"), str):
            found.setdefault(str(each.get("type")), []).append(address)
    hosts = next((found[kind] for kind in ("ExternalIP", "InternalIP", "Hostname") if kind in found), [])
    if not hosts:
        listing.problem("has no address", place=f"Node {_name(item)}")
    yield from ((host, (*NODE, *opened)) for host in hosts)


def _ports(item: Mapping[str, Any], key: str, listing: Listing) -> tuple[str, ...]:
    ports = []
    for each in map(_mapping, _list(_mapping(item.get("spec")).get("ports"))):
        number, protocol = each.get(key), str(each.get("protocol", "TCP"))
        if not isinstance(number, int) or not 0 < number < 2**16:
            continue
        if protocol in _PROTOCOLS:
            ports.append(f"{_PROTOCOLS[protocol]}:{number}")
        else:
            listing.leave_out(f"port {number}/{protocol} of {_name(item)}", "only TCP and UDP are asked")
    return tuple(ports)


def _ingress_points(item: Mapping[str, Any]) -> list[str]:
    balancer = _mapping(_mapping(item.get("status")).get("loadBalancer"))
    points = map(_mapping, _list(balancer.get("ingress")))
    return _texts([point.get("ip") or point.get("hostname") for point in points])


def _take(listing: Listing, item: Mapping[str, Any], found: Iterator[tuple[str, tuple[str, ...]]]) -> None:
    place = f"{item.get('kind')} {_name(item)}"
    for host, ports in found:
        if not listing.add(Entry(host=host, place=place, ports=ports)):
            return


def _is_in(item: Mapping[str, Any], group: str) -> bool:
    return not group or group in (_name(item), _name(item).partition("/")[0])


def _name(item: Mapping[str, Any]) -> str:
    metadata = _mapping(item.get("metadata"))
    namespace, name = metadata.get("namespace"), metadata.get("name", "")
    return f"{namespace}/{name}" if namespace else str(name)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [each for each in _list(value) if isinstance(each, str) and each]
