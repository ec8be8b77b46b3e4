"""What the readers of a sensor's logs share: finding and reading the files, telling hosts apart, and the account.

Nothing here is a scanner, and nothing here or in zeek/ and suricata/ sends a packet.
"""
