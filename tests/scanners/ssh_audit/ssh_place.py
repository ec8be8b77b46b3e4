"""Where the servers of these tests listen: an address that no other test uses."""

import os

HOST = f"127.47.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
