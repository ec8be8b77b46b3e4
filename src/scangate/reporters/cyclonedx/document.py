"""The document as a whole, and a serial number that is the same for the same content."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from scangate.core.model import Report
from scangate.reporters.cyclonedx.components import written
from scangate.reporters.cyclonedx.frame import frame
from scangate.reporters.cyclonedx.inventory import Inventory, is_vulnerability
from scangate.reporters.cyclonedx.vulnerabilities import vulnerability
from scangate.reporters.outline import importance, inert, line

_SCHEMA: Final = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_FIRST: Final = ("bomFormat", "specVersion", "version", "metadata")


def write(report: Report) -> str:
    """Write the document in one line, the same bytes for the same report."""
    inventory = Inventory(report)
    decisions = sorted(filter(is_vulnerability, report.decisions), key=importance)
    top = frame(report, inventory, left_out=len(report.decisions) - len(decisions))
    # Each is text at once: as objects they would take five times the memory.
    arrays = {
        "components": [*map(_json, top.pop("components", [])), *map(written, inventory.entries)],
        "services": [_json(each) for each in top.pop("services", [])],
        "vulnerabilities": [_json(vulnerability(each, inventory.affected(each))) for each in decisions],
    }
    refs = [each["bom-ref"] for each in map(json.loads, arrays["services"])]
    arrays["dependencies"] = [_json(each) for each in _dependencies(top["metadata"]["component"], inventory, refs)]
    parts = [f"{_json(name)}: {_json(top.pop(name))}" for name in _FIRST]
    parts += [f"{_json(name)}: {_json(value)}" for name, value in sorted(top.items())]
    parts += [f"{_json(name)}: [{', '.join(items)}]" for name, items in arrays.items()]
    return inert("".join(_whole(parts))) + "\n"


def _whole(parts: Iterable[str]) -> Iterator[str]:
    parts = tuple(parts)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
    yield f'{{"$schema": "{_SCHEMA}", "serialNumber": "urn:uuid:{uuid5(NAMESPACE_URL, digest.hexdigest())}"'
    for part in parts:
        yield ", "
        yield part
    yield "}"


def _dependencies(root: dict[str, Any], inventory: Inventory, services: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Give what is made of what: everything of the targets and services, each target of its packages."""
    packages: dict[str, list[str]] = defaultdict(list)
    for each in inventory.entries:
        packages[f"target/{line(each.target)}"].append(each.ref)
    targets = sorted({f"target/{line(each.id)}" for each in inventory.targets} - {root["bom-ref"]})
    tops = {root["bom-ref"]: [*targets, *services, *packages.get(root["bom-ref"], ())]}
    tops |= {target: packages.get(target, []) for target in targets}
    for ref, parts in tops.items():
        yield {"ref": ref, "dependsOn": parts} if parts else {"ref": ref}


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)
