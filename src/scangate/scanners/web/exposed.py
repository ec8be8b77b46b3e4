"""Which files and pages are asked for, and what proves that they are there. A new one is a row here."""

import re
from dataclasses import dataclass
from typing import Final

from scangate.core.model import Severity
from scangate.scanners.network.rule import Rule

_CONTROLS: Final = ("PCI DSS 4.0.1 2.2.6",)
_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """`pattern` is looked for in the first bytes. `page`: it is HTML. `head`: asked by HEAD, proved by these types."""

    path: str
    pattern: bytes = b""
    page: bool = False
    head: tuple[str, ...] = ()

    def proved(self, body: bytes) -> bool:
        return re.search(self.pattern, body) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """One kind of thing. `large`: only its beginning is asked for."""

    rule: Rule
    signs: tuple[Sign, ...]
    large: bool = False


def _rule(name: str, title: str, severity: Severity, why: str, *cwes: str) -> Rule:
    return Rule(
        id=f"http-exposed-{name}",
        title=title,
        severity=severity,
        why=why,
        fix=f"keep {title[0].lower()}{title[1:].removesuffix(' is served').removesuffix(' are served')} "
        "from being served on {port} of {host}",
        cwes=cwes or ("CWE-538",),
        controls=_CONTROLS,
    )


_SOURCE: Final = "it holds the source, its history and often passwords"
_SECRETS: Final = "it holds passwords and keys, which are now known"
_INSIDE: Final = "it tells how the server and its network are built, and who uses it"
_ZIP, _GZIP = rb"\APK\x03\x04", rb"\A\x1f\x8b\x08"
_SQL: Final = rb"(?i)\A[\s\S]{0,2000}(?:-- (?:MySQL|MariaDB|PostgreSQL) (?:database )?dump|CREATE TABLE |INSERT INTO )"
_PHP: Final = rb"\A\s*<\?php"
_ENV: Final = rb"(?m)\A(?:#[^\n]{0,200}\n|\s)*(?:export )?[A-Za-z_][A-Za-z0-9_]{1,60}=[^\n<]{0,500}(?:\n|\Z)"
_KEY: Final = rb"\A\s*-----BEGIN (?:RSA |DSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----"

