"""Hosts from files that say what was deployed. The files are constructed after what the tools document they write."""

import json
from pathlib import Path

import pytest

from scangate.config import Config, Flags, load
from scangate.errors import ConfigError


@pytest.fixture
def deployed(tmp_path: Path):
    """Write a list, and load a config whose target takes its hosts from it."""

    def make(text: str | bytes, *, group: str = "", file: str = "hosts.txt", more: str = "") -> Config:
        (tmp_path / ".git").mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        wanted = f"{{file: {file}, group: {json.dumps(group)}}}" if group else file
        lines = ["version: 1", "targets:", "  - id: edge", f"    hosts_from: {wanted}", *more.splitlines()]
        (tmp_path / "scangate.yml").write_text("\n".join(lines) + "\n")
        return load(Flags(), {}, cwd=tmp_path, environ={})

    return make


@pytest.fixture
def mistakes(deployed):
    def make(text: str | bytes, **options) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            deployed(text, **options)
        return [str(each) for each in caught.value.problems]

    return make


def hosts(config: Config) -> list[str]:
    return list(config.targets[0].addresses)


def test_one_host_a_line(deployed):
    config = deployed(
        "# what is mine\n10.0.0.1\n\n[::1]\n10.0.1.0/28 # the office\nedge.example.com\n; end\n10.0.0.1\n"
    )
    assert hosts(config) == ["10.0.0.1", "::1", "10.0.1.0/28", "edge.example.com"]
    assert config.targets[0].ports == ""
    assert (config.targets[0].declared_at.path, config.targets[0].declared_at.line) == ("scangate.yml", 4)
    assert config.notes == ()


def test_hosts_named_beside_a_list_come_first(deployed):
    assert hosts(deployed("10.0.0.1\n", more="    hosts: [10.0.0.2]")) == ["10.0.0.2", "10.0.0.1"]


def test_several_lists_are_one(deployed, tmp_path):
    (tmp_path / "b.txt").write_text("10.0.0.2\n")
    (tmp_path / "a.txt").write_text("10.0.0.1\n")
    (tmp_path / "scangate.yml").write_text(
        "version: 1\ntargets:\n  - id: edge\n    hosts_from: [a.txt, {file: b.txt}]\n"
    )
    assert hosts(load(Flags(), {}, cwd=tmp_path, environ={})) == ["10.0.0.1", "10.0.0.2"]


def test_every_line_that_is_no_host_is_said_with_its_number(mistakes):
    assert mistakes("10.0.0.1\nhttp://x/\n10.0.0.300\n-oN\n10.0.0.1 10.0.0.2\n'\n") == [
        "hosts.txt:2: 'http://x/' is a URL: write the host alone",
        "hosts.txt:3: '10.0.0.300' is not an address such as 192.0.2.7, 2001:db8::7, or 192.0.2.0/24",
        "hosts.txt:4: '-oN' is not a host: write an address, a network (10.0.0.0/24), or an ASCII host name",
        "hosts.txt:5: '10.0.0.2' after the host is no variable (write one host a line)",
        "hosts.txt:6: a quote is not closed",
    ]


INVENTORY = """\
bastion.example.com ansible_user=admin
localhost ansible_connection=local

[web]
web[01:03].example.com
web9 ansible_host=10.0.0.9 ansible_port=2222   # the old one

[db]
db-[a:b].example.com:5309
10.0.0.[5:7:2]

[db:vars]
ansible_user = postgres

[site:children]
web
db

[loop:children]
loop
"""


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("", ("bastion.example.com web01.example.com web02.example.com web03.example.com 10.0.0.9 db-a.example.com "
             "db-b.example.com 10.0.0.5 10.0.0.7")),
        ("web", "web01.example.com web02.example.com web03.example.com 10.0.0.9"),
        ("site", ("web01.example.com web02.example.com web03.example.com 10.0.0.9 db-a.example.com db-b.example.com "
                 "10.0.0.5 10.0.0.7")),
        ("ungrouped", "bastion.example.com"),
    ],
)  # fmt: skip
def test_an_ini_inventory_gives_its_groups(deployed, group, expected):
    config = deployed(INVENTORY, group=group, file="inventory.ini")
    assert hosts(config) == expected.split()
    if group in ("", "ungrouped"):
        assert config.notes == (
            "inventory.ini: left out localhost: `ansible_connection=local` is the machine that Ansible runs on",
        )


