"""Commands run by a process that can be killed at any moment.

Everything is imported and compiled once; each run is a fork of that, killed with its workers.
Started as a program with the arguments of the command: it runs it once undisturbed, prints how many
seconds that took, then for each line `SECONDS` of stdin runs it again and kills it after that time;
it prints `killed` or `ended`. With `--fresh` as the first argument the folder `out` is removed before each
run: for commands that write over nothing.
"""

import contextlib
import os
import shutil
import signal
import sys
import time


def begin(arguments: list[str]) -> int:
    """Fork a process (the head of a group of its own) that runs a command; its id."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        from vpbx.cli.main import code_of

        code = 99
        try:
            code = code_of(arguments)
        finally:
            os._exit(code)
    os.setpgid(child, child)  # whoever comes first: it may be killed before it has begun
    return child


def killed_after(seconds: float, arguments: list[str]) -> str:
    """Begin a command and kill it and its workers after a time, unless it has ended before."""
    child = begin(arguments)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0]:
            return "ended"
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "killed"


def say(answer: object) -> None:
    """A line of stdout."""
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def main(arguments: list[str], fresh: bool) -> None:
    """Run once, then as often as lines come."""
    from vpbx.cli.main import code_of

    with contextlib.redirect_stdout(sys.stderr):
        assert code_of(arguments) == 0  # compiles and imports all that is needed
    if fresh:
        shutil.rmtree("out")
    began = time.monotonic()
    _, status = os.waitpid(begin(arguments), 0)
    assert status == 0
    say(time.monotonic() - began)
    for line in sys.stdin:
        if fresh:
            shutil.rmtree("out", ignore_errors=True)
        say(killed_after(float(line), arguments))


if __name__ == "__main__":
    fresh = sys.argv[1] == "--fresh"
    command = sys.argv[1 + fresh :]
    sys.argv[1:] = ["run", "as", "ever"]  # the page repeats the command: the same in every run
    main(command, fresh)
