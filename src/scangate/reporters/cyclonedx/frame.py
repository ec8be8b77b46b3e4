"""What a document says of itself, its targets and services, made of the objects of cyclonedx-python-lib.

Its Bom looks through all components for each of them, so 20,000 packages would take it minutes: they are written one by
one (components.py), as is what depends on what.
"""

import json
import warnings
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from cyclonedx.model import XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.service import Service as BomService
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6

from scangate import __version__
from scangate.core.model import Kind, Report, Service, Target
from scangate.reporters.cyclonedx.components import properties
from scangate.reporters.cyclonedx.inventory import Inventory
from scangate.reporters.outline import line

_ANY: Final = UUID(int=0)
_KINDS: Final = {Kind.IMAGE: ComponentType.CONTAINER, Kind.SBOM: ComponentType.APPLICATION}
_WRITTEN_APART: Final = frozenset({"$schema", "serialNumber", "dependencies"})


def frame(report: Report, inventory: Inventory, *, left_out: int) -> dict[str, Any]:
    """Return what the library writes: all but packages, vulnerabilities and dependencies.

    `left_out`: findings that are no vulnerabilities of packages.
    """
    targets = [_target(each) for each in inventory.targets]
    alone = len(targets) == 1
    root = targets[0] if alone else Component(name="deployment", type=ComponentType.APPLICATION, bom_ref="deployment")
    bom = Bom(
        serial_number=_ANY,
        version=1,
        metadata=_metadata(report, root, left_out),
        components=[] if alone else targets,
        services=_services(report),
    )
    with warnings.catch_warnings():  # it misses the dependencies, which are written apart
        warnings.simplefilter("ignore", UserWarning)
        document = cast("dict[str, Any]", json.loads(JsonV1Dot6(bom).output_as_string()))
    return {name: value for name, value in document.items() if name not in _WRITTEN_APART}


def _metadata(report: Report, root: Component, left_out: int) -> BomMetaData:
    programs = {(line(tool.name, 200), line(tool.version, 200)) for run in report.runs for tool in run.tools}
    programs |= {("scangate", __version__)}
    tools = [
        Component(name=name, version=version or None, type=ComponentType.APPLICATION, bom_ref=f"tool/{name}@{version}")
        for name, version in sorted(programs)
        if name
    ]
    facts = [
        ("verdict", str(report.verdict)),
        ("policy", line(report.policy.name, 200)),
        ("findingsElsewhere", str(left_out)),
        *(("gap", line(f"{run.target}: {gap.what}: {gap.reason}")) for run in report.runs for gap in run.gaps),
        *(
            ("notScanned", line(f"{run.scanner} on {run.target}: {run.reason}"))
            for run in report.runs
            if run.attempted and not run.covered
        ),
    ]
    return BomMetaData(
        timestamp=_time(report.started),
        tools=ToolRepository(components=tools),
        component=root,
        properties=properties(facts),
    )


def _target(target: Target) -> Component:
    facts = (
        ("kind", str(target.kind)),
        ("address", line(target.address)),
        ("platform", line(target.platform)),
        ("exposure", str(target.exposure)),
        ("criticality", target.criticality.name.lower()),
        ("environment", line(target.environment)),
        ("owner", line(target.owner)),
    )
    return Component(
        name=line(target.id),
        type=_KINDS[target.kind],
        bom_ref=f"target/{line(target.id)}",
        properties=properties(facts),
    )


def _services(report: Report) -> list[BomService]:
    """Give what listens; one that two scanners saw is one."""
    found: dict[str, BomService] = {}
    for run in report.runs:
        for each in run.services:
            if each.state.startswith("open") and (ref := f"{line(run.target)}/{_endpoint(each)}") not in found:
                found[ref] = _service(each, ref)
    return [found[ref] for ref in sorted(found)]


def _service(service: Service, ref: str) -> BomService:
    endpoint = _endpoint(service)
    facts = (
        ("state", service.state),
        ("product", service.product),
        ("version", service.version),
        ("tunnel", service.tunnel),
    )
    return BomService(
        name=line(service.name) or f"{service.port}/{line(service.protocol)}",
        bom_ref=ref,
        version=line(service.version) or None,
        endpoints=[XsUri(endpoint)],
        properties=properties((name, line(value)) for name, value in facts),
    )


def _endpoint(service: Service) -> str:
    host = "".join(
        each if (each.isalnum() and each.isascii()) or each in ".:-_" else "-" for each in service.host[:255]
    )
    scheme = "udp" if service.protocol == "udp" else "tcp"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{service.port}"


def _time(started: str) -> datetime:
    return datetime.fromisoformat(started)
