"""Zeek's logs, constructed after its documentation: Zeek is in no Debian, so none of these was written by it."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
WEB = "10.0.0.5"
CLIENT = "192.0.2.77"
FINGERPRINT = "ab" * 32


def ends(port: int, *, server: str = WEB, client: str = CLIENT) -> dict[str, Any]:
    return {"id.orig_h": client, "id.orig_p": 51_234, "id.resp_h": server, "id.resp_p": port}


def connection(port: int, *, proto: str = "tcp", state: str = "SF", service: str = "-", **more: Any) -> dict[str, Any]:
    server = more.pop("server", WEB)
    return ends(port, server=server) | {"proto": proto, "service": service, "conn_state": state, "resp_bytes": 9} | more


def tsv(path: str, *rows: dict[str, Any], ts: datetime = NOW, header: str = "") -> str:
    """A log in Zeek's own format; its fields are those of the first row."""
    fields = ["ts", *(rows[0] if rows else ())]
    lines = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{path}",
        "#open\t2026-11-21-10-00-00",
        "\t".join(("#fields", *fields)),
        "\t".join(("#types", *(["string"] * len(fields)))),
    ]
    when = f"{ts.timestamp():.6f}"
    lines += ["\t".join([when, *(str(row.get(name, "-")) for name in fields[1:])]) for row in rows]
    return header + "\n".join([*lines, "#close\t2026-11-21-11-00-00", ""])


def lines(*rows: dict[str, Any], ts: datetime = NOW) -> str:
    """The same as JSON."""
    return "".join(json.dumps({"ts": ts.timestamp()} | row) + "\n" for row in rows)


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
