"""scangate: the gate between a build and its deployment target."""

__version__ = "0.1.0"
