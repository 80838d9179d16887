"""Names of the strategies by which a queue's calls find agents: our own, Asterisk's, FreeSWITCH's.

Belongs here: which names a queue may give, by its platform, and the code of each. Does not belong here:
what a strategy does (`engine`), a platform's other keys (`platforms`).
"""

from collections.abc import Mapping

from pydantic import WithJsonSchema

from vpbx.codes import Strategy

STRATEGIES: Mapping[str | None, Mapping[str, Strategy]] = {
    None: {
        "longest_idle": Strategy.LONGEST_IDLE,
        "linear": Strategy.LINEAR,
        "fewest_calls": Strategy.FEWEST_CALLS,
        "random": Strategy.RANDOM,
        "round_robin": Strategy.ROUND_ROBIN,
        "ring_all": Strategy.RING_ALL,
    },
    "asterisk": {
        "ringall": Strategy.RING_ALL,
        "linear": Strategy.LINEAR,
        "rrmemory": Strategy.ROUND_ROBIN,
        "rrordered": Strategy.ROUND_ROBIN,
        "random": Strategy.RANDOM,
        "wrandom": Strategy.WEIGHTED_RANDOM,
        "fewestcalls": Strategy.FEWEST_CALLS,
        "leastrecent": Strategy.LEAST_RECENT,
    },
    "freeswitch": {
        "longest-idle-agent": Strategy.LEAST_RECENT,
        "agent-with-least-talk-time": Strategy.LEAST_TALK,
        "agent-with-fewest-calls": Strategy.FEWEST_CALLS,
        "ring-all": Strategy.RING_ALL,
        "random": Strategy.RANDOM,
        "sequentially-by-agent-order": Strategy.LINEAR,
        "round-robin": Strategy.ROUND_ROBIN,
        "top-down": Strategy.TOP_DOWN,
    },
}
"""By platform (None: our own), then by name."""


def strategy_names() -> WithJsonSchema:
    """The JSON Schema of a strategy: every name of every platform."""
    names = dict.fromkeys(name for of in STRATEGIES.values() for name in of)
    return WithJsonSchema({"type": "string", "enum": list(names)})
