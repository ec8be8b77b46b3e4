"""Every API and console that `access` asks over HTTP. A new one is a row here."""

from typing import Final

from scangate.core.model import Severity
from scangate.scanners.access.api import Api, Question
from scangate.scanners.network.rule import Rule
from scangate.scanners.nmap.rules.unauthenticated import DOCKER, ELASTIC

_CONTROLS: Final = ("PCI DSS 4.0.1 8.3.1",)
_RUN: Final = "anyone who reaches the port runs commands on the host"
_DATA: Final = "anyone who reaches the port can read and change the data"
_CRITICAL, _HIGH, _MEDIUM = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM


def _rule(name: str, title: str, severity: Severity, why: str, fix: str) -> Rule:
    return Rule(
        id=f"net-no-auth-{name}",
        title=title,
        severity=severity,
        why=why,
        fix=fix,
        cwes=("CWE-306",),
        controls=_CONTROLS,
    )


APIS: Final = (
    Api(
        name="elasticsearch", rule=ELASTIC, ports=(9200, 9201), products=("elasticsearch", "opensearch"),
        questions=(
            Question(path="/", proof=(b'"cluster_name"', b'"lucene_version"')),
            Question(path="/", proof=(b'"tagline"', b"You Know, for Search")),
        ),
    ),
    Api(
        name="etcd", ports=(2379, 4001), products=("etcd",), services=("etcd-client",),
        rule=_rule("etcd", "etcd without authentication", _CRITICAL,
                   "anyone who reaches the port reads and changes what a cluster is made of, secrets included",
                   "require client certificates for etcd on {port} of {host}"),
        questions=(
            Question(path="/v3/kv/range", proof=(b'"header"', b'"cluster_id"', b'"revision"'),
                     body=b'{"key":"AA==","range_end":"AA==","count_only":true}'),
            Question(path="/v3beta/kv/range", proof=(b'"header"', b'"cluster_id"', b'"revision"'),
                     body=b'{"key":"AA==","range_end":"AA==","count_only":true}'),
            Question(path="/v2/keys/", proof=(b'"action":"get"', b'"node"')),
        ),
    ),
    Api(
        name="docker", rule=DOCKER, ports=(2375, 2376), products=("docker",), services=("docker",),
        questions=(Question(path="/version", proof=(b'"ApiVersion"', b'"Version"')),),
    ),
    Api(
        name="kubelet", ports=(10250, 10255), products=("kubelet",),
        rule=_rule("kubelet", "The kubelet API without authentication", _CRITICAL, _RUN,
                   "turn off anonymous access (`--anonymous-auth=false`) to the kubelet on {port} of {host}"),
        questions=(Question(path="/pods", proof=(b'"PodList"', b'"items"')),),
    ),
    Api(
        name="kubernetes", ports=(6443, 8443, 16443, 8001), products=("kubernetes",),
        rule=_rule("kubernetes", "The Kubernetes API lets anyone read", _CRITICAL,
                   "anyone who reaches the port reads what runs there, and often changes it",
                   "take the roles of system:anonymous away, and turn anonymous access off, on {port} of {host}"),
        questions=(Question(path="/api/v1/namespaces?limit=1", proof=(b'"NamespaceList"',)),),
    ),
    Api(
        name="consul", ports=(8500, 8501), products=("consul",),
        rule=_rule("consul", "Consul without access control", _HIGH,
                   "anyone who reaches the port changes which services there are, and may run checks as commands",
                   "turn on ACLs with the default `deny` for Consul on {port} of {host}"),
        questions=(Question(path="/v1/agent/self", proof=(b'"Config"', b'"Member"')),),
    ),
    Api(
        name="nomad", ports=(4646,), products=("nomad",),
        rule=_rule("nomad", "Nomad without access control", _CRITICAL, _RUN,
                   "turn on ACLs for Nomad on {port} of {host}"),
        questions=(Question(path="/v1/agent/members", proof=(b'"Members"', b'"ServerRegion"')),),
    ),
    Api(
        name="vault", ports=(8200,), products=("vault",),
        rule=_rule("vault", "Vault is waiting for whoever sets it up", _HIGH,
                   "the first who reaches the port becomes its master", "initialise Vault on {port} of {host}"),
        questions=(Question(path="/v1/sys/seal-status", proof=(b'"initialized":false', b'"sealed"')),),
    ),
    Api(
        name="couchdb", ports=(5984, 6984), products=("couchdb",),
        rule=_rule("couchdb", "CouchDB without authentication", _CRITICAL, _DATA,
                   "create an administrator and set `require_valid_user` for CouchDB on {port} of {host}"),
        questions=(Question(path="/_all_dbs", proof=(b'["',), not_in=(b"<",)),),
    ),
    Api(
        name="influxdb", ports=(8086,), products=("influxdb",),
        rule=_rule("influxdb", "InfluxDB without authentication", _HIGH, _DATA,
                   "set `auth-enabled = true` for InfluxDB on {port} of {host}"),
        questions=(Question(path="/query?q=SHOW%20DATABASES", proof=(b'"results"', b'"series"', b'"databases"')),),
    ),
    Api(
        name="solr", ports=(8983,), products=("solr",),
        rule=_rule("solr", "Solr without authentication", _HIGH, _DATA,
                   "turn on authentication for Solr on {port} of {host}"),
        questions=(Question(path="/solr/admin/info/system?wt=json", proof=(b'"solr_home"', b'"lucene"')),),
    ),
    Api(
        name="yarn", ports=(8088,), products=("hadoop",),
        rule=_rule("yarn", "Hadoop YARN without authentication", _CRITICAL, _RUN,
                   "turn on Kerberos for YARN on {port} of {host}, or close the port"),
        questions=(Question(path="/ws/v1/cluster/info", proof=(b'"clusterInfo"', b'"hadoopVersion"')),),
    ),
    Api(
        name="jupyter", ports=(8888, 8889), products=("jupyter",),
        rule=_rule("jupyter", "Jupyter without a login", _CRITICAL, _RUN,
                   "set a password or token for Jupyter on {port} of {host}"),
        questions=(Question(path="/api/contents?content=0", proof=(b'"type"', b'"directory"', b'"path"')),),
    ),
    Api(
        name="jenkins", ports=(8080, 8081), products=("jenkins",),
        rule=_rule("jenkins", "Jenkins lets anyone read", _HIGH,
                   "anyone who reaches the port reads the builds, their logs and what leaks into them",
                   "take the rights of `anonymous` away in Jenkins on {port} of {host}"),
        questions=(Question(path="/api/json?tree=mode,jobs[name]{0,1}",
                            proof=(b'"_class"', b'"hudson.model.Hudson"')),),
    ),
    Api(
        name="grafana", ports=(3000,), products=("grafana",),
        rule=_rule("grafana", "Grafana lets anyone read", _MEDIUM,
                   "anyone who reaches the port reads the dashboards and their data",
                   "turn off `auth.anonymous` in Grafana on {port} of {host}"),
        questions=(Question(path="/api/org", proof=(b'"id"', b'"name"', b'"address"')),),
    ),
    Api(
        name="prometheus", ports=(9090,), products=("prometheus",),
        rule=_rule("prometheus", "Prometheus without authentication", _MEDIUM,
                   "anyone who reaches the port reads what runs where, and how it is configured",
                   "put a login in front of Prometheus on {port} of {host}"),
        questions=(Question(path="/api/v1/status/buildinfo", proof=(b'"status":"success"', b'"goVersion"')),),
    ),
    Api(
        name="kibana", ports=(5601,), products=("kibana",),
        rule=_rule("kibana", "Kibana without a login", _HIGH, _DATA, "turn on security for Kibana on {port} of {host}"),
        questions=(Question(path="/api/saved_objects/_find?type=index-pattern&per_page=1",
                            proof=(b'"saved_objects"', b'"total"')),),
    ),
    Api(
        name="registry", ports=(5000,), products=("docker registry",),
        rule=_rule("registry", "An image registry without a login", _HIGH,
                   "anyone who reaches the port reads the images, and often replaces them",
                   "require a login for the registry on {port} of {host}"),
        questions=(Question(path="/v2/_catalog?n=1", proof=(b'"repositories"',)),),
    ),
)  # fmt: skip
