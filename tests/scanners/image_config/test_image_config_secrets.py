"""Which secrets are found in a text, which texts only look like secrets, and how fast."""

import time

import pytest
from canaries import AWS_SECRET, PASSWORD, SERVICE_ACCOUNT, TOKENS, jwt, open_ssh_key, private_key, random_text

from scangate.scanners.image_config.kinds import severity_of, title_of
from scangate.scanners.image_config.secrets import Hit, pack, search, unpack
from scangate.scanners.image_config.secrets.commands import in_step, judge, shown
from scangate.scanners.image_config.secrets.forms import FORMS


def kinds(text: str, path: str = "app/settings.ini", **how: bool) -> list[str]:
    return [each.kind for each in search(text.encode(), path, **how)]


def test_there_is_a_canary_of_every_form():
    assert set(TOKENS) == {form.kind for form in FORMS}


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize(
    "around", ["{}", "KEY={}\n", 'x = "{}";', '{{"a": "{}"}}', "curl -H 'A: {}' x", "a\n\n  - {}\n"]
)
def test_every_form_is_found_wherever_it_stands(kind, around):
    (hit,) = search(around.format(TOKENS[kind]).encode(), "app/x.txt", names=False)
    assert (hit.kind, hit.length) == (kind, len(TOKENS[kind]))
    assert severity_of(kind) is not None
    assert title_of(kind) != "a secret"


@pytest.mark.parametrize("kind", ["github-token", "npm-token"])
def test_a_token_whose_checksum_is_wrong_is_none(kind):
    token = TOKENS[kind]
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert search(changed.encode()) == ()
    assert search(token.encode())[0].certain


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",  # Amazon's own
        "ghp_" + "x" * 36,
        "sk_live_" + "1234" * 6,
        "glpat-xxxxxxxxxxxxxxxxxxxx",
        jwt().replace(jwt().partition(".")[0], "eyJ0eXAiOiJKV1QifQabcdefgh"),  # no algorithm
        "-----BEGIN RSA PRIVATE KEY-----",
        'if line == "-----BEGIN PRIVATE KEY-----": pass',
        "password = os.environ['DB_PASSWORD']",
        "password: ${DB_PASSWORD}",
        "password={{ vault_password }}",
        "password = <your-password>",
        "password = changeme",
        "PASSWORD=%(ENV_PASSWORD)s",
        "secret_file = /run/secrets/db",
        "token_url = https://login.corp/oauth",
        "token: 3f2504e0-4f89-11d3-9a0c-0305e82c3301",  # a UUID
        "password_hash = $2b$12$" + random_text(53),
        "auth_token = sha256:" + random_text(64, "0123456789abcdef"),
        "max_password_length = 12345678",
        "password_policy = minimum_of_8_letters",
        "secretName: database-credentials",
        "use_token = authentication_backend_token",
        "https://user:password@example.com/",
        "https://user:${PASS}@db.corp/",
        "postgres://localhost:5432/db@x",
        "git@github.com:a/b.git",
        "integrity: sha512-" + random_text(86),
    ],
)
def test_what_only_looks_like_a_secret_is_none(text):
    assert search(text.encode(), "app/settings.conf") == ()


