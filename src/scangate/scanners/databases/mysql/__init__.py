"""MySQL and MariaDB, which differ in their accounts and settings more than in their protocol."""

from scangate.scanners.databases.database import Database
from scangate.scanners.databases.mysql.examine import examine

DATABASE = Database(name="mysql", services=frozenset({"mysql", "mariadb"}), port=3306, examine=examine)
