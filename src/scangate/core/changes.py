"""The cheapest change that would pass: which pieces of work, in which order, clear what the policy fails."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable

from scangate.core.model import Action, Change, Decision
from scangate.core.policy import Policy


def cheapest(decisions: Iterable[Decision], policy: Policy) -> tuple[Change, ...]:
    """Pick, again and again, the piece of work that clears most of what is still too much.

    Findings with the same remedy are one piece of work. A rule that allows N needs only to get down to N.
    """
    failed = [each for each in decisions if each.action is Action.FAIL]
    allowed = {rule.name: rule.allow for rule in policy.rules}
    needed = Counter(each.by for each in failed)
    for name in needed:
        needed[name] -= allowed.get(name, 0)
    work: dict[str, list[Decision]] = defaultdict(list)
    for decision in failed:
        work[decision.remedy].append(decision)
    gain = {remedy: Counter(each.by for each in group) for remedy, group in work.items()}
    changes = []
    # What a piece of work is worth only ever sinks: one that is still worth what the heap says is the best of all.
    heap = [(-_worth(counts, needed), remedy) for remedy, counts in gain.items()]
    heapq.heapify(heap)
    while any(count > 0 for count in needed.values()):
        worth, best = heapq.heappop(heap)
        if worth != (now := -_worth(gain[best], needed)):
            heapq.heappush(heap, (now, best))
            continue
        changes.append(
            Change(
                summary=best,
                clears=len(work[best]),
                targets=tuple(sorted({each.finding.target for each in work[best]})),
            )
        )
        needed.subtract(gain[best])
    return tuple(changes)


def _worth(gain: Counter[str], needed: Counter[str]) -> int:
    return sum(min(count, max(0, needed[rule])) for rule, count in gain.items())