@pytest.mark.parametrize(
    ("text", "kind", "anchor"),
    [
        (f"DB_PASSWORD={PASSWORD}", "assigned", "DB_PASSWORD"),
        (f'"client_secret": "{random_text(30)}"', "assigned", "client_secret"),
        (f"apiKey: '{random_text(32)}'", "assigned", "apiKey"),
        (f"aws_secret_access_key = {AWS_SECRET}", "aws-secret-key", "aws_secret_access_key"),
        (f"AccountName=x;AccountKey={random_text(86)}==;", "azure-storage-key", "AccountKey"),
        (f"define('DB_PASSWORD', '{PASSWORD}');", "assigned", "DB_PASSWORD"),
        (f"url: postgres://app:{PASSWORD.replace('%', 'p')}@db.corp/x", "url-password", "db.corp"),
        (private_key(), "private-key", ""),
        (private_key("ENCRYPTED "), "encrypted-private-key", ""),
        (open_ssh_key(), "private-key", ""),
        (open_ssh_key(b"aes256-ctr"), "encrypted-private-key", ""),
        (private_key("PGP ").replace("KEY-", "KEY BLOCK-"), "pgp-private-key", ""),
        (SERVICE_ACCOUNT, "gcp-service-account", ""),
        ("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 8\n" + random_text(64), "private-key", ""),
    ],
)
def test_secrets_are_told_by_what_stands_around_them(text, kind, anchor):
    (hit,) = search(text.encode(), "app/settings.conf")
    assert (hit.kind, hit.anchor) == (kind, anchor)


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("root/.netrc", "machine a.corp login me password hunter22", "netrc"),
        ("root/.pgpass", "db.corp:5432:shop:shop:hunter22\n", "pgpass"),
        ("root/.docker/config.json", '{"auths": {"r.corp": {"auth": "dXNlcjpodW50ZXIy"}}}', "docker-auth"),
        ("root/.kube/config", "users:\n- user:\n    token: abcd1234efgh5678\n", "kubeconfig"),
        ("app/.npmrc", "//npm.corp/:_password=aHVudGVyMjI=\n", "npmrc"),
        ("root/.curlrc", 'user = "me:hunter22"', "curlrc"),
    ],
)
def test_files_of_credentials_are_known_by_their_names(path, text, kind):
    assert kinds(text, path)[0] == kind
    assert kind not in kinds(text, "app/notes.cfg")


def test_in_a_program_only_what_is_quoted_is_a_value():
    assert kinds(f"password = {PASSWORD}", quoted=True) == []
    assert kinds(f'password = "{PASSWORD}"', quoted=True) == ["assigned"]


def test_a_document_about_secrets_has_tokens_but_no_assignments():
    text = f"password = {PASSWORD}\n{TOKENS['stripe-key']}\n"
    assert kinds(text, names=False) == ["stripe-key"]


def test_a_secret_is_told_once_with_the_line_and_the_name_it_has():
    text = f"# one\nGITHUB_TOKEN = {TOKENS['github-token']}\n"
    assert search(text.encode()) == (
        Hit(kind="github-token", line=2, length=40, anchor="GITHUB_TOKEN", certain=True, guess=False),
    )


def test_a_name_that_is_a_secret_is_not_kept():
    text = f'{{"{TOKENS["stripe-key"]}": "{TOKENS["sendgrid-key"]}", "{random_text(30)}_password": "{PASSWORD}"}}'
    kept = pack(search(text.encode()))
    assert random_text(30) not in kept.decode()
    assert TOKENS["stripe-key"] not in kept.decode()


def test_nothing_of_a_secret_is_kept():
    for secret in (*TOKENS.values(), private_key(), SERVICE_ACCOUNT):
        kept = pack(search(f"TOKEN = {secret}\n".encode())).decode()
        assert kept
        assert not [each for each in secret.splitlines() if len(each) > 9 and each[:20] in kept]


def test_what_is_kept_comes_back_and_a_broken_cache_is_no_hit():
    hits = search(f"a\nTOKEN={TOKENS['npm-token']}".encode())
    assert unpack(pack(hits)) == hits
    assert pack(()) == b""
    for broken in (b"", b"{", b"[1]", b'[{"kind": 1, "x": 2}]', b"[" * 100_000):
        assert unpack(broken) == ()


