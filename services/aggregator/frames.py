"""What an error keeps alive."""


def forget_frames(error: BaseException) -> None:
    """Lets go of the frames that an error came through, with the state of a task among their variables.

    The client keeps the error with every record that failed of it, and the frames keep those: a cycle, which stays
    until the collector comes by.
    """
    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__
