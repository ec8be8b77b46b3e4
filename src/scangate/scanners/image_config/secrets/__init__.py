"""Secrets in texts: which there are and where, and never what they are."""

from scangate.scanners.image_config.secrets.hits import Hit, pack, unpack
from scangate.scanners.image_config.secrets.search import search

__all__ = ["Hit", "pack", "search", "unpack"]
