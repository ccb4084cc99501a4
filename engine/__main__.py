"""`python -m engine` is `tessera`."""

import sys


def main() -> None:
    """Run a command, without what the interpreter has put first on the path of modules.

    That is the current folder, or the program's, where a file may be called as one of Python's own.
    """
    if not sys.flags.safe_path:
        del sys.path[0]
    from engine.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
