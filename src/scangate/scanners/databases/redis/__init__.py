"""Redis, and what speaks its protocol (Valkey, KeyDB)."""

from scangate.scanners.databases.database import Database
from scangate.scanners.databases.redis.examine import examine

DATABASE = Database(name="redis", services=frozenset({"redis"}), port=6379, examine=examine, needs_user=False)
