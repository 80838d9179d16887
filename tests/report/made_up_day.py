"""A made-up Result: a plausible day of a phone line, for tests of pages and pictures.

Belongs here: plain numbers in the shapes that `measures` gives. Does not belong here: a run.
"""

import math

import numpy as np

from vpbx.measures.result import (
    BusyHour,
    EdgeFlow,
    Estimate,
    Meta,
    QueueLengths,
    Result,
    Series,
    TargetResult,
    Waits,
)
from vpbx.scenario.models import Scenario

HOURLY = np.array(
    [
        *(61, 38, 41, 46, 42, 44, 47, 62, 147, 135, 142, 153),
        *(142, 127, 116, 107, 102, 105, 107, 102, 99, 93, 48, 69),
    ],
    dtype=float,
)
COUNTS = ("offered", "answered", "abandoned_calls", "blocked_calls")
AGENTS = np.repeat([3.0, 6.0, 4.0], [16, 28, 4])


def near(values, relative=0.05):
    """Series of these values with half widths of a share of them."""
    values = np.asarray(values, dtype=float)
    return Series(values, np.abs(values) * relative)


def about(value, relative=0.03):
    """Estimate of this value with a half width of a share of it."""
    return Estimate(float(value), abs(float(value)) * relative)


def queue_day(factor=1.0):
    """Series of one queue over 48 half-hours."""
    offered = np.repeat(HOURLY, 2) / 2 * factor
    pressure = np.convolve(
        np.pad(offered / (AGENTS * 7), (6, 0), mode="edge"), np.ones(7) / 7, "valid"
    )
    wait = 1500 * np.clip(pressure - 0.55, 0.05, None) * factor
    abandoned = offered * np.clip(wait / 2400, 0, 0.6)
    answered = offered - abandoned
    length = offered / 1800 * wait
    return {
        "offered": near(offered),
        "answered": near(answered),
        "abandoned_calls": near(abandoned, 0.1),
        "blocked_calls": near(np.zeros(48)),
        "mean_wait": near(wait, 0.08),
        "mean_queue": near(length, 0.1),
        "longest_queue": near(length * 1.6 + 3, 0.1),
        "service_level(answered_of_offered, 20 s)": near(np.clip(1.1 - wait / 900, 0, 1), 0.04),
        "abandoned": near(abandoned / offered),
        "offered_load": near(offered * 260 / 1800),
        "logged_in": near(AGENTS, 0),
    }


def total_of(day):
    """Totals of a queue's series."""
    totals = {name: about(day[name].mean.sum()) for name in COUNTS}
    weights = day["answered"].mean
    for name in (
        "mean_wait",
        "service_level(answered_of_offered, 20 s)",
        "abandoned",
        "mean_queue",
    ):
        totals[name] = about(np.average(day[name].mean, weights=weights))
    totals["longest_queue"] = about(day["longest_queue"].mean.max())
    return totals


def waits_of(mean):
    """Histogram and percentiles of exponential waits of this mean."""
    bins = np.arange(7201)
    answered = 1200 * (np.exp(-bins / mean) - np.exp(-(bins + 1) / mean))
    percentiles = {
        f"p{level}": about(-mean * math.log(1 - level / 100)) for level in (50, 80, 90, 95, 99)
    }
    return Waits(answered, answered * 0.4, {**percentiles, "longest": about(mean * 7)})


def lengths_of(mean):
    """Geometric shares of time by queue length, of this mean."""
    q = mean / (mean + 1)
    shares = (1 - q) * q ** np.arange(501)
    percentiles = {
        f"p{level}": about(math.ceil(math.log(1 - level / 100) / math.log(q)) - 1)
        for level in (50, 80, 90, 95, 99)
    }
    return QueueLengths(shares, about(1 - q), percentiles)


def by_hour_of(day):
    """24 values of 48, counts added and the rest averaged."""
    fold = {
        n: s.mean.reshape(24, 2).sum(1) if n in COUNTS else s.mean.reshape(24, 2).mean(1)
        for n, s in day.items()
    }
    return {"p90_wait": near(fold["mean_wait"] * 2.1), **{n: near(v) for n, v in fold.items()}}


EDGES = (
    EdgeFlow("", "greeting", "0890", "entry", 1900.0, 0.8),
    EdgeFlow("", "greeting", "0605", "entry", 475.0, 0.2),
    EdgeFlow("greeting", "main_menu", "next", "next", 2375.0, 1.0),
    EdgeFlow("main_menu", "mobile", "2 mobile", "key", 1500.0, 0.63),
    EdgeFlow("main_menu", "internet", "1 internet and TV", "key", 500.0, 0.21),
    EdgeFlow("main_menu", "", "nothing pressed", "no_input", 175.0, 0.07),
    EdgeFlow("main_menu", "main_menu", "nothing pressed, again", "repeat_no_input", 200.0, 0.09),
    EdgeFlow("mobile", "agent", "0 an agent", "key", 1300.0, 0.87),
    EdgeFlow("mobile", "баланс", "1 my balance", "key", 200.0, 0.13),
    EdgeFlow("агент", "", "hang up", "hang_up", 900.0, 1.0),
)

TARGETS = (
    TargetResult(
        "queue.support.mean_wait",
        "support.mean_wait = 20 min ± 20%",
        1212.0,
        48.0,
        1164.0,
        1260.0,
        "met",
        "s",
        "",
        ("M13",),
    ),
    TargetResult(
        "queue.support.longest_queue",
        "support.longest_queue > 30",
        95.2,
        6.0,
        89.2,
        101.2,
        "met",
        "calls",
        "",
        ("M14",),
    ),
    TargetResult(
        "queue.support.mean_wait by hour",
        "support.mean_wait by hour in 5 min .. 40 min",
        310.0,
        40.0,
        270.0,
        350.0,
        "undecided",
        "s",
        "04:00",
        ("M15",),
        180,
    ),
    TargetResult(
        "trunk.main.blocked",
        "trunk.main.blocked <= 1%",
        0.034,
        0.004,
        0.03,
        0.038,
        "missed",
        "share",
    ),
)


