"""Which format a list of hosts has, told by what is in it."""

import json
import re
from typing import Any, Final

from scangate.config.hosts import ini, inventory_yaml, kubernetes, terraform
from scangate.config.hosts.entry import Listing

_KINDS: Final = frozenset({"Service", "Ingress", "Node", "List", "ServiceList", "IngressList", "NodeList"})
_MEANT: Final = "expected a plain list, an Ansible inventory, or JSON of Terraform or kubectl"
_YAML: Final = re.compile(r"""(?:---|["']?[A-Za-z_][\w.-]{0,200}["']?:)(?:\s.*|$)""")
_KUBERNETES: Final = re.compile(r"^apiVersion:", re.MULTILINE)


def read(text: str, group: str, listing: Listing) -> None:
    """Read a list of any format into the listing, with a problem for what cannot be read."""
    first = next((line for line in text.splitlines() if line.strip() and line.strip()[0] not in "#;"), "").lstrip()
    if first.startswith("{") or (first.startswith("[") and _is_json(text)):
        _json(text, group, listing)
    elif _YAML.fullmatch(first):
        if _KUBERNETES.search(text):
            listing.problem("is Kubernetes as YAML", "write it with `kubectl get svc,ingress,nodes -o json`")
        else:
            inventory_yaml.read(text, group, listing)
    else:
        ini.read(text, group, listing)


def _is_json(text: str) -> bool:
    """A group of an INI inventory begins with a bracket too."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return bool(re.match(r"\s*\[\s*[\"\[{]", text))
    return True


def _json(text: str, group: str, listing: Listing) -> None:
    try:
        data: Any = json.loads(text)
    except json.JSONDecodeError as error:
        listing.problem(f"is not readable as JSON: {error.msg}", "write it anew", line=error.lineno)
        return
    except (ValueError, RecursionError):  # a number of many thousand digits, or brackets as deep
        listing.problem("is not readable as JSON: it is nested too deep, or holds a number that is too long")
        return
    if isinstance(data, list) or (data and all(isinstance(each, dict) and "value" in each for each in data.values())):
        terraform.read_outputs(data, group, listing)
    elif str(data.get("kind")) in _KINDS:
        kubernetes.read(data, group, listing)
    elif "values" in data or "planned_values" in data or ("resources" in data and "version" in data):
        terraform.read_state(data, group, listing)
    elif "_meta" in data:
        listing.problem("is what `ansible-inventory --list` writes", "write it with `--yaml`, or give the inventory")
    elif "format_version" in data and not set(data) - {"format_version", "terraform_version"}:
        listing.problem("is an empty state: nothing is deployed", "apply it first")
    else:
        listing.problem("is JSON of no kind that is read here", _MEANT)
