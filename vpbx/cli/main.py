"""The command line's entry: the commands, and what becomes of errors.

Belongs here: the list of commands, and the one place that turns exceptions into messages and exit
codes. Does not belong here: what a command does (one module each).
"""

import _thread
import errno
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from vpbx.cli import (
    backtest,
    bench,
    calibrate,
    channels,
    check,
    compare,
    diff,
    draw,
    erlang,
    fit,
    init,
    licence,
    paths,
    plan,
    run,
    schema,
    sensitivity,
    staff,
    studies,
    sweep,
    validate,
    warmup,
)
from vpbx.cli.say import note, out
from vpbx.errors import FileError, ScenarioError, VpbxError
from vpbx.garbage import collect_rarely
from vpbx.store.files import reason

INTERRUPTED = 130
OUR_FAULT = 4

_EPILOG = """
\b
Exit codes:
  0    fine
  1    a target was missed (only with --fail-on-target)
  2    wrong usage, or an invalid scenario
  3    a file cannot be read or written
  4    simulation error (ours: please report it)
  5    precision not reached: a target stayed undecided (only with --fail-on-target)
  130  interrupted
"""

_HELP = """Simulate a phone system and its callers: wait times, queue reports, call flows.

\b
Examples:
  vpbx init support.yaml                 write a starter scenario to build on
  vpbx check support.yaml                find mistakes in it
  vpbx paths support.yaml                which keys lead where, and how long that takes
  vpbx draw support.yaml -o flow.svg     draw the call flow
  vpbx run support.yaml                  simulate it; the report is in reports/support/
  vpbx run support.yaml -n 50 --set agents.engineers.heads=3 --out reports/three
  vpbx compare support.yaml --set agents.engineers.heads=3      what one agent fewer does
  vpbx staff support.yaml --target "80% in 20 s"                how many it takes

\b
Data goes to stdout, everything else to stderr. NO_COLOR=1 turns colours off.
"""

app = typer.Typer(
    name="vpbx",
    help=_HELP,
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# a scenario, from the first draft to a run
app.command("init", short_help="Write a commented starter scenario.")(init.init)
app.command("check", short_help="Find mistakes in a scenario.")(check.check)
app.command("paths", short_help="Show which keys lead where, and how long it takes.")(paths.paths)
app.command("draw", short_help="Draw the call flow.")(draw.draw)
app.command("run", short_help="Simulate: summary, report, figures, call data.")(run.run)
app.command("licence", short_help="Show a licence over time: modules, channels, money.")(
    licence.licence
)
# studies: many runs
app.command("compare", short_help="Compare two scenarios under the same callers.")(compare.compare)
app.command("sweep", short_help="Run a scenario over ranges of its values.")(sweep.sweep)
app.command("staff", short_help="Find the least staff that meets targets.")(staff.staff)
app.command("channels", short_help="Find the fewest channels for a share refused.")(
    channels.channels
)
app.command("plan", short_help="Find the cheapest tariff plan that meets targets.")(plan.plan)
app.command("calibrate", short_help="Find values that give observed figures.")(calibrate.calibrate)
app.command("sensitivity", short_help="Rank what drives a figure.")(sensitivity.sensitivity)
app.add_typer(studies.app, name="studies", short_help="List, show, export, prune kept studies.")
# formulas, and real calls
app.command("erlang", short_help="Erlang B, C, A, X: waits for agents, agents for a goal.")(
    erlang.erlang
)
app.command("fit", short_help="Turn a call log into a scenario.")(fit.fit)
app.command("backtest", short_help="Fit one period of a call log, foretell another.")(
    backtest.backtest
)
# the program itself
app.command("validate", short_help="Hold the simulation against theory and published models.")(
    validate.validate
)
app.command("diff", short_help="Compare the two engines, call by call.")(diff.diff)
app.command("bench", short_help="Measure speed against other tools.")(bench.bench)
app.command("warmup", short_help="Compile the engine ahead of the first run.")(warmup.warmup)
app.command("schema", short_help="Print the language's JSON Schema or reference.")(schema.schema)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        out(f"vpbx {version('vpbx')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """What comes before the command's name."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    collect_rarely()
    signal.signal(signal.SIGTERM, _terminated)
    sys.unraisablehook = interrupted_again
    code = code_of(sys.argv[1:])
    if code == INTERRUPTED:  # a worker stopped while it was handing over must not keep us waiting
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


_AGAIN_AFTER_S = 0.05


def _terminated(*_: object) -> NoReturn:
    """End as on Ctrl-C, so that workers are stopped and the manifest is closed."""
    raise KeyboardInterrupt


def interrupted_again(ignored: "sys.UnraisableHookArgs") -> None:
    """A Ctrl-C that came where Python ignores exceptions (as the compiler's objects are freed) comes
    again a moment later; whatever else is ignored is told as ever."""
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        timer = threading.Timer(_AGAIN_AFTER_S, _thread.interrupt_main)
        timer.daemon = True
        timer.start()
    else:
        sys.__unraisablehook__(ignored)


def code_of(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code. Every message has been printed; nothing is raised."""
    try:
        result = app(list(arguments), prog_name="vpbx", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except OSError as error:
        return _refused(error)
    except (KeyboardInterrupt, typer.Abort):
        result = INTERRUPTED
    except VpbxError as error:
        return _explain(error)
    except Exception as error:
        return _unexpected(error)
    if result == INTERRUPTED:  # some versions of the library say it by this code themselves
        note("interrupted")
    return result if isinstance(result, int) else 0


def _forget_stdout() -> None:
    """Whoever read our output has gone (`vpbx paths FILE | head`), or the disk is full: say no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused(error: OSError) -> int:
    """What the system refuses, for other reasons than a file of ours (`FileError` tells those)."""
    if error.filename is None and error.errno in (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
    ):
        _forget_stdout()
        return _explain(FileError("the output", reason(error)))
    return _explain(FileError(error.filename or "the system refuses", reason(error)))


def _explain(error: VpbxError) -> int:
    """Say what is wrong: the user's mistake, or a broken rule of ours."""
    if isinstance(error, ScenarioError):
        wrong = sum(not problem.warning for problem in error.problems)
        note(f"{error}\n{wrong} error{'s' if wrong != 1 else ''}; nothing was run")
    else:
        note(f"vpbx: {error}")
    return error.exit_code


def _unexpected(error: Exception) -> int:
    """A wrong command line (the library's own exceptions), or a fault of ours."""
    message = getattr(error, "format_message", None)
    if message is not None:
        if type(error).__name__ == "NoArgsIsHelpError":  # the message is the help
            note(message())
            return 2
        context = getattr(error, "ctx", None)
        name = context.command_path if context is not None else "vpbx"
        note(f"{name}: {message()}\nTry: {name} --help")
        return int(getattr(error, "exit_code", 2))
    if os.environ.get("VPBX_TRACEBACK"):
        sys.excepthook(type(error), error, error.__traceback__)
    note(
        f"vpbx: a fault of ours: {type(error).__name__}: {error}\n"
        "Please report it; with VPBX_TRACEBACK=1 set, the same command shows where it happened."
    )
    return OUR_FAULT
