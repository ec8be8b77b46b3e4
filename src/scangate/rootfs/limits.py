"""Every cap on what an image may ask of us, in one place. Beyond one of them is a ScanError, or a gap for one file."""

from typing import Final

MAX_MEMBERS: Final = 1_000_000
"""Entries of all layers of an image, or of a directory, folders that are only implied included."""
MAX_LAYERS: Final = 256
"""Layers of an image; the engines stop at 127."""
MAX_IMAGES: Final = 10_000
"""Images in the storage of an engine; of layers, 64 times as many."""
MAX_UNPACKED: Final = 64 * 2**30
"""Bytes of one layer once it is decompressed."""
MAX_BLOB: Final = 32 * 2**30
"""Bytes of an image that is fetched from a registry, as it is packed, or that an engine hands out."""
MAX_FILE: Final = 2**30
"""Bytes of one file whose content is kept. A larger one is a gap."""
MAX_KEPT: Final = 4 * 2**30
"""Bytes of all contents kept. Files beyond it are gaps."""
IN_MEMORY: Final = 64 * 2**20
"""Bytes of contents kept in memory; what is more goes to the temporary file."""
LARGE: Final = 2**20
"""A content of more bytes than this always goes to the temporary file."""
LARGEST_LOOKED_AT: Final = MAX_FILE
"""Bytes of a file that extractors look into. A larger one is a gap."""
LOOKED_AT_IN_MEMORY: Final = 16 * 2**20
"""Bytes of a file that is looked into in memory; a larger one passes through a temporary file."""
MAX_EXTRACTS: Final = 64 * 2**20
"""Bytes of all that extractors keep of one layer."""
MAX_CACHED: Final = 256 * 2**20
"""Bytes kept of one layer beyond which it is not cached."""
MAX_PATH: Final = 4_096
"""Bytes of a path (PATH_MAX)."""
MAX_NAME: Final = 255
"""Characters of one name in a path (NAME_MAX counts bytes)."""
MAX_DEPTH: Final = 256
"""Folders inside each other."""
MAX_EXTENSION: Final = 2**20
"""Bytes of one pax header or GNU long name."""
MAX_DOCUMENT: Final = 8 * 2**20
"""Bytes of a manifest, an index or a config; registries stop at 4 MiB."""
MAX_INDEXES: Final = 4
"""Indexes inside each other."""
MAX_HOPS: Final = 40
"""Symbolic links followed for one path, as Linux does."""
MAX_ALIASES: Final = 1_000_000
"""Names of files looked at through links to folders."""
BLOCK: Final = 2**18
"""Bytes read, hashed or decompressed at a time."""
CHECK_EVERY: Final = 64
"""Entries between two looks at the deadline."""
