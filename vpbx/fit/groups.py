"""Agents who are alike: the same queues, and about the same speed.

Belongs here: which agents form a group. Does not belong here: when they were there (`duty`), how
long their calls last (`fitted`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_EXPECTED = 5.0
LEAST_OF_USUAL = 0.1
"""An agent does not serve a queue who took less than this part of the usual share of its calls,
where the usual share is at least 5 calls; with less to go by, everybody serves everything."""
MOST_SKILLS = 6
"""Rarer sets of queues are put to the nearest common one."""
PACES = (0.9, 1.1)
"""Agents below the first are quick, above the last slow, relative to the usual handle time."""
SPEEDS = len(PACES) + 1
LEAST_DIFFERENCE = 0.08
"""Agents are told apart by speed where it differs by more than this (cv) beyond chance."""
LEAST_PART = 0.03
"""A group that took a smaller part of all calls joins one of another speed."""
_PRIOR_CALLS = 20.0


class Talked(NamedTuple):
    """Talks: who, in which queue, how long (s)."""

    agent: Ints
    queue: Ints
    lasted_s: Floats


class Groups(NamedTuple):
    """Group of each agent (-1: took no calls), the queues of each group, and its pace.

    `pace[g]` is handle time relative to what is usual in the same queues: 1.2 is a fifth slower.
    """

    group_of: Ints
    serves: tuple[tuple[int, ...], ...]
    pace: tuple[float, ...]


def agent_groups(talked: Talked, n_agents: int, n_queues: int) -> Groups:
    """Groups by queues and speed."""
    taken = np.zeros((n_agents, n_queues), np.int64)
    np.add.at(taken, (talked.agent, talked.queue), 1)
    active = np.flatnonzero(taken.sum(axis=1))
    group_of = np.full(n_agents, -1, np.int64)
    if not len(active):
        return Groups(group_of, (), ())
    skills = _skills(taken[active])
    calls = taken[active].sum(axis=1)
    speed = _speeds(talked, n_agents, n_queues)[active]
    sets, skill_of = np.unique(skills, axis=0, return_inverse=True)
    speed = _joined(skill_of.reshape(-1), speed, calls)
    keys, place = np.unique(np.stack((skill_of.reshape(-1), speed)), axis=1, return_inverse=True)
    group_of[active] = place.reshape(-1)
    serves = tuple(tuple(np.flatnonzero(sets[k]).tolist()) for k in keys[0])
    return Groups(group_of, serves, _paces(talked, group_of, len(serves), n_queues))


def with_newcomers(groups: Groups, talked: Talked) -> Groups:
    """The groups with agents not seen before put to the largest."""
    if not groups.serves:
        return groups
    group_of = groups.group_of.copy()
    largest = int(np.bincount(group_of[group_of >= 0]).argmax())
    seen = np.unique(talked.agent)
    group_of[seen[group_of[seen] < 0]] = largest
    return groups._replace(group_of=group_of)


def _skills(taken: Ints) -> Bools:
    """Queues served by each agent, rare sets replaced by the nearest common one."""
    total = taken.sum(axis=1, keepdims=True)
    usual = taken.sum(axis=0) / taken.sum() * total
    skills = (usual < LEAST_EXPECTED) | (taken >= LEAST_OF_USUAL * usual)
    kinds, place = np.unique(skills, axis=0, return_inverse=True)
    weight = np.bincount(place.reshape(-1), weights=total[:, 0])
    kept = kinds[np.argsort(-weight, kind="stable")[:MOST_SKILLS]]
    nearest = (skills[:, None, :] != kept[None, :, :]).sum(axis=2).argmin(axis=1)
    return np.asarray(kept[nearest])


def _speeds(talked: Talked, n_agents: int, n_queues: int) -> Ints:
    """Speed class of each agent, 0 the quickest; one class if all are alike."""
    usual = _usual(talked, n_queues)[talked.queue]
    n = np.bincount(talked.agent, minlength=n_agents).astype(np.float64)
    spent = np.bincount(talked.agent, talked.lasted_s, n_agents)
    due = np.bincount(talked.agent, usual, n_agents)
    mean = float(usual.mean())
    if mean <= 0:
        return np.zeros(n_agents, np.int64)
    pace = (spent + _PRIOR_CALLS * mean) / (due + _PRIOR_CALLS * mean)
    seen = n > 0
    cv = float(talked.lasted_s.std()) / mean
    chance = np.average(cv**2 * n[seen] / (n[seen] + _PRIOR_CALLS) ** 2, weights=n[seen])
    spread = np.average(
        (pace[seen] - np.average(pace[seen], weights=n[seen])) ** 2, weights=n[seen]
    )
    if spread - chance < LEAST_DIFFERENCE**2:
        return np.zeros(n_agents, np.int64)
    return np.searchsorted(PACES, pace).astype(np.int64)


def _joined(skill: Ints, speed: Ints, calls: Ints) -> Ints:
    """Speed classes with those of small groups put to the largest group of the same queues."""
    found = speed.copy()
    for s in np.unique(skill):
        mine = skill == s
        sizes = np.bincount(speed[mine], weights=calls[mine], minlength=SPEEDS)
        small = sizes < LEAST_PART * calls.sum()
        found[mine & small[speed]] = int(sizes.argmax())
    return found


def _usual(talked: Talked, n_queues: int) -> Floats:
    """Mean handle time by queue (s)."""
    n = np.bincount(talked.queue, minlength=n_queues)
    return np.bincount(talked.queue, talked.lasted_s, n_queues) / np.maximum(n, 1)


def _paces(talked: Talked, group_of: Ints, n_groups: int, n_queues: int) -> tuple[float, ...]:
    group = group_of[talked.agent]
    spent = np.bincount(group, talked.lasted_s, n_groups)
    due = np.bincount(group, _usual(talked, n_queues)[talked.queue], n_groups)
    return tuple((spent / np.where(due > 0, due, 1.0)).tolist())
