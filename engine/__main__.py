"""`python -m engine` is `tessera`."""

import os  # which the interpreter has loaded before it looks into any folder of a user's
import sys

PAINTING = (["render"], ["resume"], ["batch"])


def main() -> None:
    """Run a command, without what the interpreter has put first on the path of modules.

    That is the current folder, or the program's, where a file may be called as one of Python's own.
    """
    try:
        accidental = {"", os.path.dirname(os.path.realpath(sys.argv[0])), os.getcwd()}  # noqa: PTH109, PTH120
    except FileNotFoundError:  # the current folder has been removed, and is on no path
        accidental = {""}
    if not sys.flags.safe_path and sys.path[0] in accidental:
        del sys.path[0]
    import gc
    import signal

    gc.set_threshold(50_000, 20, 20)  # what is imported stays: looking at it again and again takes a tenth
    if sys.argv[1:2] in PAINTING and not {"-h", "--help"} & set(sys.argv):
        from engine.fork_server.client import start_early
        from engine.standard_streams import fill_standard_streams

        fill_standard_streams()  # or the line to the server would be one of them
        start_early()  # it loads while this process finds out what is wanted
    interrupts = signal.getsignal(signal.SIGINT)
    if interrupts is signal.default_int_handler:  # else it is ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback out of what is being imported
    from engine.cli.app import main as run

    signal.signal(signal.SIGINT, interrupts)
    run()


if __name__ == "__main__":
    main()
