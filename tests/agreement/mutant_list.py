"""Deliberate faults in the reference engine by area, each a change of one line (`mutants`).

Belongs here: the list: `# area`; the name, which says what the faulty engine does; function | right text
=> wrong text. Does not belong here: reading it, putting a fault in place (`mutants`).
"""

LIST = """
# phase order
patience ends before assignment
    begin | self.desk.at(until, Phase.END_OF_PATIENCE => self.desk.at(until, 6
patience ends after walks
    begin | self.desk.at(until, Phase.END_OF_PATIENCE => self.desk.at(until, 14
patience ends after arrivals
    begin | self.desk.at(until, Phase.END_OF_PATIENCE => self.desk.at(until, 15
assignment after patience
    pend_assign | Phase.ASSIGN => 12
assignment after arrivals
    pend_assign | Phase.ASSIGN => 15
staff changes before ends of talk
    schedule_change | Phase.CHANGE => 2
staff changes after assignment
    schedule_change | Phase.CHANGE => 8
wrap-up ends after staff changes
    end_of_talk | Phase.END_OF_WRAP_UP => 6
talk ends after staff changes
    queue | Phase.END_OF_TALK => 6
arrivals before ends of walks
    call | else Phase.END_OF_WALK => else 15
redials before ends of walks
    redial | Phase.ARRIVAL => 12
the duration ends before its last instant
    run | Phase.HORIZON, 0 => 2, 0
# queue order
last come, first served
    reorder | -self.priority, first, => -self.priority, -first,
priority upside down
    reorder | (-self.priority, => (self.priority,
ties by the later caller
    reorder | first, self.call.who) => first, -self.call.who)
ties by arrival, not by caller
    reorder | first, self.call.who) => first, self.call.row)
the second in line is served
    first | next(eligible, None) => (list(eligible)[:2] or [None])[-1]
full one caller later
    visit | <= waiting and => < waiting and
# choice of agent
shortest idle
    choose | (agent.idle_since, agent.index) => (-agent.idle_since, agent.index)
equally long idle: the last
    choose | (agent.idle_since, agent.index) => (agent.idle_since, -agent.index)
most calls
    choose | (agent.n_calls, agent.index) => (-agent.n_calls, agent.index)
equally few calls: the last
    choose | (agent.n_calls, agent.index) => (agent.n_calls, -agent.index)
linear from the end
    choose | return idle[0] => return idle[-1]
random, one off
    choose | idle[int(u * len(idle))] => idle[int(u * len(idle)) - 1]
greatest penalty
    candidates | least = min( => least = max(
penalties unheeded
    candidates | penalty[agent.group] == least] => True]
freed agents in the opposite order
    assign | key=lambda a: a.index => key=lambda a: -a.index
round robin from the first again
    choose | agent.index <= cursor => agent.index > cursor
round robin stays with the same
    choose | agent.index <= cursor => agent.index < cursor
# picks
longest wait, weights unheeded
    pick | (-weight[q], found => (0, found
longest wait, weights upside down
    pick | -weight[q] => weight[q]
longest wait, priorities unheeded
    pick | found[q].order)) => found[q].order[1:]))
in order, from the end
    pick | next(iter(found)) => list(found)[-1]
the shortest queue
    pick | queue = max( => queue = min(
equally long queues: the last listed
    pick | max(found, => max(list(found)[::-1],
# patience
kept patience drawn anew
    patience_until@Limits | kept = 0 if => kept = None if
one draw for all visits
    patience_until@Limits | call.joins, kept => 0, kept
a caller finds oneself waiting
    patience@Limits | self.desk.crowd(visit.queue) - 1 => self.desk.crowd(visit.queue)
only the own queue is a crowd
    crowd@Desk | self.rivals_of[queue] => [queue]
a crowd from one more on
    patience@Limits | found >= crowds => found > crowds
no end of patience at the horizon
    at | at <= self.horizon => at < self.horizon
patience with the menus goes on after the answer
    answer | True, NEVER => True, call.gives_up_at
patience with the menus runs from the start of the clock
    seize | call.answered_at + self => self
# staffing change
busy agents leave first
    send_home | (idle + busy) => (busy + idle)
the lowest idle leaves first
    send_home | agent in reversed(present) if agent.idle => agent in present if agent.idle
the lowest busy leaves first
    send_home | agent in reversed(present) if not => agent in present if not
new agents before those about to leave
    set | (leaving + absent) => (absent + leaving)
one stays too long
    set | len(present) - count => len(present) - count - (len(present) > count)
who is to leave stays
    free | if agent.leaving or => if
logging in keeps the old idle time
    log_in | True, self.env.now => True, agent.idle_since
with first_free, somebody is marked all the same
    send_home | elif not self._first_free(group) => elif True
with first_free, nobody goes
    free | surplus and => False and
with first_free, one too few go
    free | > self.wanted => > 1 + self.wanted
# trunk seizure
one channel too many
    is_free | return self.held[trunk].value < => return self.held[trunk].value <=
one channel too few
    is_free | return self.held[trunk].value < => return self.held[trunk].value + 1 <
channels change a moment late
    now@Channels | self.env.now => self.env.now - 1
the first trunk is never released
    hang_up | call.trunk >= 0 => call.trunk > 0
# redial
one attempt too many
    end | call.attempt + 1 < => call.attempt <
the first attempt decides for all
    end | Purpose.REDIAL, 0) => Purpose.REDIAL, 0, 0)
the first delay for all
    end | Purpose.REDIAL_DELAY, 0) => Purpose.REDIAL_DELAY, 0, 0)
dropped at the horizon
    redial | at > self.horizon => at >= self.horizon
a moment late
    end | now + delay => now + 1 + delay
an unsettled matter counts as settled
    end | if answered and call.unsettled => if False
unsettled by the chance of settling
    end_of_talk | u >= settles => u < settles
the number of the cause unheeded
    redial | number < 0 => True
# draw purpose
patience for the handle time
    handle_time | Purpose.HANDLE_TIME => Purpose.PATIENCE
handle time for the wrap-up
    end_of_talk | Purpose.WRAP_UP => Purpose.HANDLE_TIME
wrap-up counted one on
    end_of_talk | Purpose.WRAP_UP, visit.answer_n => Purpose.WRAP_UP, visit.answer_n + 1
one handle time for all answers
    handle_time | call.answers, kept => 0, kept
redial for its delay
    end | Purpose.REDIAL_DELAY => Purpose.REDIAL
patience in the queue for that in the menus
    seize | Purpose.IVR_PATIENCE => Purpose.PATIENCE
another draw picks the agent
    choose | Purpose.PICK_AGENT => Purpose.REDIAL
knowing the menu drawn anew
    arrive | call.caller, 0, int => call.caller, call.attempt, int
# interval booking
an interval too long
    book | end = (interval + 1) * grid => end = (interval + 1) * grid + 1
the boundary belongs to the next interval
    book | last = (until - 1) // grid => last = until // grid
the peak is the last level
    book | max(self.peak[interval], value) => value
levels of no length leave a trace
    change@Level | at > self.since => at >= self.since
exits booked at the entry
    leave | self.counts.edges[now // => self.counts.edges[(entered or now) //
the last instant forgotten
    fold | folded[-1] += counts[n:].sum(axis=0) => pass
# ringing
answered before staff changes
    ring@Phones | Phase.PHONE_ANSWERED => 3
answered after assignment
    ring@Phones | Phase.PHONE_ANSWERED => 8
missed before assignment
    ring@Phones | Phase.RING_TIMEOUT => 6
the pause ends after patience
    pause | Phase.RETRY => 10
no pause after a miss
    pause | pause = int(groups.retry_us[g]) => pause = 0
paused one miss later
    pause | agent.misses == groups => agent.misses > groups
misses are not forgotten at an answer
    answer | agent.idle, agent.misses, agent.n_calls = False, 0, => agent.idle, agent.n_calls = False,
the call loses its place after a miss
    missed | self.desk.opens(visit) => pass
idle since the miss
    pause | agent.misses += 1 => agent.misses += 1; agent.idle_since = self.env.now
answers that come too late count
    answers_after | delay > groups.ring_us[g] => False
an answer at the last moment is missed
    answers_after | delay > groups => delay >= groups
each ring as the first
    ring@Phones | n, call.rings = call.rings, => n, call.rings = 0,
whose phone rang for a caller who is gone is idle since then only
    silence | self.desk.staff.free(agent) => agent.idle_since = self.env.now; self.desk.staff.free(agent)
# ring all
only the first rings
    all_of | return others => return others[:1]
the slowest answers
    ring@Phones | heard, key=lambda one: one[:2]) => heard, key=lambda one: (-one[0], one[1]))
equally quick: the last
    ring@Phones | heard, key=lambda one: one[:2]) => heard, key=lambda one: (one[0], -one[1]))
all hear the same
    answers_after | n = n << 20 | agent.index => pass
the losers have been idle since now only
    answered@Phones | staff.free(agent) => staff.free((setattr(agent, "idle_since", self.env.now), agent)[1])
the shortest ring time of all
    ring@Phones | timeout = max( => timeout = min(
# platforms
Asterisk connects several without autofill
    asterisk_turn | place > 0 and not => place > 9 and not
callers whose phones ring hold up the next
    asterisk_turn | ahead += not visit.ringing => ahead += 1
with ringall, free agents count each
    free@Platforms | not self.own.autofill[queue] or self._strategy(queue) == Strategy.RING_ALL => False
Asterisk's agents pause before the caller looks again
    pause | pause == 0 and => pause < 0 and
the caller does not pause for Asterisk's retry
    missed | int(self.program.platforms.retry_us[visit.queue]) => 0
Asterisk's callers go on at once
    missed | == Platform.ASTERISK => == Platform.OWN
no search after a caller has left
    take_out@Desk | if self.platforms.follows(visit.queue) => if False
no search after somebody has gone home
    gone | if self.platforms.queues => if False
linear has no pointer
    offer@Platforms | visit.pointer = max(found.pointer, 0) => pass
rrmemory goes on only at an answer
    stop@Phones | self.desk.platforms.ring_over(visit) => visit.agent and self.desk.platforms.ring_over(visit)
rrmemory never wraps
    members | 0 if wrapped else pointer + 1 => pointer + 1
rrmemory rings whoever it rang again
    members | metrics[i + 1][1] => place
penalties do not count for leastrecent
    metric | return tier + TIER - (self => return TIER - (self
leastrecent to the microsecond
    metric | agent.talked_at // SECOND_US => agent.talked_at / SECOND_US
whoever had no call comes last
    metric | agent.talked_at >= 0 => True
wrandom without weights
    metric | * (1 + penalty) * 1000 => * 1000
penalties do not count for random
    metric | tier + int(self._drawn(visit, agent) * 1000) => int(self._drawn(visit, agent) * 1000)
one draw for all agents
    drawn | n << 20 | agent.index => n << 20
penalties count however few are there
    members | > self.own.members_limit[queue] => >= 0
penalties count one member later
    members | > self.own.members_limit[queue] => > 1 + self.own.members_limit[queue]
low penalties are not lifted
    in_reach | max(penalty, lifts_to) => penalty
the window opens a moment late
    in_reach | waited >= windows => waited > windows
the least penalty is unheeded
    in_reach | if least <= penalty <= most => if penalty <= most
no agent is withheld for a heavier queue
    may_ring@Platforms | agent.idle and not any( => agent.idle or any(
withheld only if the heavier queue has more callers than agents
    may_ring@Platforms | >= self._free(other) => > self._free(other)
ringall rings one
    members | agent for agent in same if self => agent for agent in same[:1] if self
a platform's full queue lets in whoever finds an agent
    visit@Joining | (not free or self.desk.platforms.follows(queue)) => not free
time in the menus does not count
    visit@Joining | visit.first_joined_at = call.answered_at => pass
a miss soon after a call counts
    pause | if self.env.now - agent.talked_at >= groups.autopause_delay_us[g] => if True
levels are all open
    tiers | if wait >= 0 and own > level => if False
levels open a moment late
    tiers | waited >= opens => waited > opens
each level opens after one wait
    tiers | wait * own if => wait if
a level without agents is waited for
    tiers | self.own.no_agent_no_wait[queue] and => False and
an empty level below is enough, whoever was passed
    tiers | and present == 0 => and True
ring-all rings one
    tiers | != Strategy.RING_ALL => != 99
longest idle by logging in
    key@Platforms | return agent.talked_at => return agent.idle_since
least talk by calls
    key@Platforms | return agent.talk_us => return agent.n_calls
round-robin stays within one queue's offers
    last_offered | if agent.offered > 0 => if agent.offered > 1
round-robin from the first again
    listed | return behind + agents => return agents
round-robin over all levels
    listed | self._penalty(a, queue) == level and => True and
top-down forgets the caller
    offer@Platforms | visit.pointer = agents[0].index + 1 => pass
offers are not numbered
    offer@Platforms | self.offers += 1 => self.offers = 1
the longest wait silences phones
    timed_out@Limits | if self.desk.platforms.lets_ring(visit) => if False
overdue callers look again
    missed | if visit.overdue => if False
talk time without the last talk
    end_of_talk | agent.talk_us + now - visit.answered_at => agent.talk_us
the last of a score first
    one_finds | key=lambda visit: visit.order) => key=lambda visit: visit.order, reverse=True)
# calls back
the caller keeps the line
    queue | call.trunk = -1 => pass
called back without a line
    dial_back | gives_up, u = 0, 1.0 => pass
one call back more
    in_vain | visit.tries >= waits => visit.tries > waits
called again at once
    in_vain | int(waits.callback_retry_us[row]) => 0
patience goes on after hanging up
    join | visit.kind is Kind.CALL: => True:
the same draw for each try
    dial_back | n, visit.tries = visit.tries, => n, visit.tries = 0,
the agent is idle since before the call back
    in_vain | agent.idle_since = self.env.now => pass
the line is held after a call back in vain
    in_vain | self.desk.channels.release_leg(visit.leg) => pass
# overflow and spare
overflow agents serve at once
    may_serve | waited >= self.program.groups.after_us[group, visit.queue] => True
overflow a moment late
    may_serve | waited >= => waited >
overflow opens unnoticed
    join | Phase.RETRY, visit, self.opens) => Phase.RETRY, visit, lambda _: None)
overflow before assignment
    join | Phase.RETRY => 6
spare agents one fewer
    has_spare | idle > => idle >=
spare agents unheeded
    has_spare | idle > int => idle >= 0 * int
# offers and reactions
offered though an agent is free
    visit | row >= 0 and not free => row >= 0
another channel before hearing the wait
    hears | if self.desk.limits.balks_at(visit) => if False and self.desk.limits.balks_at(visit)
conditions of offers unheeded
    offered | return case < 0 or => return True or
one draw for all offers of a call back
    hears | waits.callback_p[row], n) => waits.callback_p[row], 0)
paid, and no place further ahead
    hears | visit.reorder() => pass
all reactions are the first
    balks_at | n = visit.call.reactions - 1 => n = 0
the first step of reactions counts for all
    balks_at | p = float(reactions.p[i]) => p = p or float(reactions.p[i])
told exactly so much is not yet enough
    balks_at | >= reactions.told_us => > reactions.told_us
told the wait, patience stays the same
    patience_until@Limits | visit.told_s >= 0 => False
told again, patience stays the same
    announce | visit.told_s >= 0 and => False and
announced before the longest wait
    announce | Phase.ANNOUNCEMENT => 10
balking drawn by the call
    begin | Purpose.BALK, n) => Purpose.BALK, 0)
# limits of the wait
the longest wait before patience
    begin | Phase.MAXIMUM_WAIT => 9
the longest wait after announcements
    begin | Phase.MAXIMUM_WAIT => 13
the longest wait leads nowhere
    way | int(waits.timed_out[row]), int => -1, int
the key that leaves is pressed by all
    begin | Purpose.LEAVE_QUEUE, n) < leave_p => Purpose.LEAVE_QUEUE, n) < 1
the key that leaves is pressed when patience would end
    begin | Purpose.LEAVE_QUEUE_AFTER => Purpose.PATIENCE
the key goes before patience
    impatient | if visit.patience_at == => if visit.leaves_at != self.env.now and visit.patience_at ==
# outages and closing
cut after ends of talk
    schedule@Outages | Phase(phase) => Phase({2: 4}.get(phase, phase))
talks go on
    moment | or self._talks_with(call, group) => or False
waiting callers are spared
    moment | if call.over: => if call.over or (call.visit is not None and call.visit.waiting):
agents of calls that are cut are never free again
    cut | self.desk.end_of_talk(visit) => pass
legs go on
    hold | or any(one.trunk == trunk for one in legs) => or False
walks go beyond a cut
    next_cut | at > now => at > now + 3600000000
closing clears messages, too
    clear | visit.kind is Kind.CALL => True
closing clears nobody
    clear | visit.kind is Kind.CALL => False
nobody has to be there to join
    visit | and not self.desk.logged_in(queue) => and False
# mailboxes
a message more than there is room for
    voicemail | <= len(self.desk => < len(self.desk
messages go before callers
    message | visit.kind = Kind.MESSAGE => visit.kind = Kind.MESSAGE; visit.priority += 1; visit.reorder()
the caller holds on while the message waits
    voicemail | self.engine.hang_up(call, Outcome.VOICEMAIL) => pass
messages ring, too
    connect@Desk | elif visit.kind is Kind.CALL and ( => elif visit.kind is not Kind.CALLBACK and (
# extensions
in order, whatever the mode
    order | mode == RingMode.ONE_BY_ONE => False
in turn from the same leg
    ring@StateNodes | heard.place + 1 => heard.place
any order, from one draw
    order | call.order_draws += 1 => pass
one at a time, whatever the mode
    ring@Extensions | mode[row] == RingMode.ALL => mode[row] == 99
no forward on busy
    start | extension = int(table.busy_to[extension]) => extension = -1
no forward on no answer
    ring@Extensions | ringing.ringing.extension]) => ringing.ringing.extension]) * 0 - 1
no forward always
    reached | table.always[extension] >= 0 => False
forwarded within the hours
    reached | not self._now(hours) => self._now(hours)
a line fewer
    start | < table.lines[extension] => + 1 < table.lines[extension]
never busy with something else
    start | not by_chance and => True and
legs need no channel
    start | if trunk < 0 or leg >= 0: => if True:
the slowest extension answers
    await | key=lambda one: (one.at, one.place) => key=lambda one: (-one.at, one.place)
equally quick extensions: the last
    await | key=lambda one: (one.at, one.place) => key=lambda one: (one.at, -one.place)
the others ring on
    await | if not answered or one is not ends.ringing: => if not answered:
the talk is that of the first try
    ring@StateNodes | Purpose.LEG_TALK, call.legs_tried => Purpose.LEG_TALK, 0
# agents who stay with a call
nobody stays
    talked | if holds and => if False and
who stays until the answer stays to the end
    queue | if call.held_until == 1: => if False:
who stays to the end leaves at the answer
    queue | if call.held_until == 1: => if call.held_until:
who stayed is never released
    not_served | self.release_held(call) => pass
# credit and places kept
credit the wrong way
    reorder | first - self.priority => first + self.priority
credit, and priority besides
    reorder | self.order = (0, => self.order = (-self.priority,
a place kept counts from this queue
    made | first = call.first_joined_at => first = now
everybody keeps the place
    made | row >= 0 and self.program.waits.keep_place[row] => row >= 0
# licence and connection
suspended, and served all the same
    enter@Reference | not self._calendar(int(licence.active[0])) => False
licensed channels unheeded
    is_free | licensed >= 0 => False
a licensed channel too many
    is_free | >= self._now(licensed) => > self._now(licensed)
connected at once
    connect | takes > 0 => False
no connection fails
    connect | < numbers.connect_fails[n] => < 0
whether it connects is drawn as how long it takes
    connect | Purpose.CONNECT_FAILS => Purpose.CONNECT
"""
