"""What speaks HTTP and should ask for a login: one question each, whose answer an open one alone gives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from scangate.scanners import Context
from scangate.scanners.access.probe import NotSpokenError, Probe, shown
from scangate.scanners.network.connection import BrokenError
from scangate.scanners.network.endpoints import Endpoint
from scangate.scanners.network.rule import Hit, Rule
from scangate.scanners.web.client import NotHttpError, NoTlsError, ask
from scangate.scanners.web.message import Answer

_TO_TLS: Final = (b"HTTPS", b"https", b"SSL", b"TLS")
"""Words of a server that was asked without TLS and wants it; Go's, nginx's and Apache's are among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request. It is proof when the answer is 200 and holds all of `proof`; `not_in`: and none of these."""

    path: str
    proof: tuple[bytes, ...]
    not_in: tuple[bytes, ...] = ()
    body: bytes = b""
    """Makes it a POST: some read through nothing else."""

    def proved(self, answer: Answer) -> bool:
        return (
            answer.status == 200  # noqa: PLR2004 - OK
            and all(word in answer.body for word in self.proof)
            and not any(word in answer.body for word in self.not_in)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One product: the rule, where it listens, and the questions; the first that is answered is enough."""

    name: str
    rule: Rule
    questions: tuple[Question, ...]
    ports: tuple[int, ...]
    products: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def probe(self) -> Probe:
        return Probe(
            name=self.name,
            rules=(self.rule,),
            sends=", ".join(
                f"`POST {each.path}` with `{each.body.decode()}`" if each.body else f"`GET {each.path}`"
                for each in self.questions
            ),
            check=partial(_check, self),
            services=frozenset(self.services),
            ports=frozenset(self.ports),
            products=frozenset(self.products),
        )


def either(endpoint: Endpoint, ctx: Context, request: Callable[[bool], Answer]) -> tuple[Answer, bool]:
    """Ask with TLS or without, whichever is spoken, and say which. Raises NotSpokenError when it is neither."""
    first = endpoint.tunnel == "ssl"
    for tls in (first, not first):
        ctx.check()
        try:
            answer = request(tls)
        except (NotHttpError, NoTlsError, BrokenError):
            continue
        if tls or answer.status != 400 or not any(word in answer.body for word in _TO_TLS):  # noqa: PLR2004 - Bad Request
            return answer, tls
    raise NotSpokenError("does not speak HTTP")


def _check(api: Api, endpoint: Endpoint, ctx: Context) -> Iterator[Hit]:
    for question in api.questions:
        answer, tls = either(endpoint, ctx, partial(_request, endpoint, ctx, question))
        if question.proved(answer):
            what = f"{'POST' if question.body else 'GET'} {question.path}"
            facts = (("asked", f"{what} {'with' if tls else 'without'} TLS"), ("answer", shown(answer.body)))
            yield Hit(rule=api.rule, said=f"{endpoint.where} answered {question.path} without a login", facts=facts)
            return


def _request(endpoint: Endpoint, ctx: Context, question: Question, tls: bool) -> Answer:
    if question.body:
        kind = (("Content-Type", "application/json"),)
        return ask(endpoint, ctx, question.path, method="POST", tls=tls, headers=kind, body=question.body)
    return ask(endpoint, ctx, question.path, tls=tls)
