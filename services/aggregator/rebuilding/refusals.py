"""Why nothing was rebuilt. Each says what is wrong and what to do; the workers go on as before."""


class RebuildRefused(Exception):
    """Nothing was changed."""


class RebuildLost(Exception):
    """Somebody else took a task over during the switch: what was prepared was given up, or may count in part.

    Where it counts in part, what each task covers is said by the task itself; another rebuild makes it whole.
    """
