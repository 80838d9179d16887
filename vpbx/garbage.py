"""When Python looks for garbage.

Belongs here: how often, and what is never looked through again. Why: nearly all objects are what
libraries brought along and stay to the end; a look through all of them takes 70 ms, and they were
looked through so often that it took a tenth of a short command's time. Does not belong here: memory of
tables (`lending`).
"""

import gc


def collect_rarely() -> None:
    """Look through new objects once there are a hundred thousand, through all much more rarely."""
    gc.set_threshold(100_000, 20, 100)


def settle() -> None:
    """Look through everything now; what is left is never looked through again."""
    gc.collect()
    gc.freeze()
