"""Images in registries, over the OCI distribution API.

    places.py        where an image is asked for: its registry, and mirrors before it
    access.py        one such place: calls to it, with what it wants to be shown
    challenge.py     what a registry wants to be shown
    credentials.py   the user's, as docker and podman keep them; programs.py asks docker-credential-NAME
    image.py         manifests, config and layers, each verified
    downloads.py     layers on their way to a temporary file

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from scangate.rootfs.registry.image import open_image

__all__ = ["open_image"]
