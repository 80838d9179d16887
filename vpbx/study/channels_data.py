"""A plan of channels as plain data, for `study.json` and the page.

Belongs here: names and nesting of the figures. Does not belong here: the study (`channels`).
"""

from collections.abc import Sequence
from typing import Any

from vpbx.study.channels import TrunkPlan


def channels_data(
    plans: Sequence[TrunkPlan], name: str, seed: int, simulated: int
) -> dict[str, Any]:
    """The plans as plain data."""
    return {
        "kind": "channels",
        "scenario": name,
        "seed": seed,
        "simulated": simulated,
        "trunks": [
            {
                "trunk": p.trunk,
                "target": p.target,
                "before": p.before,
                "channels": p.channels,
                "blocked": p.blocked,
                "blocked_upper": p.blocked_upper,
                "one_fewer_blocked": p.fewer_blocked,
                "one_fewer_upper": p.fewer_upper,
                "fresh_blocked": p.fresh_blocked,
                "fresh_upper": p.fresh_upper,
                "confirmed": p.confirmed,
                "redial_share": p.redial_share,
                "attempts_per_attempt": p.attempts_per_caller,
                "definitions": [
                    {
                        "name": h.name,
                        "words": h.words,
                        "erlang": h.erlang,
                        "calls": h.calls,
                        "erlang_b": b,
                        "with_redials": r,
                    }
                    for h, b, r in zip(p.hours, p.by_erlang_b, p.with_redials, strict=True)
                ],
            }
            for p in plans
        ],
    }
