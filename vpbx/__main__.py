"""`python -m vpbx`: the same as `vpbx`."""

from vpbx.cli.main import main

if __name__ == "__main__":
    main()