EXPOSED: Final = (
    Exposed(rule=_rule("git", "A Git repository is served", _HIGH, _SOURCE, "CWE-527"), signs=(
        Sign(path="/.git/HEAD", pattern=rb"\A(?:ref: refs/|[0-9a-f]{40}\s*\Z)"),
        Sign(path="/.git/config", pattern=rb"(?m)\A\s*\[core\]"),
    )),
    Exposed(rule=_rule("svn", "A Subversion working copy is served", _HIGH, _SOURCE, "CWE-527"), large=True, signs=(
        Sign(path="/.svn/entries", pattern=rb"\A(?:\d{1,2}\n|<\?xml)"),
        Sign(path="/.svn/wc.db", pattern=rb"\ASQLite format 3\x00"),
    )),
    Exposed(rule=_rule("env", "A file of environment variables is served", _HIGH, _SECRETS, "CWE-538", "CWE-312"),
            signs=(
        Sign(path="/.env", pattern=_ENV), Sign(path="/.env.local", pattern=_ENV),
        Sign(path="/.env.production", pattern=_ENV), Sign(path="/.env.bak", pattern=_ENV),
    )),
    Exposed(rule=_rule("key", "A private key is served", _HIGH, _SECRETS, "CWE-321"), signs=(
        Sign(path="/id_rsa", pattern=_KEY), Sign(path="/.ssh/id_rsa", pattern=_KEY),
        Sign(path="/server.key", pattern=_KEY), Sign(path="/privatekey.pem", pattern=_KEY),
    )),
    Exposed(rule=_rule("credentials", "A file of credentials is served", _HIGH, _SECRETS, "CWE-538", "CWE-312"),
            signs=(
        Sign(path="/.aws/credentials", pattern=rb"(?m)^\s*aws_access_key_id\s*="),
        Sign(path="/.htpasswd", pattern=rb"\A[^\s:<]{1,64}:(?:\$|\{SHA\}|[./0-9A-Za-z]{13}(?:\s|\Z))"),
        Sign(path="/.docker/config.json", pattern=rb'"auths"\s*:'),
        Sign(path="/.npmrc", pattern=rb"(?m):_authToken\s*="),
        Sign(path="/.git-credentials", pattern=rb"\Ahttps?://[^\s:@]{1,200}:[^\s@]{1,200}@"),
    )),
    Exposed(rule=_rule("backup", "A backup is served", _MEDIUM, _SOURCE, "CWE-530"), large=True, signs=(
        Sign(path="/backup.zip", pattern=_ZIP), Sign(path="/backup.tar.gz", pattern=_GZIP),
        Sign(path="/backup.sql", pattern=_SQL), Sign(path="/dump.sql", pattern=_SQL),
        Sign(path="/db.sql", pattern=_SQL), Sign(path="/database.sql", pattern=_SQL),
        Sign(path="/site.zip", pattern=_ZIP), Sign(path="/www.zip", pattern=_ZIP),
        Sign(path="/index.php.bak", pattern=_PHP), Sign(path="/index.php~", pattern=_PHP),
        Sign(path="/wp-config.php.bak", pattern=_PHP), Sign(path="/wp-config.php~", pattern=_PHP),
        Sign(path="/config.php.bak", pattern=_PHP),
    )),
    Exposed(rule=_rule("status", "A server's status page is served", _MEDIUM, _INSIDE, "CWE-497"), signs=(
        Sign(path="/server-status", pattern=rb"Apache (?:Server )?Status|Server Version: Apache", page=True),
        Sign(path="/server-status?auto", pattern=rb"(?m)^(?:Total Accesses|BusyWorkers|Scoreboard): ", page=True),
        Sign(path="/server-info", pattern=rb"Apache Server Information", page=True),
        Sign(path="/nginx_status", pattern=rb"\AActive connections: \d+", page=True),
        Sign(path="/stub_status", pattern=rb"\AActive connections: \d+", page=True),
        Sign(path="/basic_status", pattern=rb"\AActive connections: \d+", page=True),
    )),
    Exposed(rule=_rule("phpinfo", "PHP's description of itself is served", _MEDIUM, _INSIDE, "CWE-497"), signs=(
        Sign(path="/phpinfo.php", pattern=rb"phpinfo\(\)|PHP Version \d", page=True),
        Sign(path="/info.php", pattern=rb"<title>[^<]{0,60}phpinfo\(\)", page=True),
    )),
    Exposed(rule=_rule("actuator", "Spring's actuator is served", _HIGH, _SECRETS, "CWE-497", "CWE-215"), signs=(
        Sign(path="/actuator/env", pattern=rb'"propertySources"\s*:'),
        Sign(path="/env", pattern=rb'"propertySources"\s*:|"systemProperties"\s*:'),
        Sign(path="/actuator/configprops", pattern=rb'"contexts"\s*:[\s\S]{0,400}"beans"\s*:'),
        Sign(path="/actuator/heapdump", head=("application/octet-stream", "application/x-hprof")),
    )),
    Exposed(rule=_rule("health", "Spring's actuator tells its health", _INFO, _INSIDE, "CWE-497"), signs=(
        Sign(path="/actuator/health", pattern=rb'\A\s*\{\s*"status"\s*:\s*"(?:UP|DOWN|UNKNOWN|OUT_OF_SERVICE)"'),
    )),
    Exposed(rule=_rule("swagger", "A description of an API is served", _LOW, _INSIDE, "CWE-200"), signs=tuple(
        Sign(path=path, pattern=rb'"(?:swagger|openapi)"\s*:\s*"[23]\.')
        for path in ("/swagger.json", "/openapi.json", "/v2/api-docs", "/v3/api-docs", "/api/swagger.json")
    )),
    Exposed(rule=_rule("debug", "A debugger or profiler is served", _MEDIUM, _INSIDE, "CWE-489"), signs=(
        Sign(path="/debug/pprof/", pattern=rb"<title>/debug/pprof/|full goroutine stack dump", page=True),
        Sign(path="/debug/vars", pattern=rb'"memstats"\s*:'),
        Sign(path="/console", pattern=rb"Werkzeug[ \w]{0,20}[Dd]ebugger|EVALEX = true", page=True),
        Sign(path="/_profiler/", pattern=rb"Symfony Profiler", page=True),
    )),
    Exposed(rule=_rule("metrics", "Metrics are served", _LOW, _INSIDE, "CWE-497"), signs=(
        Sign(path="/metrics", pattern=rb"(?m)^# (?:HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* "),
        Sign(path="/actuator/prometheus", pattern=rb"(?m)^# (?:HELP|TYPE) [a-zA-Z_:]"),
    )),
    Exposed(rule=_rule("config", "Files of the build are served", _LOW, _INSIDE, "CWE-538"), signs=(
        Sign(path="/web.config", pattern=rb"(?i)<configuration[\s>]"),
        Sign(path="/composer.json", pattern=rb'\A\s*\{[\s\S]{0,4000}"(?:require|autoload)"\s*:'),
        Sign(path="/package.json", pattern=rb'\A\s*\{[\s\S]{0,4000}"(?:dependencies|devDependencies|scripts)"\s*:'),
        Sign(path="/Dockerfile", pattern=rb"(?m)\A(?:#[^\n]{0,200}\n|\s|ARG [^\n]{1,200}\n)*FROM [^\s<]{1,200}"),
        Sign(path="/docker-compose.yml", pattern=rb"(?m)^services:\s*$"),
        Sign(path="/.DS_Store", pattern=rb"\A\x00\x00\x00\x01Bud1"),
    )),
    Exposed(rule=_rule("crossdomain", "A policy that lets every Flash page in is served", _LOW, _INSIDE, "CWE-942"),
            signs=(
        Sign(path="/crossdomain.xml", pattern=rb"<allow-access-from [^>]{0,200}domain=[\"']\*[\"']"),
    )),
)  # fmt: skip