def test_a_group_that_is_not_there_is_said_with_the_one_that_was_meant(mistakes):
    assert mistakes(INVENTORY, group="wed") == ["hosts.txt:1: has no group 'wed' (did you mean web?)"]


def test_a_group_that_holds_only_itself_names_no_host(mistakes):
    assert mistakes(INVENTORY, group="loop") == [
        "scangate.yml:4: targets[0].hosts_from: hosts.txt names no host in 'loop' (give a list that does)"
    ]


YAML = """\
---
all:
  hosts:
    bastion.example.com:
  children:
    web:
      vars: {http_port: 80}
      hosts:
        web[1:2].example.com:
        old:
          ansible_host: 10.0.0.9
          ansible_password: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            3363
    db:
      hosts: {db1.example.com: {}}
"""


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("", "bastion.example.com web1.example.com web2.example.com 10.0.0.9 db1.example.com"),
        ("all", "bastion.example.com web1.example.com web2.example.com 10.0.0.9 db1.example.com"),
        ("web", "web1.example.com web2.example.com 10.0.0.9"),
    ],
)
def test_a_yaml_inventory_gives_its_groups(deployed, group, expected):
    assert hosts(deployed(YAML, group=group, file="inventory.yml")) == expected.split()


def test_what_is_wrong_with_a_yaml_inventory_is_said_with_its_line(mistakes):
    assert mistakes(
        "web:\n  hosts: [web1]\n  host: {}\n"
        "db:\n  hosts:\n    a: {ansible_host: '{{ ip }}'}\n    <<: {b: }\n    'web 3':\n"
    ) == [
        "hosts.txt:2: web.hosts: expected a mapping (write each host as a key: `web1:`)",
        "hosts.txt:3: web: 'host' is no part of a group (hosts, children or vars)",
        "hosts.txt:6: a: '{{ ip }}' is not a host: write an address, a network (10.0.0.0/24), or an ASCII host name",
        "hosts.txt:7: db.hosts: merge keys are not read (write the keys out)",
        "hosts.txt:8: 'web 3' is not a host: write an address, a network (10.0.0.0/24), or an ASCII host name",
    ]


def test_a_bomb_of_aliases_ends(mistakes):
    levels = "".join(f"g{n}: &g{n}\n  children: {{a: *g{n - 1}, b: *g{n - 1}}}\n" for n in range(1, 40))
    assert any("more than 20,000 values" in each for each in mistakes(f"g0: &g0\n  hosts: {{h: }}\n{levels}"))
    deep = "".join(f"g{n}: &g{n}\n  children: {{a: *g{n - 1}}}\n" for n in range(1, 2000))
    assert any("nested more than 30 deep" in each for each in mistakes(f"g0: &g0\n  hosts: {{h: }}\n{deep}"))


@pytest.mark.parametrize("pattern", ["web[1:99999].x.org", "a[0:99][0:99][0:99]", "a[0:999999999]", "a[z:a]", "a[5:1]"])
def test_ranges_are_bounded_and_run_forwards(mistakes, pattern):
    assert ["is more than 10,000 hosts" in each or "runs backwards" in each for each in mistakes(pattern)] == [True]


def test_a_range_goes_from_a_digit_to_a_digit(mistakes):
    assert "from a digit to a letter" in mistakes("a[1:f]")[0]


def test_more_hosts_than_a_target_may_hold_are_refused(mistakes):
    assert "names more than 10,000 hosts" in mistakes("a[1:6000]\nb[1:6000]\n")[0]