@pytest.mark.parametrize(
    ("step", "anchors"),
    [
        ("|1 TOKEN=abc9dXK2 /bin/sh -c curl -u admin:hunter2x https://a", ["TOKEN", "-u"]),
        ("RUN |2 A=b NPM_TOKEN=s3cr3tvalue99 /bin/sh -c npm i # buildkit", ["NPM_TOKEN"]),
        ("/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter22", ["DB_PASSWORD"]),
        ("ENV DB_PASSWORD hunter22", ["DB_PASSWORD"]),
        ("ARG API_KEY=kd83jd93kd9", ["API_KEY"]),
        ("ARG API_KEY", []),
        ("RUN git clone https://bob:S3cretPw0@git.corp/x.git", ["git.corp"]),
        ("ADD https://u:pw12345@files.corp/x /x", ["files.corp"]),
        ("RUN sshpass -p hunter22 ssh a", ["-p"]),
        ("RUN mysql -uroot -pS3cr3t! db", ["-p"]),
        ("RUN docker login -u me -p hunter2pw r.corp", ["-p"]),
        ("RUN curl -H 'Authorization: Bearer kd83jd93kd9x' a", ["Authorization"]),
        ("RUN curl -H 'PRIVATE-TOKEN: kd83jd93kd9x' a", ["PRIVATE-TOKEN"]),
        ("RUN x --password=hunter22 --api-key kd83jd93kd9", ["--password", "--api-key"]),
        ("RUN echo 'root:t00rt00r' | chpasswd", ["chpasswd"]),
        ("RUN --mount=type=secret,id=npm_token npm ci", []),
        ("RUN apt-get install -y libsecret-1-0 passwd", []),
        ("RUN x --password=$PASSWORD --token ${TOKEN}", []),
        ("RUN x --password-file /run/secrets/x", []),
        ("LABEL password=hunter22", []),
    ],
)
def test_secrets_of_build_steps_are_named_and_never_shown(step, anchors):
    assert [each.anchor.lower().split(":")[0] for each in in_step(step)] == [each.lower() for each in anchors]
    text = shown(step)
    assert text
    for secret in (
        "abc9dXK2",
        "hunter2",
        "s3cr3tvalue99",
        "kd83jd93kd9",
        "S3cretPw0",
        "pw12345",
        "S3cr3t!",
        "t00rt00r",
    ):
        assert secret not in text


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("POSTGRES_PASSWORD", "postgres", "assigned"),
        ("DJANGO_SECRET_KEY", "please-change-me", "default"),
        ("DATABASE_URL", "postgres://shop:s3cretpw@db/x", "url-password"),
        ("MY_VARIABLE", TOKENS["stripe-key"], "stripe-key"),
        ("JAVA_OPTS", f"-Xmx1g -Dkeystore.password={PASSWORD}", "assigned"),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/db", ""),
        ("DB_PASSWORD", "/run/secrets/db", ""),
        ("DB_PASSWORD", "", ""),
        ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes", ""),
        ("GPG_KEY", "7169605F62C751356D054A26A821E680E5FA6305", ""),
        ("PYTHON_SHA256", "a" * 60 + "0123", ""),
        ("TOKEN_TTL", "3600", ""),
        ("PATH", "/usr/local/bin:/usr/bin", ""),
        ("SSH_AUTH_SOCK", "/run/agent", ""),
    ],
)
def test_a_variable_is_judged_by_its_name_and_its_value(name, value, kind):
    hit = judge(name, value)
    assert (hit.kind if hit else "") == kind


HOSTILE = {
    "at signs": b"a://b:@" * 100_000,
    "keywords": b"passw=x;" * 100_000,
    "begins": b"-----BEGIN PRIVATE KEY-----" * 30_000,
    "one run": b"a1" * 400_000,
    "runs with names": b"key='" + b"a1" * 12 + b"' " + b"token='" * 90_000,
    "dots": b"ey" + b"a" * 20 + b".ey" * 250_000,
    "quotes": b"secret'" * 120_000,
    "names": b"secret_" * 120_000 + b"=",
    "jwts": (jwt().encode() + b"\n") * 3_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_made_to_be_slow_takes_no_time(name):
    began = time.process_time()
    assert len(search(HOSTILE[name][: 2**20])) <= 400
    assert time.process_time() - began < 5


@pytest.mark.parametrize("step", [name.decode("latin-1")[:500_000] for name in HOSTILE.values()])
def test_a_build_step_made_to_be_slow_takes_no_time(step):
    began = time.process_time()
    in_step(f"|1 {step} /bin/sh -c {step[:1000]}")
    in_step(step)
    shown(step)
    assert time.process_time() - began < 5
