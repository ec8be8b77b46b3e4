"""Elasticsearch (constructed: Debian has none). The answers are those of its documentation, shortened."""

from collections.abc import Iterator
from contextlib import contextmanager

from rig.site import Site
from rig.stand_in import STRICT, http, stand_in

PROGRAMS: tuple[str, ...] = ()
_ROOT = """{
  "name" : "node-1", "cluster_name" : "rig", "cluster_uuid" : "x3rCTPHkQOqbKFSkVwjMEA",
  "version" : { "number" : "7.17.9", "build_flavor" : "default", "build_type" : "deb", "lucene_version" : "8.11.1" },
  "tagline" : "You Know, for Search"
}
"""
_INDICES = '[{"health":"green","status":"open","index":"customers","docs.count":"12"}]\n'
_REFUSAL = '{"error":{"type":"security_exception","reason":"missing authentication credentials for REST request"},"status":401}\n'  # noqa: E501


@contextmanager
def weak(site: Site) -> Iterator[None]:
    """Answer anyone."""
    answers = {"/": (200, _ROOT), "/_cat/indices": (200, _INDICES), "/_security/_authenticate": (200, "{}")}
    with stand_in(site.address, 9200, http(answers, (404, '{"status":404}\n'))):
        yield


@contextmanager
def hardened(site: Site) -> Iterator[None]:
    """Ask for a login, over TLS."""
    pair = site.authority.issue(site.room("elasticsearch"), site.address)
    with stand_in(site.address, 9200, http({}, (401, _REFUSAL), STRICT), pair):
        yield
