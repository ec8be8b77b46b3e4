"""Engines that live in virtual environments of their own, because their dependencies are many or conflict with ours.

    home/engines/checkov/<start of the pin file's sha256>/     the environment
    .../warm/                                                  what is slow the first time, to be kept
    .../scangate-engine.json                                   written last: only with it is the engine installed

A pin file (`requirements/<name>.txt`) names every package with its hashes. The environment is built where it stays,
since its scripts hold absolute paths; a changed pin file means another folder. Nothing is installed during a scan.
"""

from scangate.engines.build import install
from scangate.engines.state import WARM_USER, Engine, EngineState, locate, names

__all__ = ["WARM_USER", "Engine", "EngineState", "install", "locate", "names"]
