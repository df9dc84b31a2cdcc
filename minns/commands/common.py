"""What all commands share: their options, and how an operator's mistake is told."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from minns import console
from minns.errors import MinnsError

ProjectOption = Annotated[
    Path, typer.Option("--project", "-p", help="Folder with minns.toml (or one below it).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
HERE = Path()
P = ParamSpec("P")


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Tell an operator's mistake in one sentence and end with its exit code."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (Exception, KeyboardInterrupt) as error:
            if _interrupted(error):
                console.warn("Stopped. Run the same command again to go on.")
                raise typer.Exit(130) from None
            if not isinstance(error, MinnsError):
                raise
            console.warn(str(error))
            raise typer.Exit(error.exit_code) from None

    return wrapped


def _interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: an engine that it meets raises one of its own."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
