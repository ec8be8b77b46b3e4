"""`python -m scangate`."""

from scangate.cli import main

main()
