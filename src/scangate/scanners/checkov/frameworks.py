"""Which of checkov's frameworks are run, and how a file is recognised as one of theirs.

Left out, because they need another program, the network or a platform account: helm, kustomize, sca_image, sca_package,
sast, cdk, 3d_policy and the three `*_configuration` of forges. `json` and `yaml` have no checks of their own.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

YAML: Final = (".yaml", ".yml")
DATA: Final = (*YAML, ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """`reads`: endings of the files checkov gives to it. A file is one of its own by its path, or by its text."""

    reads: tuple[str, ...]
    path: re.Pattern[str] | None = None
    text: Callable[[str], bool] | None = None

    def may_read(self, path: str) -> bool:
        """Whether checkov opens the file for this framework at all."""
        return path.endswith(self.reads) or bool(self.path and self.path.search(path))

    def owns(self, path: str, text: str) -> bool:
        """Whether the file is plainly meant for this framework, so that not parsing it is a gap."""
        if self.path:
            return bool(self.path.search(path)) and (self.text is None or self.text(text))
        return path.endswith(self.reads) and self.text is not None and self.text(text)


def _holds(*patterns: str) -> Callable[[str], bool]:
    compiled = [re.compile(pattern) for pattern in patterns]
    return lambda text: all(pattern.search(text) for pattern in compiled)


def _has_keys(*keys: str) -> Callable[[str], bool]:
    """Top-level keys of a JSON object, or of a YAML document in block style. Of a broken JSON file, any keys."""
    in_yaml = _holds(*(rf"""(?m)^["']?{key}["']?\s*:""" for key in keys))
    in_json = _holds(*(rf'"{key}"\s*:' for key in keys))

    def has_keys(text: str) -> bool:
        if not text.lstrip().startswith("{"):
            return in_yaml(text)
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return in_json(text)
        return isinstance(document, dict) and document.keys() >= set(keys)

    return has_keys


def _either(*recognisers: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: any(recogniser(text) for recogniser in recognisers)


def _both(*recognisers: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: all(recogniser(text) for recogniser in recognisers)


_PLAYBOOK: Final = _either(
    _holds(r"(?m)^- hosts\s*:"),
    _holds(r"(?m)^- name\s*:", r"(?m)^[ \t]+(hosts|tasks|handlers|block|become|notify|ansible\.\w+(\.\w+)?)\s*:"),
)

FRAMEWORKS: Final = {
    "ansible": Framework(reads=YAML, text=_PLAYBOOK),
    "argo_workflows": Framework(reads=YAML, text=_holds(r"(?m)^apiVersion:\s*argoproj\.io/", r"(?m)^kind:\s*Workflow")),
    "arm": Framework(
        reads=(".json",), text=_holds(r'schema\.management\.azure\.com/[^"\s]{0,200}[dD]eploymentTemplate\.json')
    ),
    "azure_pipelines": Framework(reads=(), path=re.compile(r"azure-pipelines\.ya?ml$")),
    "bicep": Framework(reads=(), path=re.compile(r"\.bicep$")),
    "bitbucket_pipelines": Framework(reads=(), path=re.compile(r"bitbucket-pipelines\.ya?ml$")),
    "circleci_pipelines": Framework(reads=(), path=re.compile(r"\.circleci/(.*/)?[^/]*config\.ya?ml$")),
    "cloudformation": Framework(
        reads=(*DATA, ".template"),
        text=_both(_has_keys("Resources"), _holds(r"AWSTemplateFormatVersion|\b(AWS|Alexa)::\w")),
    ),
    # As checkov has it in common/util/dockerfile.py.
    "dockerfile": Framework(
        reads=(), path=re.compile(r"(^|/)(?:[^/]+\.)?[Dd]ockerfile(?:\.[^/]+)?$(?<!\.[Dd]ockerignore)")
    ),
    "github_actions": Framework(reads=(), path=re.compile(r"\.github/workflows/.*ya?ml$")),
    "gitlab_ci": Framework(reads=(), path=re.compile(r"\.gitlab-ci\.ya?ml$")),
    "kubernetes": Framework(reads=DATA, text=_has_keys("apiVersion", "kind")),
    "openapi": Framework(
        reads=DATA, text=_either(_has_keys("openapi", "info"), _both(_has_keys("swagger", "info"), _has_keys("paths")))
    ),
    "secrets": Framework(reads=(*DATA, ".tf", ".hcl", ".template", ".bicep", "ockerfile")),
    "serverless": Framework(reads=(), path=re.compile(r"(^|/)serverless\.ya?ml$"), text=_has_keys("provider")),
    "terraform": Framework(reads=(".tf", ".hcl"), path=re.compile(r"\.tf$")),
    "terraform_json": Framework(reads=(), path=re.compile(r"\.tf\.json$")),
    "terraform_plan": Framework(
        reads=(".json",), text=_holds(r'"terraform_version"\s*:', r'"(planned_values|resource_changes)"\s*:')
    ),
}
"""In checkov's words. `secrets` reads all of them and owns none."""

HELM: Final = re.compile(r"(^|/)Chart\.ya?ml$")
KUSTOMIZE: Final = re.compile(r"(^|/)kustomization\.ya?ml$|(^|/)Kustomization$")
CONTAINERFILE: Final = re.compile(r"(^|/)Containerfile(\.[^/]+)?$")
COMPOSE: Final = re.compile(r"(^|/)(docker-)?compose([.-][^/]*)?\.ya?ml$")
