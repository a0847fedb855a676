"""``python -m ohmscape`` is the command line."""

from ohmscape.cli.main import main

main()
