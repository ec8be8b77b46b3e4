"""Services by the names of Bitnami's advisories: to add one, a row here and its banner in the test."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scangate.core.model import Package
from scangate.inventory.purl import purl

ECOSYSTEM: Final = "Bitnami"

# name in Bitnami's records | products as nmap (and Zeek) write them, in lower case | vendor:product of their CPEs
_TABLE: Final = """
activemq      | apache activemq, activemq openwire transport           | apache:activemq
airflow       | apache airflow                                         | apache:airflow
apache        | apache httpd, apache                                   | apache:http_server
apisix        | apache apisix, apisix                                  | apache:apisix
cassandra     | apache cassandra                                       | apache:cassandra
clickhouse    | clickhouse                                             | clickhouse:clickhouse
consul        | hashicorp consul agent, consul                         | hashicorp:consul
couchdb       | couchdb httpd, couchdb, apache couchdb                 | apache:couchdb
discourse     | discourse                                              | discourse:discourse
drupal        | drupal                                                 | drupal:drupal
elasticsearch | elasticsearch rest api, elasticsearch                  | elasticsearch:elasticsearch elastic:elasticsearch
envoy         | envoy                                                  | envoyproxy:envoy
etcd          | etcd                                                   | etcd:etcd
gitea         | gitea                                                  | gitea:gitea
gitlab        | gitlab                                                 | gitlab:gitlab
grafana       | grafana, grafana http                                  | grafana:grafana
haproxy       | haproxy http proxy, haproxy                            | haproxy:haproxy
influxdb      | influxdb http admin, influxdb                          | influxdata:influxdb
jenkins       | jenkins, jenkins httpd                                 | jenkins:jenkins
keydb         | keydb                                                  | snap:keydb
kibana        | kibana, elasticsearch kibana                           | elastic:kibana elasticsearch:kibana
mariadb       | mariadb                                                | mariadb:mariadb
memcached     | memcached                                              | memcached:memcached
minio         | minio, minio s3 storage server                         | minio:minio
mongodb       | mongodb                                                | mongodb:mongodb
nats          | nats, nats server                                      | nats:nats-server linuxfoundation:nats-server
neo4j         | neo4j                                                  | neo4j:neo4j
nginx         | nginx                                                  | igor_sysoev:nginx nginx:nginx f5:nginx
node          | node.js, nodejs                                        | nodejs:node.js
openldap      | openldap, openldap slapd                               | openldap:openldap
openresty     | openresty web app server, openresty                    | openresty:openresty
pgbouncer     | pgbouncer                                              | pgbouncer:pgbouncer
php           | php cli, php                                           | php:php
postgresql    | postgresql db, postgresql                              | postgresql:postgresql
prometheus    | prometheus                                             | prometheus:prometheus
rabbitmq      | rabbitmq                                               | vmware:rabbitmq pivotal_software:rabbitmq
redis         | redis key-value store, redis                           | redislabs:redis redis:redis
solr          | apache solr                                            | apache:solr
tomcat        | apache tomcat                                          | apache:tomcat
valkey        | valkey key-value store, valkey                         | lfprojects:valkey
varnish       | varnish http accelerator, varnish                      | varnish-cache:varnish varnish_cache_project:varnish_cache
vault         | hashicorp vault, vault                                 | hashicorp:vault
wildfly       | wildfly                                                | redhat:wildfly
zookeeper     | zookeeper, apache zookeeper                            | apache:zookeeper
"""  # noqa: E501 - a table
_ROWS: Final = tuple(tuple(part.strip() for part in line.split("|")) for line in _TABLE.strip().splitlines())
_BY_PRODUCT: Final = {product: name for name, products, _cpes in _ROWS for product in products.split(", ")}
_BY_CPE: Final = {cpe: name for name, _products, cpes in _ROWS for cpe in cpes.split()}

_NUMBER: Final = r"[0-9]{1,6}(?:\.[0-9]{1,6}){1,3}(?:-?(?:alpha|beta|rc|M)[.-]?[0-9]{0,3})?"
_VERSION: Final = re.compile(rf"v?({_NUMBER})(?:[-+~_ (][^\n]{{0,100}})?", re.ASCII)
# `9.6.7 - 9.6.12`, `2.6.X`, `1.3.1 or later`: nmap could tell no one version.
_SEVERAL: Final = re.compile(r"[0-9.xX]+ (?:- [0-9]|or |and )|[0-9]\.[xX]\b")
_MARIADB: Final = re.compile(rf"(?:5\.5\.5-)?({_NUMBER})-MariaDB\b", re.ASCII)
# What httpd says of itself goes on with what it loaded.
_INSIDE: Final = re.compile(r"(?:^|[\s(])PHP/(?P<php>[0-9]{1,3}(?:\.[0-9]{1,3}){1,2})(?![0-9.])", re.ASCII)
_READ: Final = 500
"""Characters looked at of one text."""


def recognised(product: str, version: str, extra: str, cpes: Sequence[str]) -> Iterator[Package]:
    """Yield the package that a service is to the advisories, and those it says it has inside. None for most."""
    version, extra = version[:_READ], extra[:_READ]
    if mariadb := _MARIADB.match(version):
        yield _package("mariadb", mariadb[1])
    elif (name := _name_of(product, cpes)) and (number := number_of(version)):
        yield _package(name, number)
    if (php := _INSIDE.search(extra)) and product.lower() not in {"php", "php cli"}:
        yield _package("php", php["php"])


def number_of(version: str) -> str:
    """The one version that a text names; empty when it names none, or several."""
    if _SEVERAL.match(version):
        return ""
    found = _VERSION.fullmatch(version.strip())
    return found[1] if found else ""


def _name_of(product: str, cpes: Sequence[str]) -> str:
    if name := _BY_PRODUCT.get(product.strip().lower()):
        return name
    return next((name for cpe in cpes if (name := _BY_CPE.get(_vendor_and_product(cpe)))), "")


def _vendor_and_product(cpe: str) -> str:
    """`apache:http_server` of `cpe:/a:apache:http_server:2.4.57` and of `cpe:2.3:a:apache:http_server:2.4.57:*...`."""
    parts = cpe[:_READ].lower().split(":")
    if parts[:1] != ["cpe"]:
        return ""
    kept = parts[2:5] if parts[1:2] == ["2.3"] else [parts[1].removeprefix("/"), *parts[2:4]] if len(parts) > 1 else []
    return ":".join(kept[1:]) if len(kept) == 3 and kept[0] == "a" else ""  # noqa: PLR2004 - part, vendor, product


def _package(name: str, version: str) -> Package:
    return Package(name=name, version=version, ecosystem=ECOSYSTEM, purl=purl("bitnami", "", name, version))
