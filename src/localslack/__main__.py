"""`python -m localslack`."""

import sys

from localslack.cli import main

if __name__ == "__main__":
    sys.exit(main())
