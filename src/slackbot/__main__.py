"""`python -m slackbot`."""

import sys

from slackbot.cli import main

if __name__ == "__main__":
    sys.exit(main())
