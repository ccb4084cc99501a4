"""`python -m engine` is `tessera`."""

from engine.cli.app import main

if __name__ == "__main__":
    main()