def made_up_day(
    queues=("support", "Поддержка_VIP"), targets=TARGETS, name="MTS 0890, one regional queue"
):
    """Result of a day with these queues."""
    days = {f"queue.{queue}": queue_day(1.0 if i == 0 else 0.45) for i, queue in enumerate(queues)}
    busy = near(AGENTS * 0.9)
    trunk = {
        "carried": near(AGENTS * 9),
        "peak_channels": near(AGENTS * 14),
        "channels": near(np.full(48, 100.0)),
        "utilisation": near(AGENTS * 0.09),
    }
    group = {"logged_in": near(AGENTS, 0), "carried": busy, "occupancy": near(np.full(48, 0.9))}
    whole = queue_day(1.2)
    by_interval = {"all": whole, **days, "group.region": group, "trunk.main": trunk}
    by_interval |= {
        f"number.{n}": queue_day(f)
        for n, f in (("0890", 0.7), ("0605", 0.2), ("8-800-250-0890", 0.3))
    }
    numbers = ("0890", "0605", "8-800-250-0890")
    totals = {
        "all": {**total_of(whole), "callers": about(2100), "self_served": about(800)},
        **{scope: total_of(day) for scope, day in days.items()},
        **{f"number.{n}": total_of(by_interval[f"number.{n}"]) for n in numbers},
        "class.prepaid": total_of(queue_day(1.0)),
        "class.премиум": total_of(queue_day(0.1)),
        "group.region": {"occupancy": about(0.91), "logged_in": about(4.9)},
        "trunk.main": {
            "offered": about(2400), "blocked": about(0.034),
            "utilisation": about(0.4), "peak_channels": about(84),
        },
        "node.greeting": {"entered": about(2375), "mean_time": about(12)},
        "node.main_menu": {"entered": about(2575), "mean_time": about(7.3)},
    }  # fmt: skip
    peak = BusyHour(11 * 60 + 15, 41.2, 11 * 60 + 40, 43.9)
    return Result(
        meta=Meta(
            name=name,
            description="A weekday of the carrier's regional line.",
            file="mts_0890.yaml",
            version="0.1.0",
            seed=1,
            replications=50,
            start="2019-04-15 00:00",
            timezone="Europe/Moscow",
            duration_s=86400.0,
            interval_s=1800.0,
            facts=("M1", "M13"),
        ),
        interval_starts_s=np.arange(48) * 1800.0,
        interval_labels=tuple(f"{i // 2:02d}:{i % 2 * 30:02d}" for i in range(48)),
        totals=totals,
        by_interval=by_interval,
        by_hour={scope: by_hour_of(day) for scope, day in {"all": whole, **days}.items()},
        by_week={},
        waits={
            scope.partition(".")[2]: waits_of(1200.0 if i == 0 else 300.0)
            for i, scope in enumerate(days)
        },
        edges=EDGES,
        busy_hours={"all": peak, **dict.fromkeys(days, peak)},
        targets=targets,
        queue_lengths={scope: lengths_of(9.0) for scope in days},
    )


def made_up_scenario():
    """A scenario to go with the day: every section that the page shows."""
    return Scenario.model_validate(
        {
            "name": "MTS 0890, one regional queue",
            "clock": {
                "start": "2019-04-15 00:00",
                "duration": "1 day",
                "timezone": "Europe/Moscow",
            },
            "numbers": {
                "0890": {"enter": "greeting", "trunk": "main"},
                "0605": {"enter": "greeting"},
            },
            "trunks": {"main": {"channels": 100}},
            "flow": {
                "greeting": {"play": "12 s", "next": "main_menu", "facts": ["M2"]},
                "main_menu": {
                    "menu": {
                        "2": {"says": "mobile", "at": "4 s", "next": "mobile"},
                        "1": {"says": "internet and TV", "at": "8 s", "next": "mobile"},
                    }
                },
                "mobile": {
                    "menu": {
                        "0": {"says": "an agent", "at": "9 s", "next": "агент"},
                        "1": {"says": "my balance", "at": "3 s", "next": "баланс"},
                    }
                },
                "баланс": {
                    "self_service": {"takes": "25 s", "settles": "95%"},
                    "otherwise": "агент",
                },
                "агент": {"queue": "support"},
            },
            "queues": {"support": {"capacity": 300, "facts": ["M14"]}, "Поддержка_VIP": {}},
            "agents": {
                "region": {
                    "serves": {
                        "support": {
                            "handle_time": "lognormal(mean=4 min, cv=1.0)",
                            "wrap_up": "exponential(mean=20 s)",
                        },
                        "Поддержка_VIP": {"handle_time": "4 min"},
                    },
                    "heads": {"00:00-08:00": 3, "08:00-22:00": 6, "22:00-24:00": 4},
                }
            },
            "callers": {
                "prepaid": {
                    "volume": "2400/day",
                    "dials": {"0890": "80%", "0605": "20%"},
                    "wants": {"агент": "60%", "баланс": "40%"},
                    "patience": "exponential(mean=40 min)",
                    "redial": {"after": {"abandoned": "50%"}, "delay": "exponential(mean=15 min)"},
                    "knows_menu": "40%",
                }
            },
        }
    )
