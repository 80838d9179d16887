"""The compiled engine: the model of the reference engine as one loop over arrays.

Belongs here: which handler runs, and when. Does not belong here: the state and the handlers of the
usual way of a call (`kernel_core`), what most scenarios leave unused: `kernel_channels`, `kernel_joining`
and the others, each named as the module of the reference engine whose model it is. Those are called,
not put into their callers: the usual way of a call stays short.

A handler's answer says what follows: nothing now, a node at which the call walks on, or the outcome
with which it ends.
"""

from vpbx._jit import njit, njit_called, njit_inline, pointed, rarely
from vpbx.codes import Exit, Op, Outcome, Phase
from vpbx.engine import kernel_channels as channels
from vpbx.engine import kernel_choice as choice
from vpbx.engine import kernel_extensions as extensions
from vpbx.engine import kernel_joining as joining
from vpbx.engine import kernel_limits as limits
from vpbx.engine import kernel_outages as outages
from vpbx.engine import kernel_phones as phones
from vpbx.engine import kernel_platforms as platforms
from vpbx.engine import kernel_talk as talk
from vpbx.engine.kernel_core import (
    CALL,
    CHANGE_AT,
    CONNECTING,
    ENDS,
    EPOCH,
    FREE,
    FREEING,
    HORIZON_AT,
    INTERVAL_END,
    LAST_BLOCK,
    LIVE,
    MARGIN,
    MESSAGE,
    MOMENT,
    N_ARRIVALS,
    N_ASSIGNING,
    N_BUSY,
    N_CALLS,
    N_FREE,
    N_LEGS,
    N_LIVE,
    N_NEWLY_IDLE,
    N_ORBIT,
    N_VISITS,
    NEWLY,
    NEXT_ARRIVAL,
    NOTHING,
    NOW,
    ORBIT,
    OVER,
    REFUSING,
    STOP_PENDING,
    WAITING,
    WINDOW,
    Ints,
    State,
    Tables,
    answer_call,
    arrive,
    branch,
    change_staff,
    check_over,
    close_interval,
    end_call,
    end_no_wrap_up,
    end_of_patience,
    end_of_talk,
    end_of_wrap_up,
    enter,
    hang_up,
    horizon_us,
    hung_up,
    list_idle,
    new_call,
    next_interval,
    pick,
    plain_queue,
    rebase,
    take_out,
    walk_call,
    winner,
)
from vpbx.engine.walk import Counts, Walked
from vpbx.program.packed import Packed
from vpbx.program.program import UNSETTLED
from vpbx.rows import wide
from vpbx.traffic.workload import Arrivals
from vpbx.units import NEVER

_OUTAGE, _END_OF_TALK = int(Phase.OUTAGE), int(Phase.END_OF_TALK)
_END_OF_WRAP_UP, _CHANGE = int(Phase.END_OF_WRAP_UP), int(Phase.CHANGE)
_ASSIGN, _END_OF_WALK = int(Phase.ASSIGN), int(Phase.END_OF_WALK)
_ARRIVAL, _HORIZON = int(Phase.ARRIVAL), int(Phase.HORIZON)
_ANSWERED, _REFUSED, _BLOCKED = int(Outcome.ANSWERED), int(Outcome.REFUSED), int(Outcome.BLOCKED)
_CALLBACK_DONE, _CALLBACK_FAILED = int(Outcome.CALLBACK_DONE), int(Outcome.CALLBACK_FAILED)
_TIMED_OUT, _BY_TIME = int(Outcome.TIMED_OUT), int(Exit.TIMED_OUT)
_CLEARED, _CUT = int(Outcome.CLEARED), int(Outcome.CUT)
_BY_CLEARING, _BY_CALLBACK = int(Exit.CLEARED), int(Exit.CALLBACK)
_HUNG_UP, _UNLICENSED = int(Walked.HUNG_UP), int(Walked.UNLICENSED)
_LEFT_MESSAGE = int(Walked.LEFT_MESSAGE)
_QUEUE, _RING, _VOICEMAIL = int(Op.QUEUE), int(Op.RING), int(Op.VOICEMAIL)
_NO_KEY = 1 << 62
_LEGS_AT_ONCE = 32
"""More legs than one event of one call can seize; agents' calls back come on top."""