SHOWN = {
    "format_version": "1.0",
    "terraform_version": "1.9.0",
    "values": {
        "outputs": {
            "edge": {"sensitive": False, "value": ["203.0.113.5", "edge.example.com"], "type": ["list", "string"]},
            "token": {"sensitive": True, "value": "s3cr3t.example.com", "type": "string"},
        },
        "root_module": {
            "resources": [
                {
                    "address": "aws_instance.web[0]", "mode": "managed", "type": "aws_instance", "name": "web",
                    "values": {"public_ip": "203.0.113.5", "private_ip": "10.0.0.5", "ipv6_addresses": ["2001:db8::5"]},
                },
                {
                    "address": "data.aws_instance.theirs", "mode": "data", "type": "aws_instance", "name": "theirs",
                    "values": {"public_ip": "203.0.113.66"},
                },
                {
                    "address": "aws_security_group.web", "mode": "managed", "type": "aws_security_group",
                    "values": {"ingress": [{"cidr_blocks": ["0.0.0.0/0"], "ip_address": "198.51.100.1"}]},
                },
                {
                    "address": "aws_lb.front", "mode": "managed", "type": "aws_lb",
                    "values": {"dns_name": "front-1.elb.example.com", "name": "front"},
                },
            ],
            "child_modules": [
                {
                    "address": "module.db",
                    "resources": [
                        {
                            "address": "module.db.google_compute_instance.db", "mode": "managed",
                            "type": "google_compute_instance",
                            "values": {"network_interface": [{"network_ip": "10.0.0.7", "access_config": []}]},
                        }
                    ],
                }
            ],
        },
    },
}  # fmt: skip


def test_what_terraform_shows_is_taken_by_its_outer_addresses(deployed):
    config = deployed(json.dumps(SHOWN), file="state.json")
    assert hosts(config) == ["203.0.113.5", "2001:db8::5", "front-1.elb.example.com", "10.0.0.7"]
    assert config.notes == ("state.json: left out 1 inner address of aws_instance.web[0]: it has an outer one",)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("aws_instance.web", ["203.0.113.5", "2001:db8::5"]),
        ("module.db", ["10.0.0.7"]),
        ("edge", ["203.0.113.5", "edge.example.com"]),
        ("output.edge", ["203.0.113.5", "edge.example.com"]),
    ],
)
def test_a_part_of_what_terraform_made_can_be_picked(deployed, group, expected):
    assert hosts(deployed(json.dumps(SHOWN), group=group)) == expected


def test_a_secret_output_is_never_read(mistakes):
    said = mistakes(json.dumps(SHOWN), group="token")
    assert said == ["hosts.txt:1: token: is sensitive, so its value is not read (name the hosts in `hosts`)"]


def test_a_state_file_says_the_same(deployed):
    state = {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 3,
        "lineage": "0",
        "outputs": {},
        "resources": [
            {
                "mode": "managed", "type": "hcloud_server", "name": "web", "provider": "p",
                "instances": [
                    {"index_key": 0, "attributes": {"ipv4_address": "203.0.113.7", "ipv6_address": "2001:db8::7/64"}},
                    {"index_key": "b", "attributes": {"ipv4_address": "203.0.113.8", "ipv6_address": ""}},
                ],
            },
            {"mode": "data", "type": "hcloud_server", "name": "x",
             "instances": [{"attributes": {"ipv4_address": "9.9.9.9"}}]},
        ],
    }  # fmt: skip
    assert hosts(deployed(json.dumps(state))) == ["203.0.113.7", "2001:db8::7", "203.0.113.8"]
    assert hosts(deployed(json.dumps(state), group="hcloud_server.web[0]")) == ["203.0.113.7", "2001:db8::7"]


OUTPUTS = {
    "web_ips": {"value": ["10.0.0.1", "10.0.0.2"], "type": ["list", "string"], "sensitive": False},
    "hosts": {"value": {"a": "a.example.com", "b": "10.0.0.3"}, "type": "x", "sensitive": False},
    "bucket": {"value": "assets.example.com", "type": "string", "sensitive": False},
    "vpc_cidr": {"value": "10.0.0.0/16", "type": "string", "sensitive": False},
    "password": {"value": "10.9.9.9", "type": "string", "sensitive": True},
    "count": {"value": 3, "type": "number", "sensitive": False},
}


