"""scangate: the gate between a build and its deployment target."""

__version__ = "0.1.0"
HOMEPAGE = "https://github.com/scangate/scangate"
