"""What every scanner of hosts shares: which addresses there are, whether they may be touched, and the way there.

Nothing here is a scanner. A scanner asks `endpoints` what listens, and `connection` for a socket; nothing else in
`scanners/` opens one. Who starts a program that sends packets of its own takes its hosts from `plan_for`, its deadline
from `guard.window_open` and its speed from `rates.lease`.
"""

from scangate.scanners.network import guard, names, rates


def begin() -> None:
    """Begin a new scan in this process: every name is asked again, and all budgets of packets are full."""
    names.forget()
    guard.forget()
    rates.forget()