def test_outputs_are_taken_where_they_are_addresses(deployed):
    config = deployed(json.dumps(OUTPUTS), file="out.json")
    assert hosts(config) == ["10.0.0.1", "10.0.0.2", "a.example.com", "10.0.0.3"]
    assert config.notes == (
        "out.json: left out the output bucket: it holds no address",
        "out.json: left out the output vpc_cidr: it holds no address",
        "out.json: left out the output password: it is sensitive",
        "out.json: left out the output count: it holds no address",
    )


def test_an_output_that_is_picked_is_taken_as_it_is(deployed, mistakes):
    assert hosts(deployed(json.dumps(OUTPUTS), group="bucket")) == ["assets.example.com"]
    assert "holds no text that could be a host" in mistakes(json.dumps(OUTPUTS), group="count")[0]
    assert "has no output 'web_ip' (did you mean web_ips?)" in mistakes(json.dumps(OUTPUTS), group="web_ip")[0]


def test_one_output_alone_is_a_list(deployed):
    assert hosts(deployed('["10.0.0.1", "10.0.0.2"]')) == ["10.0.0.1", "10.0.0.2"]


def test_what_powershell_wrote_is_read(deployed):
    assert hosts(deployed(json.dumps(OUTPUTS).encode("utf-16"), group="web_ips")) == ["10.0.0.1", "10.0.0.2"]


def test_a_plan_is_not_deployed(mistakes):
    assert "is a plan" in mistakes('{"format_version": "1.2", "planned_values": {}}')[0]
    assert "nothing is deployed" in mistakes('{"format_version": "1.0"}')[0]


