"""SARIF files of anybody, linted and mended for each receiver; and lines that GitHub would hash."""

import json

from harness import Target

from scangate.linting import RECEIVERS, fix, lint
from scangate.linting.document import parse, text_of
from scangate.reporters.sarif.line_hash import line_hashes

_RULE = {
    "id": "a",
    "name": "RuleA",
    "shortDescription": {"text": "x"},
    "fullDescription": {"text": "y"},
    "help": {"text": "z", "markdown": "**z**"},
    "helpUri": "https://x.example/",
    "messageStrings": {"m": {"text": "{0} and {1}"}},
    "defaultConfiguration": {"level": "warning"},
    "properties": {"tags": ["security", "cwe-319", "external/cwe/cwe-1"], "security-severity": "5.5"},
    "relationships": [{"target": {"id": "319", "index": 0, "toolComponent": {"name": "CWE"}}}],
}
_PLACE = {
    "physicalLocation": {
        "artifactLocation": {"uri": "src/a%20b.tf", "uriBaseId": "SRC", "index": 0},
        "region": {"startLine": 3, "endLine": 4, "startColumn": 1},
    },
    "logicalLocations": [{"fullyQualifiedName": "a.b"}],
}
_RESULT = {
    "ruleId": "a",
    "ruleIndex": 0,
    "kind": "fail",
    "level": "error",
    "rank": 39.95,
    "message": {"text": "see [x](1)", "id": "m", "arguments": ["1", 2]},
    "locations": [_PLACE],
    "relatedLocations": [{"id": 1, **_PLACE}],
    "codeFlows": [{"threadFlows": [{"locations": [{"location": _PLACE}]}]}],
    "suppressions": [{"kind": "external", "status": "underReview"}],
    "baselineState": "absent",
    "partialFingerprints": {"primaryLocationLineHash": "1:1"},
    "properties": {"security-severity": "9.0"},
}
_RUN = {
    "tool": {"driver": {"name": "t", "rules": [_RULE]}, "extensions": [{"name": "e", "rules": [_RULE]}]},
    "automationDetails": {"id": "x/y/", "properties": {"azuredevops/pipeline/build/buildDefinitionId": 3}},
    "invocations": [{"executionSuccessful": True, "workingDirectory": {"uri": "file:///w"}}],
    "originalUriBaseIds": {"SRC": {"uri": "file:///w/"}},
    "artifacts": [{"location": {"uri": "src/a.tf"}}],
    "results": [_RESULT, {**_RESULT, "ruleId": "b"}],
}
_LOG = json.dumps(
    {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [_RUN, _RUN]}
).encode()
_SMALL = b'{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"message":{"text":"x"}}]}]}'
_LINES = 'resource "a" "b" {\r\n\tx = "字🧑"\r}\n'.encode()


def _lint(data: bytes) -> None:
    for receiver in RECEIVERS:
        document = parse(data)
        lint(document, receiver)
        fix(document, receiver)
        lint(parse(text_of(document.log).encode()), receiver)


TARGETS = (
    Target(name="sarif-lint", seeds=(_LOG, _SMALL), run=_lint),
    Target(name="sarif-lines", seeds=(_LINES,), run=lambda data: line_hashes(data.decode(errors="replace"))),
)
