"""`vpbx warmup`: compile the engine ahead, so that no run has to wait for it.

Belongs here: the command. Does not belong here: how compiled code is kept (`_jit`).
"""

import time

from vpbx.cli.say import note


def warmup() -> None:
    """Compile the engine now: about half a minute, once a version; runs then start at once.

    \b
    Example:
      vpbx warmup
    """
    from vpbx.study.warmup import is_compiled, warm_up

    if is_compiled():
        note("the engine is compiled already")
        return
    note("compiling the engine: about half a minute …")
    began = time.monotonic()
    warm_up()
    note(f"done in {time.monotonic() - began:.0f} s")
