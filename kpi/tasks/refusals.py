"""What a worker refuses, because going on would give wrong values."""


class CannotContinue(Exception):
    """A task cannot go on here, however often it is tried: its message says what is wrong, where, and what to do.

    Raised while a task is restored or takes records. The worker says it once and ends with status 1.
    """
