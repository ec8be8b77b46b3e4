"""The command line: flags to objects, nothing else. The only sys.exit of the product is here.

Commands are imported when they are called, so that `scangate --version` costs little more than starting Python.
"""

import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, NoReturn

import click

from scangate import HOMEPAGE, __version__
from scangate.errors import ExitCode, Interrupted, ScangateError

_COMMANDS: Final = {
    "scan": "Scan targets, judge them by a policy, and answer with a verdict.",
    "plan": "Show which scanner would read which target, and why the others would not.",
    "judge": "Judge a stored result again.",
    "report": "Write reports of a stored result.",
    "explain": "Say why a vulnerability is found in an image, or why it is not.",
    "init": "Write a first scangate.yml from what is found here.",
    "config": "Show every setting in force, and where it came from.",
    "schema": "Print the JSON Schema of the config or of a policy.",
    "scanners": "List the scanners, what they read, and whether what they need is installed.",
    "doctor": "Say what is missing, and the exact command that mends it.",
    "engines": "Install engines that live in an environment of their own.",
    "lint": "Say what a receiver would reject, drop or misfile in a SARIF file.",
    "upload": "Upload SARIF files to GitHub code scanning.",
    "advisories": "Fetch advisory data, and show how old it is.",
}
_HIDDEN: Final = frozenset({"action"})
"""Called by machines only: action.yml."""


class _Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if name not in _COMMANDS and name not in _HIDDEN:
            return None
        command: click.Command = import_module(f"scangate.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in {*_COMMANDS, *_HIDDEN} and not args[0].startswith("-"):
            from scangate.config.validation import suggest

            raise click.UsageError(f"there is no command {args[0]}. {suggest(args[0], list(_COMMANDS))}".strip(), ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scangate", message="%(prog)s %(version)s")
def cli() -> None:
    """The gate between a build and its deployment target.

    Scans infrastructure code, container images and hosts in one run, judges what it found by a policy, and answers
    PASS (exit code 0), FAIL (1) or INCOMPLETE (3).
    """


def main() -> NoReturn:
    """Run the command line, and end the process with one of the codes of `ExitCode`."""
    sys.excepthook = _bug
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        # A scan that was given up may hang in its thread; Python would wait for it, and everything is written.
        os._exit(code)
    sys.exit(code)


def run(args: list[str]) -> int:
    """Run one command; every error becomes a sentence on standard error and an exit code."""
    try:
        code = cli.main(args=args, prog_name="scangate", standalone_mode=False)
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except ScangateError as error:
        click.echo(f"scangate: {error.message}" + (f"\n  {error.advice}" if error.advice else ""), err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        from scangate import process

        process.stop()
        click.echo("scangate: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone: nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.USAGE
    return code if isinstance(code, int) else ExitCode.PASS


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature of a handler
    # Once: what ends the scans and writes the partial result must not be interrupted itself.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted


def _bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if os.environ.get("SCANGATE_DEBUG"):
        sys.__excepthook__(kind, error, trace)
    place = trace
    while place and place.tb_next:
        place = place.tb_next
    where = f" at {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    sys.stderr.write(
        f"scangate: this is a bug of ours: {kind.__name__}: {error}{where} (scangate {__version__})\n"
        f"  report it at {HOMEPAGE}/issues with what SCANGATE_DEBUG=1 prints\n"
    )
    sys.stderr.flush()
    os._exit(ExitCode.BUG)
