"""The user's credentials for a registry, where docker and podman keep them.

https://github.com/docker/cli/blob/master/cli/config/configfile/file.go,
https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
"""

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scangate.errors import ScanError, ToolMissingError
from scangate.rootfs.reference import DOCKER_HUB
from scangate.rootfs.registry import programs

_LARGEST: Final = 4 * 2**20
_HUB: Final = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")
_TOKEN: Final = "<token>"  # noqa: S105 - the user name that stands before an identity token


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """User and password, or a token: `identity` is exchanged for one that opens the registry, `registry` is one."""

    user: str = ""
    password: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)
    registry: str = field(default="", repr=False)


def credentials_for(registry: str, repository: str) -> Credentials | None:
    """Find what is closest to this repository in the first place that has something for it. Raises ScanError."""
    for name, text in _documents():
        if found := in_document(_parsed(text, name), registry, repository, name):
            return found
    return None


def in_document(config: Mapping[str, Any], registry: str, repository: str, name: str) -> Credentials | None:
    """Look into one config.json or auth.json; the longest path that leads to the repository counts."""
    auths = _table(config, "auths", name)
    known = {_key(each): entry for each, entry in auths.items()}
    for key in _keys(registry, repository):
        entry = known.get(key)
        if isinstance(entry, dict) and (found := _entry(entry, f"`{key}` in {name}")):
            return found
    servers = _HUB if registry == DOCKER_HUB else (registry,)
    chosen = {_key(each): helper for each, helper in _table(config, "credHelpers", name).items()}
    for server in servers:
        if isinstance(helper := chosen.get(_key(server)), str) and helper:
            return _asked(helper, servers[0] if server in _HUB else server)
    store = config.get("credsStore")
    if isinstance(store, str) and store:
        try:
            return _asked(store, servers[0])
        except ToolMissingError:  # the store of another machine, as in a devcontainer: what is public can still be had
            return None
    return None


def _documents() -> Iterator[tuple[str, str]]:
    """Yield what there is, and its name for messages."""
    given = os.environ.get("DOCKER_AUTH_CONFIG", "").strip()  # GitLab's, whose variables are texts or files
    if given.startswith("{"):
        yield "DOCKER_AUTH_CONFIG", given
    paths = [given] if given and not given.startswith("{") else []
    if file := os.environ.get("REGISTRY_AUTH_FILE"):
        paths.append(file)
    home = os.environ.get("HOME") or "/"
    paths.append(f"{os.environ.get('DOCKER_CONFIG') or f'{home}/.docker'}/config.json")
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        paths.append(f"{runtime}/containers/auth.json")
    paths.append(f"{os.environ.get('XDG_CONFIG_HOME') or f'{home}/.config'}/containers/auth.json")
    for path in paths:
        try:
            with Path(path).open("rb") as file_:
                data = file_.read(_LARGEST + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise ScanError(f"the credentials in {path} cannot be read: {error}") from None
        if len(data) > _LARGEST:
            raise ScanError(f"{path} is larger than the {_LARGEST} bytes that are read of it")
        yield path, data.decode(errors="replace")


def _parsed(text: str, name: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ScanError(f"{name} is not valid JSON{where}", advice="correct it, or log in again") from None
    if not isinstance(document, dict):
        raise ScanError(f"{name} is not a JSON object", advice="expected what docker login writes")
    return document


def _table(config: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    value = config.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ScanError(f"`{key}` in {name} is not a JSON object", advice="expected what docker login writes")
    return value


def _key(written: str) -> str:
    """`https://index.docker.io/v1/` and `index.docker.io` are the same."""
    key = written.partition("://")[2] or written
    host, slash, path = key.rstrip("/").partition("/")
    path = "" if path in {"v1", "v2"} else path
    host = DOCKER_HUB if host.lower() in _HUB else host.lower()
    return f"{host}/{path}" if slash and path else host


def _keys(registry: str, repository: str) -> Iterator[str]:
    parts = repository.split("/")
    for count in range(len(parts), -1, -1):
        yield "/".join((registry.lower(), *parts[:count]))


def _entry(entry: Mapping[str, Any], name: str) -> Credentials | None:
    def said(key: str) -> str:
        value = entry.get(key)
        return value if isinstance(value, str) else ""

    user, password = said("username"), said("password")
    if auth := said("auth"):
        try:
            user, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            colon = ""
        if not colon:
            raise ScanError(f"the `auth` of {name} is not base64 of USER:PASSWORD", advice="log in again")
        password = password.rstrip("\0")
    found = Credentials(user=user, password=password, identity=said("identitytoken"), registry=said("registrytoken"))
    return found if password or found.identity or found.registry else None


def _asked(helper: str, server: str) -> Credentials | None:
    answer = programs.ask(helper, server)
    if answer is None:
        return None
    user, secret = answer
    return Credentials(identity=secret) if user == _TOKEN else Credentials(user=user, password=secret)
