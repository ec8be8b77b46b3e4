"""PostgreSQL, and what speaks its protocol with its catalogues."""

from scangate.scanners.databases.database import Database
from scangate.scanners.databases.postgresql.examine import examine

DATABASE = Database(name="postgresql", services=frozenset({"postgresql", "postgres"}), port=5432, examine=examine)
