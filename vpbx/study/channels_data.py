"""A plan of channels as plain data, for `study.json` and the page.

Belongs here: names and nesting of the figures. Does not belong here: the study (`channels`).
"""

from typing import Any

from vpbx.study.channels import Found
from vpbx.study.precision import Effort, as_data


def channels_data(found: Found, effort: Effort, name: str, seed: int) -> dict[str, Any]:
    """The plans as plain data."""
    return {
        "kind": "channels",
        "scenario": name,
        "seed": seed,
        "simulated": found.simulated,
        "effort": as_data(effort, found.stopped, ()),
        "trunks": [
            {
                "trunk": p.trunk,
                "target": p.target,
                "before": p.before,
                "channels": p.channels,
                "blocked": p.blocked,
                "blocked_upper": p.blocked_upper,
                "blocked_half_width": p.blocked_half_width,
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
            for p in found.plans
        ],
    }