DONE, NEEDS_ARRIVALS, NEEDS_ROWS, NEEDS_SLOTS, PAUSED = range(5)
"""Why `advance` came back."""


# --- calls ---------------------------------------------------------------------------------------


@njit_inline
def _arrive(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> int:
    """A call arrives (`_call` of the reference)."""
    state.scalars[N_ORBIT] -= 1
    arrive(state, tables, leaf, now)
    if rarely(program.special):
        channels.forget(state, leaf)
        return channels.connect(program, state, tables, leaf, now)
    return enter(program, state, tables, leaf, now)


@njit_inline
def _end_of_walk(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The walk is over: the call ends, or comes to a node that depends on the system's state."""
    slot = state.slots[leaf]
    if slot.why == REFUSING:
        return ENDS - _REFUSED
    if slot.why == _HUNG_UP:
        return ENDS - hung_up(program, state, leaf)
    if rarely(program.special):
        if slot.why == CONNECTING:
            return channels.connected(program, state, tables, leaf, now)
        if slot.why == _UNLICENSED:
            return ENDS - _BLOCKED
        if slot.why == _LEFT_MESSAGE:
            return joining.message_left(program, state, tables, leaf, now)
    return _state_node(program, state, tables, counts, leaf, now)


@njit_inline
def _state_node(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """A node that depends on the state of the system."""
    own = program.flow.nodes[wide(state.slots[leaf].node)]
    if own.op == _QUEUE:
        if rarely(program.special) and program.queues[own.row].special:
            return joining.queue(program, state, tables, counts, leaf, now)
        return plain_queue(program, state, tables, counts, leaf, now)
    if rarely(program.special):
        if own.op == _RING:
            return extensions.ring(program, state, tables, counts, leaf, now)
        if own.op == _VOICEMAIL:
            return joining.voicemail(program, state, tables, counts, leaf, now)
    return branch(program, state, counts, leaf, now)


@njit_inline
def _end_of_talk(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The talk is over."""
    if rarely(program.special):
        return talk.end_of_talk(program, state, tables, counts, leaf, now)
    return end_of_talk(program, state, tables, counts, leaf, now)


@njit_inline
def _wait_event(
    program: Packed,
    state: State,
    tables: Tables,
    counts: Counts,
    leaf: int,
    phase: int,
    now: int,
) -> int:
    """Patience ends; or something rarer happens to a call that waits, or to an agent."""
    if rarely(program.special):
        slot = state.slots[leaf]
        if slot.life == WAITING and program.queues[wide(slot.queue)].special:
            return joining.waiting_event(program, state, tables, counts, leaf, phase, now)
        if slot.life == LIVE and state.extras[leaf].rings_now:
            return extensions.ring_event(program, state, tables, counts, leaf, phase, now)
    return end_of_patience(program, state, tables, counts, leaf, now)


@njit_called
def _agent_event(
    program: Packed, state: State, tables: Tables, leaf: int, phase: int, now: int, counts: Counts
) -> None:
    """Something happens to an agent's phone."""
    agent = wide(state.slots[leaf].agent)
    told = phones.phone_event(program, state, tables, counts, agent, phase, now)
    if told != NOTHING:
        call = -3 - told
        outcome, by = _CALLBACK_FAILED, _BY_CALLBACK
        if state.extras[call].kind == CALL:
            outcome, by = _TIMED_OUT, _BY_TIME
        answer = joining.leave_line(program, state, tables, counts, call, outcome, by, now)
        if answer >= 0:
            walk_call(program, state, counts, call, answer, now, False)
        else:
            _end(program, state, tables, call, ENDS - answer, now)


@njit_inline
def _end(program: Packed, state: State, tables: Tables, leaf: int, outcome: int, now: int) -> None:
    """The call ends; the caller may call again."""
    cause = outcome
    if rarely(program.special) and (outcome == _ANSWERED or outcome == _CALLBACK_DONE):
        cause = UNSETTLED if state.extras[leaf].unsettled else outcome
    end_call(program, state, tables, leaf, outcome, cause, now)


@njit_inline
def _or_first_attempt(state: State, block: Arrivals, leaf: int) -> int:
    """The redial that is due at the instant of the next first attempt (-1: none), or that attempt: of two
    calls, the lower caller's."""
    s, coming = state.scalars, state.scalars[NEXT_ARRIVAL]
    caller = block.caller[coming]
    if leaf < 0 or caller < state.slots[leaf].caller:
        leaf = new_call(state, block, coming, caller)
        s[NEXT_ARRIVAL] = coming + 1
        s[N_ORBIT] += 1
    return leaf


@njit_inline
def _call_event(
    program: Packed,
    state: State,
    tables: Tables,
    counts: Counts,
    leaf: int,
    phase: int,
    now: int,
    events: int,
) -> int:
    """Something happens to a call, and what follows from it at once: a walk that ends as it begins is
    gone on from here. How many events are left."""
    while True:
        if phase == _END_OF_WALK:
            answer = _end_of_walk(program, state, tables, counts, leaf, now)
        elif phase == _END_OF_TALK:
            answer = _end_of_talk(program, state, tables, counts, leaf, now)
        elif phase == _ARRIVAL:
            answer = _arrive(program, state, tables, leaf, now)
        else:
            answer = _wait_event(program, state, tables, counts, leaf, phase, now)
        if answer >= 0:
            alone = phase >= _END_OF_WALK and events > 0
            alone = alone and not program.special  # rare handlers may free agents at once
            if walk_call(program, state, counts, leaf, answer, now, alone):
                phase = _END_OF_WALK
                events -= 1
                continue
        elif answer <= ENDS:
            _end(program, state, tables, leaf, ENDS - answer, now)
        return events


# --- assignment ----------------------------------------------------------------------------------


@njit_inline
def _assign(program: Packed, state: State, tables: Tables, now: int) -> None:
    """Newly idle agents take calls (semantics §6); those of newly waiting calls: `plain_queue`."""
    s = state.scalars
    s[N_ASSIGNING] = s[N_NEWLY_IDLE]
    s[N_NEWLY_IDLE] = 0
    for i in range(s[N_ASSIGNING]):
        agent = state.newly_idle[i]
        if state.agents[agent].idle != NEWLY:
            continue
        if rarely(program.special) and program.groups[wide(state.agents[agent].group)].special:
            leaf = choice.pick(program, state, agent, now)
            if leaf >= 0:
                phones.offer(program, state, tables, leaf, agent, now)
        else:
            leaf = pick(program, state, agent)
            if leaf >= 0:
                take_out(state, tables, leaf, now)
                answer_call(program, state, tables, leaf, agent, now)
        if leaf < 0:
            list_idle(state, agent)
    s[N_ASSIGNING] = 0
    if program.by_platform:
        platforms.look(program, state, tables, now)


# --- calendars and the horizon ---------------------------------------------------------------------


@njit_called
def _moment(program: Packed, state: State, tables: Tables, counts: Counts, now: int) -> None:
    """Outages cut calls; a queue is emptied at closing."""
    own = program.moments[state.scalars[MOMENT]]
    state.scalars[MOMENT] += 1
    if own.queue >= 0:
        leaf = limits.next_to_clear(state, own.queue)
        while leaf >= 0:
            joining.leave_line(program, state, tables, counts, leaf, _CLEARED, _BY_CLEARING, now)
            _end(program, state, tables, leaf, _CLEARED, now)
            leaf = limits.next_to_clear(state, own.queue)
        return
    for leaf in range(state.slots.shape[0]):
        if outages.is_cut(program, state, leaf, own.trunk, own.group):
            answer = outages.cut(program, state, tables, leaf, now)
            _end(program, state, tables, leaf, ENDS - answer, now)
        elif outages.is_held(state, leaf, own.group):
            talk.release_held(program, state, tables, leaf, now)  # drops out; the others talk on


@njit_called
def _calendar(
    program: Packed, state: State, tables: Tables, counts: Counts, phase: int, now: int
) -> bool:
    """What stands in calendars: staff changes, then outages and closings; the horizon. Whether the run
    is over."""
    if phase == _CHANGE and state.scalars[CHANGE_AT] == now:
        change_staff(program, state, now)
    elif phase == _CHANGE or phase == _OUTAGE:
        _moment(program, state, tables, counts, now)
    else:
        return _is_over(program, state, tables, now)
    return False


@njit_called
def _horizon(program: Packed, state: State, tables: Tables, now: int) -> None:
    """The duration ends, the drain is done, or its limit is reached: then callers are cut."""
    s = state.scalars
    if s[STOP_PENDING]:
        s[STOP_PENDING] = 0
        s[OVER] = s[N_LIVE] + s[N_ORBIT] + s[N_BUSY] == 0
        return
    s[HORIZON_AT] = horizon_us(program)
    if now < s[HORIZON_AT]:
        check_over(program, state, now)
        return
    for leaf in range(state.slots.shape[0]):
        slot = state.slots[leaf]
        if slot.life == WAITING:
            take_out(state, tables, leaf, now)
            tables.visits[wide(slot.visit)].outcome = _CUT
        if slot.life == LIVE:
            if not (program.special and state.extras[leaf].kind == MESSAGE):
                hang_up(state, tables, slot, _CUT, -1, now)
            slot.life = FREE
    s[OVER] = 1


@njit_called
def _is_over(program: Packed, state: State, tables: Tables, now: int) -> bool:
    """The horizon at this instant; when the run is over, all levels are booked to the end."""
    _horizon(program, state, tables, now)
    if state.scalars[OVER]:
        next_interval(state, tables, now)
        close_interval(state, tables, now)
    return state.scalars[OVER] == 1


# --- the loop ------------------------------------------------------------------------------------


@njit_called
def _earliest(program: Packed, state: State, block: Arrivals) -> int:
    """The instant of the next event, whatever it is."""
    s = state.scalars
    earliest = min(s[CHANGE_AT], s[HORIZON_AT])
    if s[MOMENT] < program.moments.shape[0]:
        earliest = min(earliest, program.moments[s[MOMENT]].at)
    if s[NEXT_ARRIVAL] < s[N_ARRIVALS]:
        earliest = min(earliest, block.arrived_at[s[NEXT_ARRIVAL]])
    for leaf in range(state.slots.shape[0]):
        earliest = min(earliest, state.slots[leaf].due_at)
    return earliest


@njit_inline
def _arrival_key(s: Ints, block: Arrivals) -> int:
    """Time and phase of the next first attempt."""
    if s[NEXT_ARRIVAL] >= s[N_ARRIVALS]:
        return _NO_KEY
    return (block.arrived_at[s[NEXT_ARRIVAL]] - s[EPOCH]) << 4 | _ARRIVAL


@njit_called
def _calendar_key(program: Packed, s: Ints) -> int:
    """Time and phase of what stands next in the calendars."""
    key = (s[HORIZON_AT] - s[EPOCH]) << 4 | _HORIZON
    if s[CHANGE_AT] < NEVER:
        key = min(key, (s[CHANGE_AT] - s[EPOCH]) << 4 | _CHANGE)
    if s[MOMENT] < program.moments.shape[0]:
        own = program.moments[s[MOMENT]]
        key = min(key, (own.at - s[EPOCH]) << 4 | own.phase)
    return key


@njit_inline
def _pending_key(s: Ints) -> int:
    """Time and phase of what is pending at this instant: the end of a wrap-up, assignment, or the end of
    the run."""
    phase = _ASSIGN if s[N_NEWLY_IDLE] else _HORIZON
    return (s[NOW] - s[EPOCH]) << 4 | (_END_OF_WRAP_UP if s[FREEING] else phase)


@njit_inline
def _room(program: Packed, state: State, tables: Tables, events: int) -> int:
    """How many events find slots, and rows for calls and visits, whatever they are: of plain ones each
    takes one of each at most; 0 or less: not even one."""
    s = state.scalars
    room = min(tables.calls.shape[0] - s[N_CALLS], tables.visits.shape[0] - s[N_VISITS])
    return min(room, s[N_FREE] - s[MARGIN], 1 if program.special else events)


@njit_inline
def _has_room_for_legs(program: Packed, s: Ints, tables: Tables) -> bool:
    """Whether all legs that one event can seize find rows."""
    full = rarely(program.special) and (
        s[N_LEGS] + s[MARGIN] + _LEGS_AT_ONCE >= tables.legs.shape[0]
    )
    return not full


@njit
def advance(
    program: Packed, state: State, tables: Tables, counts: Counts, block: Arrivals, events: int
) -> int:
    """Runs up to so many events; why it came back.

    Before going on, the caller gives what is needed: the next day's arrivals, longer tables, a larger
    state.
    """
    program, state, tables = pointed(program), pointed(state), pointed(tables)
    counts, block = pointed(counts), pointed(block)
    s, tree, slots = state.scalars, state.tree, state.slots
    arrival, calendar = _arrival_key(s, block), _calendar_key(program, s)
    while events > 0:
        room = _room(program, state, tables, events)
        if room <= 0:
            return NEEDS_SLOTS if s[N_FREE] <= s[MARGIN] else NEEDS_ROWS
        events -= room
        while room > 0:
            room -= 1
            if rarely(arrival == _NO_KEY) and not s[LAST_BLOCK]:
                return NEEDS_ARRIVALS
            root = tree[1]
            following = min(root >> 24, arrival, calendar)
            if s[N_NEWLY_IDLE] | s[STOP_PENDING] and _pending_key(s) < following:
                if s[N_NEWLY_IDLE]:
                    if not _has_room_for_legs(program, s, tables):
                        return NEEDS_ROWS
                    _assign(program, state, tables, s[NOW])
                elif _is_over(program, state, tables, s[NOW]):
                    return DONE
                continue
            if rarely(following >> 4 >= WINDOW):
                s[EPOCH] = _earliest(program, state, block)
                rebase(state)
                arrival, calendar = _arrival_key(s, block), _calendar_key(program, s)
                continue
            now, phase = s[EPOCH] + (following >> 4), following & 15
            if not _has_room_for_legs(program, s, tables):
                return NEEDS_ROWS
            s[NOW] = now
            if rarely(now >= s[INTERVAL_END]):
                next_interval(state, tables, now)
            if rarely(following == calendar):
                if _calendar(program, state, tables, counts, phase, now):
                    return DONE
                calendar = _calendar_key(program, s)
                continue

            leaf = winner(state, root) if following == root >> 24 else -1
            if following == arrival:
                leaf = _or_first_attempt(state, block, leaf)
                arrival = _arrival_key(s, block)
            if phase == _END_OF_WRAP_UP:
                end_of_wrap_up(program, state, leaf, now)
                continue
            if rarely(program.special) and slots[leaf].life > ORBIT:
                _agent_event(program, state, tables, leaf, phase, now, counts)
                continue

            room = _call_event(program, state, tables, counts, leaf, phase, now, room)
            if s[FREEING]:
                alone = _pending_key(s) < min(tree[1] >> 24, arrival, calendar)
                end_no_wrap_up(program, state, alone)
    return PAUSED
