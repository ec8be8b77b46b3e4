"""The service inventory: what listens, once each, whoever saw it. As a table for people and as JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from scangate import __version__
from scangate.core.model import Report, Service
from scangate.reporters import Screen
from scangate.reporters.outline import count, inert, line

SCHEMA: Final = "scangate-services/1"
_HEADINGS: Final = ("HOST", "PORT", "SERVICE", "PRODUCT", "VERSION", "TLS", "CERTIFICATE", "SSH KEY", "SURE", "SEEN BY")
_WIDEST: Final = (60, 12, 24, 40, 30, 10, 16, 23, 5, 40)
"""Columns that each may take; what is cut off is in the JSON."""
_SURELY: Final = 10
"""nmap's most certain word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One service, the targets it belongs to, and the scanners that saw it."""

    service: Service
    targets: tuple[str, ...]
    seen_by: tuple[str, ...]

    @property
    def host(self) -> str:
        """As in findings: an IPv6 address stands in brackets."""
        return f"[{self.service.host}]" if ":" in self.service.host else self.service.host


class Services:
    """A row for each open port."""

    name = "services"
    summary = "a table of the services that listen: host, port, product, version, TLS"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        listed = inventory(report)
        rows = [_HEADINGS, *map(_row, listed)]
        hosts = len({each.service.host for each in listed})
        total = f"{count(len(listed), 'service')} on {count(hosts, 'host')}"
        return "".join(f"{each}\n" for each in (*(_aligned(rows) if listed else ()), total))


class ServicesJson:
    """The same with every field, and nothing shortened."""

    name = "services-json"
    summary = "the services that listen as JSON, every field of them"

    def render(self, report: Report, screen: Screen) -> str:
        del screen
        document = {
            "schema": SCHEMA,
            "scangate": __version__,
            "started": report.started,
            "services": list(map(_object, inventory(report))),
        }
        return inert(json.dumps(document, indent=1)) + "\n"


def inventory(report: Report) -> tuple[Listed, ...]:
    """Every service that is open (or `open|filtered`), by host and port; what several runs saw is one."""
    found: dict[tuple[str, str, int], list[tuple[Service, str, str]]] = {}
    for run in report.runs:
        for service in run.services:
            if service.state.startswith("open"):
                key = (service.host, service.protocol, service.port)
                found.setdefault(key, []).append((service, run.target, run.scanner))
    return tuple(
        Listed(
            service=_merged([service for service, _target, _scanner in seen]),
            targets=tuple(sorted({target for _service, target, _scanner in seen})),
            seen_by=tuple(sorted({scanner for _service, _target, scanner in seen})),
        )
        for _key, seen in sorted(found.items())
    )


def _merged(seen: Iterable[Service]) -> Service:
    """The most certain one, with what it does not know from the others; the best TLS that anyone heard."""
    first, *others = sorted(seen, key=lambda each: (each.state != "open", -each.confidence, each))
    for other in others:
        # A version belongs to the product it was seen with.
        apart = {"extra", "product", "version"} if first.product else set()
        filled: dict[str, Any] = {
            each.name: getattr(first, each.name) or getattr(other, each.name)
            for each in fields(Service)
            if each.name not in apart
        }
        filled |= {"cpes": tuple(sorted({*first.cpes, *other.cpes})), "tls": max(first.tls, other.tls)}
        first = replace(first, **filled)
    return first


def _row(listed: Listed) -> Sequence[str]:
    service = listed.service
    certificate = service.certificate[: _WIDEST[6]]
    cells = (
        listed.host,
        f"{service.port}/{service.protocol}",
        f"{service.tunnel}/{service.name}" if service.tunnel and service.name else service.name,
        service.product,
        service.version,
        service.tls,
        certificate,
        service.host_key.removeprefix("SHA256:"),
        f"{service.confidence}/{_SURELY}" if service.confidence else "",
        ", ".join(listed.seen_by),
    )
    return [line(cell, widest) or "-" for cell, widest in zip(cells, _WIDEST, strict=True)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell on a screen, where some characters take two columns and some none."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _object(listed: Listed) -> dict[str, Any]:
    known = {each.name: getattr(listed.service, each.name) for each in fields(Service)}
    return {"targets": listed.targets, **known, "seen_by": listed.seen_by}
