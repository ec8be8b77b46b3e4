"""RPM's three kinds of database, each with a bounded reader of its own: none of it is trusted, and none runs code.

`catalogue.py` is the catalogue; `sqlite.py`, `ndb.py` and `bdb.py` each yield the headers that a database holds, and
`header.py` reads one of them.
"""

from scangate.inventory.rpm.catalogue import LISTS, Rpm

__all__ = ["LISTS", "Rpm"]
