"""How a command fails: one line that says what to do, and an exit status."""

WRONG_USE = 2
FAILED = 1
INTERRUPTED = 130


class CommandFailed(Exception):
    """A command could not do what it was asked. Its text is shown after `error: `, a line for each line of it."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status
