"""Whether a name is that of a secret, and whether a value is one: what keeps false alarms few."""

import math
import re
from collections import Counter
from typing import Final

_WORDS: Final = (
    r"pass|passwd|password|passphrase|passwort|pwd|secret|token|api_?key|apikey|access_?key|secret_?key|private_?key"
    r"|encryption_?key|signing_?key|account_?key|auth_?key|auth|credentials?"
)
_SECRET: Final = re.compile(rf"(?:^|[_.\-])(?:{_WORDS}|[a-z0-9]{{1,20}}password)s?\d{{0,2}}$")
_NOT: Final = re.compile(
    r"(?:^|[_.\-])(?:public|no|disable|enable|skip|require|use|max|min|reset|forgot|csrf|next)(?:$|[_.\-])"
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_PLACEHOLDER: Final = re.compile(
    r"""(?xi)
    change[\W_]*(?:me|this|it) | changeit | replace[\W_]*(?:me|this|with) | placeholder | example | sample | dummy
    | your[\W_]? | my[\W_]?(?:secret|pass|token|key) | insert | fill[\W_]?in | redacted | removed | hidden
    | secret[\W_]?here | foobar
    | \bto[\W_]?do\b | \btbd\b | fixme | not[\W_]?(?:set|used|a[\W_]?real) | x{4,} | \*{3,} | \.{3,} | -{4,} | _{4,}
    | 12345678 | abcdef | qwerty | deadbeef | test | fake | mock | lorem | default | undefined | unknown | optional
    """
)
_REFERENCE: Final = re.compile(
    r"""(?x)
    [$%@&]?\{ | \$\( | \$[A-Za-z_] | %\( | %[sd] | %[A-Z_]+% | <[^>]*>? | \{\{ | \[\[ | @[A-Z_]+@ | __[A-Z_]+__
    | (?:env|file|vault|ssm|secretsmanager|arn|op|kms|sops|enc|awskms|gcpkms|projects|ref\+\w+):? [:/]
    | ENC[\[(] | !(?:vault|Ref|Sub|GetAtt|reference) | /[\w.-]+(?:/[\w.-]+)* $ | \.{1,2}/[\w.-] | https?://[^@]*$
    | [A-Za-z]:\\
    | (?:os|process|env|config|settings|self|this|req|request|args|options|params|props|ctx|data|conf|cfg|secrets|vars
        |var|local|module|input|event|app|user|result|response|random|crypto|getenv|lookup|function|lambda|new|await|return)\b
      [.(\[\s]
    """
)
_PLAIN: Final = frozenset(
    {
        "all", "always", "anonymous", "any", "ask", "basic", "bcrypt", "bearer", "default", "digest", "disabled",
        "empty", "enabled", "false", "hidden", "ident", "key", "md5", "never", "nil", "no", "none", "nopasswd", "null",
        "off", "on", "optional", "passwd", "password", "peer", "plain", "plaintext", "prompt", "reject", "required",
        "scram-sha-256", "secret", "sha256", "sha512", "string", "text", "token", "true", "trust", "undefined", "unset",
        "user", "username", "yes",
    }
)  # fmt: skip
_HASH: Final = re.compile(
    r"(?:sha(?:1|224|256|384|512)|md5)[:\-=][0-9a-f]{32,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|sha(?:256|384|512)-[A-Za-z0-9+/=]+|\$(?:[1256]|2[aby]|y|argon2\w*|pbkdf2[\w-]*|scrypt)\$.*|\{S?SHA\d*\}.*",
    re.IGNORECASE,
)
_DOTTED: Final = re.compile(r"[A-Za-z_$]\w*(?:(?:\.|::|->|/|:)[A-Za-z_$]\w*)+[(;,]?")
"""A name in a program, or a place in a tree."""
SHORTEST: Final = 8
"""Characters of a value that is a secret in a file; shorter ones are words."""
LONGEST: Final = 500


def names_secret(name: str) -> bool:
    """Tell whether a variable, label or key of this name holds a secret itself, and not where it is or how long."""
    words = _CAMEL.sub("_", name).lower()
    return len(name) <= LONGEST and bool(_SECRET.search(words)) and not _NOT.search(words)


def is_reference(value: str) -> bool:
    """Tell whether a value only says where the secret comes from: `${NAME}`, a path, a call, a template."""
    return bool(_REFERENCE.match(value)) or "${" in value or "{{" in value or "$(" in value


def is_placeholder(value: str) -> bool:
    """Tell whether a value stands for one that somebody was to fill in."""
    return value.lower() in _PLAIN or bool(_PLACEHOLDER.search(value)) or len(set(value)) <= 2  # noqa: PLR2004 - `xxxx`


def is_switch(value: str) -> bool:
    """Tell whether a value is no secret whatever its name: yes or no, a number, a method, a hash of a password."""
    return not value.strip() or value.isdigit() or value.lower() in _PLAIN or _HASH.fullmatch(value) is not None


def is_secret(value: str) -> bool:
    """Tell whether a value looks random, or at least like a password that somebody thought of."""
    if not SHORTEST <= len(value) <= LONGEST or is_reference(value) or is_placeholder(value) or _HASH.fullmatch(value):
        return False
    if value.isdigit() or any(each.isspace() for each in value) or (_DOTTED.fullmatch(value) and not is_long(value)):
        return False
    kinds = sum((value != value.upper(), value != value.lower(), any(map(str.isdigit, value)), not value.isalnum()))
    if value.replace("_", "").replace("-", "").replace(".", "").isalpha() and kinds < 4:  # noqa: PLR2004
        return False  # words, however they are joined
    return kinds > 1 and entropy(value) >= (3.0 if len(value) >= 16 else 2.5)  # noqa: PLR2004


def is_long(value: str) -> bool:
    """Tell whether a part of a value is longer and more mixed than names are."""
    part = max(re.split(r"[./:]|->", value), key=len)
    return len(part) >= 20 and any(map(str.isdigit, part)) and entropy(part) >= 3.4  # noqa: PLR2004 - see is_random


def is_random(value: str) -> bool:
    """Tell whether a long value is as disordered as a generated key."""
    return is_secret(value) and any(map(str.isdigit, value)) and entropy(value) >= 3.4  # noqa: PLR2004 - names have less


def entropy(value: str) -> float:
    """Return Shannon's entropy in bits per character."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())
