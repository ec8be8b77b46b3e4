"""MongoDB. Its own library can be given no socket, so the few commands are spoken here."""

from scangate.scanners.databases.database import Database
from scangate.scanners.databases.mongodb.examine import examine

DATABASE = Database(name="mongodb", services=frozenset({"mongodb", "mongod"}), port=27017, examine=examine)
