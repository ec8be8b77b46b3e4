"""Budgets of packets: what one program reserves, no other gets."""

import pytest

from scangate.core.scope import Scope
from scangate.scanners.network import rates


def test_without_a_cap_there_is_none(context):
    with rates.lease("edge", context()) as rate:
        assert rate is None


def test_a_lease_leaves_something_to_others(context):
    ctx = context(Scope(rate=500, rate_total=2000))
    with rates.lease("edge", ctx) as first, rates.lease("web", ctx) as second:
        assert first == 450
        assert second == 450
    with rates.lease("edge", ctx) as again:
        assert again == 450


@pytest.mark.parametrize("total", [1, 10, 2000])
def test_leases_never_add_up_to_more_than_the_cap(context, total):
    ctx = context(Scope(rate_total=total))
    with rates.lease("a", ctx) as a, rates.lease("b", ctx) as b, rates.lease("c", ctx) as c:
        assert 0 < a + b + c < total


def test_one_target_never_gets_more_than_its_cap(context):
    ctx = context(Scope(rate=100))
    with rates.lease("edge", ctx) as first, rates.lease("edge", ctx) as second:
        assert 0 < first + second < 100