def named(kind, name, namespace="shop", **more):
    return {"kind": kind, "metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, **more}


def service(name, kind, ports, namespace="shop", ingress=None, **spec):
    status = {"loadBalancer": {"ingress": ingress} if ingress else {}}
    return named("Service", name, namespace, spec={"type": kind, "ports": ports, **spec}, status=status)


CLUSTER = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        service(
            "web", "LoadBalancer", [{"port": 443, "protocol": "TCP", "nodePort": 31443}], clusterIP="10.96.0.1",
            ingress=[{"ip": "203.0.113.20"}, {"hostname": "web.lb.example.com"}],
        ),
        service("dns", "ClusterIP", [{"port": 53, "protocol": "UDP"}], "infra", clusterIPs=["10.96.0.10", "fd00::a"]),
        service("peers", "ClusterIP", [{"port": 7000}], "infra", clusterIP="None"),
        service("theirs", "ExternalName", [], "infra", externalName="api.example.org"),
        service("edge", "NodePort", [{"port": 80, "nodePort": 30080}], "infra", clusterIP="10.96.0.2",
                externalIPs=["192.168.7.7"]),
        named("Ingress", "site", spec={"rules": [{"host": "shop.example.com"}]},
              status={"loadBalancer": {"ingress": [{"ip": "203.0.113.21"}]}}),
        named("ConfigMap", "settings"),
    ],
}  # fmt: skip
NODE = named(
    "Node", "n1", "",
    status={"addresses": [{"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "10.1.0.1"}]},
)  # fmt: skip


def test_what_a_cluster_offers_is_asked_on_its_ports_only(deployed):
    config = deployed(json.dumps(CLUSTER), file="svc.json")
    assert hosts(config) == [
        "203.0.113.20", "web.lb.example.com", "10.96.0.10", "fd00::a", "192.168.7.7", "203.0.113.21",
    ]  # fmt: skip
    assert config.targets[0].ports == "T:80,T:443,U:53"
    assert config.notes == (
        "svc.json: left out ConfigMap shop/settings: only services, ingresses and nodes have addresses",
        "svc.json: left out Service infra/peers: it is headless: its pods have the addresses",
        "svc.json: left out Service infra/theirs: ExternalName leads out of the cluster",
        "svc.json: left out Service infra/edge on the nodes: the list has no nodes: kubectl get svc,nodes -o json",
        "svc.json: left out the names of Ingress shop/site (shop.example.com): its address is scanned",
    )


def test_nodes_are_asked_for_what_nodes_have_and_what_is_opened_on_them(deployed):
    config = deployed(json.dumps({**CLUSTER, "items": [*CLUSTER["items"], NODE]}))
    assert "10.1.0.1" in hosts(config)
    assert config.targets[0].ports.startswith("T:22,T:80,T:111")
    assert config.targets[0].ports.endswith("T:30080,T:31443,U:53")
    alone = deployed(json.dumps(NODE))
    assert hosts(alone) == ["10.1.0.1"]
    assert alone.targets[0].ports.endswith("T:10248-10259,T:30000-32767")


@pytest.mark.parametrize(
    ("group", "expected"),
    [("shop", ["203.0.113.20", "web.lb.example.com", "203.0.113.21"]), ("infra/dns", ["10.96.0.10", "fd00::a"])],
)
def test_a_namespace_or_one_service_can_be_picked(deployed, group, expected):
    assert hosts(deployed(json.dumps(CLUSTER), group=group)) == expected


def test_the_users_own_ports_win(deployed):
    assert deployed(json.dumps(CLUSTER), more="    ports: 1-1024").targets[0].ports == "1-1024"
    assert deployed(json.dumps(CLUSTER), more="    hosts: [10.0.0.1]").targets[0].ports == ""


def test_a_load_balancer_without_an_address_is_a_mistake_and_not_passed_over(mistakes):
    pending = service("web", "LoadBalancer", [{"port": 443}], clusterIP="10.96.0.1")
    assert mistakes(json.dumps(pending)) == [
        "hosts.txt:1: Service shop/web: has no address yet (wait until its load balancer has one)"
    ]
    assert "Ingress shop/site: has no address yet" in mistakes(json.dumps(named("Ingress", "site")))[0]
    assert "Node n1: has no address" in mistakes(json.dumps(named("Node", "n1", "")))[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no host"),
        ("# nothing\n", "names no host"),
        ("{", "is not readable as JSON"),
        ('{"a": 1}', "is JSON of no kind that is read here"),
        ('{"_meta": {"hostvars": {}}}', "ansible-inventory --list"),
        ("[" * 100_000, "nested too deep"),
        ('{"a": ' * 100_000, "nested too deep"),
        ("1" * 5000, "is not a host"),
        ("apiVersion: v1\nkind: Service\n", "is Kubernetes as YAML"),
        (b"\xff\xfeX", "is not UTF-8"),
        (b"10.0.0.\xe9", "is not UTF-8 at byte 7"),
        ("all:\n  hosts: {a: }\n---\nb: \n", "one document is expected"),
        ("[web:parents]\nweb1\n", "is no kind of section"),
        ('["10.0.0.1", "-oN"]', "'-oN' is not a host"),
        ("10.0.0.1 a=" + "x" * 20_000, "more than 10,000 characters"),
    ],
)
def test_what_is_no_list_is_said(mistakes, text, said):
    assert said in "\n".join(mistakes(text))


def test_no_escape_from_a_list_reaches_the_terminal(mistakes):
    outputs = {"\x1b[31mx": {"value": "\x1b[0m", "sensitive": False}}
    assert "\x1b" not in "\n".join(mistakes(json.dumps(outputs), group="\N{ESCAPE}[31mx".replace("\x1b", "")))
    assert "\x1b" not in "\n".join(mistakes("a\x1b[31m\nb[\x1b\n"))


def test_a_file_that_is_not_there_is_said_where_it_is_named(tmp_path):
    (tmp_path / "scangate.yml").write_text("version: 1\ntargets:\n  - id: edge\n    hosts_from: [nowhere.ini]\n")
    with pytest.raises(
        ConfigError, match=r"scangate.yml:4: targets\[0\]\.hosts_from\[0\]: there is no file nowhere.ini"
    ):
        load(Flags(), {}, cwd=tmp_path, environ={})


def test_a_file_that_is_too_large_is_refused(mistakes, monkeypatch):
    monkeypatch.setattr("scangate.config.hosts.MAX_BYTES", 100)
    assert "is larger than" in mistakes("10.0.0.1\n" * 20)[0]
