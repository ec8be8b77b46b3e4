"""What Terraform or OpenTofu has made: `show -json`, a state file, or `output -json`.

Of a state, the addresses of managed resources are taken; what a data source looked up is somebody else's. A resource
with a public address is taken by that one alone. Values marked sensitive are never read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from scangate.config.hosts.entry import Entry, Listing
from scangate.config.hosts.groups import MOST_KNOWN
from scangate.config.hosts.terraform_addresses import of_resource
from scangate.config.validation import suggest
from scangate.scanners.network.address import parse_host

MAX_DEPTH: Final = 20
"""Modules inside modules."""
_ADDRESS_WORDS: Final = ("ip", "ips", "host", "hosts", "address", "addresses", "dns", "fqdn", "endpoint", "hostname")


def read_state(data: Mapping[str, Any], group: str, listing: Listing) -> None:
    """Read `terraform show -json`, or a state file. `group` is a resource, a module, or an output."""
    if "values" in data or "planned_values" in data:
        values = _mapping(data.get("values"))
        if "planned_values" in data:
            listing.problem("is a plan: nothing in it exists yet", "apply it, and write `terraform show -json`")
            return
        resources = list(_shown(_mapping(values.get("root_module")), 0))
        outputs = _mapping(values.get("outputs"))
    else:
        resources = list(_stored(data))
        outputs = _mapping(data.get("outputs"))
    name = group.removeprefix("output.")
    if group and name in outputs:
        _output(name, _mapping(outputs[name]), listing, chosen=True)
        return
    chosen = [(address, kind, values) for address, kind, values in resources if _is_in(address, group)]
    if group and not chosen:
        known = [*outputs, *(address for address, _kind, _values in resources)]
        listing.problem(f"has no resource, module or output {group!r}", suggest(group, known[:MOST_KNOWN]))
    for address, kind, values in chosen:
        found, private = of_resource(kind, values)
        for host in found:
            if not listing.add(Entry(host=host, place=address)):
                return
        if private:
            listing.leave_out(f"{private} inner address{'es' * (private > 1)} of {address}", "it has an outer one")


def read_outputs(data: Any, group: str, listing: Listing) -> None:
    """Read `terraform output -json`, or that of one output alone."""
    if not isinstance(data, Mapping):
        for host in _texts(data):
            if not listing.add(Entry(host=host)):
                return
        return
    if group:
        name = group.removeprefix("output.")
        if name not in data:
            listing.problem(f"has no output {group!r}", suggest(name, list(data)[:MOST_KNOWN]))
        else:
            _output(name, _mapping(data[name]), listing, chosen=True)
        return
    for name, output in data.items():
        _output(name, _mapping(output), listing, chosen=False)


def _output(name: str, output: Mapping[str, Any], listing: Listing, *, chosen: bool) -> None:
    """One output. Unless it was chosen, only what is plainly an address or named as one is taken."""
    if output.get("sensitive") is True:
        if chosen:
            listing.problem("is sensitive, so its value is not read", "name the hosts in `hosts`", place=name)
        else:
            listing.leave_out(f"the output {name}", "it is sensitive")
        return
    texts = list(_texts(output.get("value")))
    taken = [text for text in texts if chosen or _is_address(name, text)]
    for host in taken:
        if not listing.add(Entry(host=host, place=name)):
            return
    if not taken:
        if chosen:
            listing.problem("holds no text that could be a host", place=name)
        else:
            listing.leave_out(f"the output {name}", "it holds no address")


def _is_address(output: str, text: str) -> bool:
    """A bucket's name could be a host's too: names count in outputs that say so, networks only where chosen."""
    try:
        host = parse_host(text)
    except ValueError:
        return False
    if host.network is not None:
        return not host.is_network
    return "." in text and any(word in _ADDRESS_WORDS for word in output.lower().replace("-", "_").split("_"))


def _texts(value: Any) -> Iterator[str]:
    """The texts of a value: itself, a list's, or those of a mapping from names to addresses."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, str))
        yield from (text for each in value if isinstance(each, list) for text in each if isinstance(text, str))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from (text for text in (each if isinstance(each, list) else [each]) if isinstance(text, str))


def _shown(module: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if depth > MAX_DEPTH:
        return
    for each in map(_mapping, _list(module.get("resources"))):
        if each.get("mode") == "managed":
            yield str(each.get("address", "")), str(each.get("type", "")), _mapping(each.get("values"))
    for child in _list(module.get("child_modules")):
        yield from _shown(_mapping(child), depth + 1)


def _stored(data: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for each in map(_mapping, _list(data.get("resources"))):
        if each.get("mode") != "managed":
            continue
        module, kind = each.get("module"), str(each.get("type", ""))
        name = f"{f'{module}.' if module else ''}{kind}.{each.get('name', '')}"
        for instance in map(_mapping, _list(each.get("instances"))):
            key = instance.get("index_key")
            index = "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
            yield name + index, kind, _mapping(instance.get("attributes"))


def _is_in(address: str, group: str) -> bool:
    return not group or address == group or address.startswith((f"{group}.", f"{group}["))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
