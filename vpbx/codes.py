"""Integer codes that cross rooms: what they mean is said here, once.

Belongs here: enumerations that the Program, both engines, the records and the measures share.
Does not belong here: behaviour, names made for users, anything that computes.
"""

from enum import IntEnum


class Op(IntEnum):
    """What a node of the call flow does."""

    HANGUP = 0
    """The system hangs up: the call ends."""
    PLAY = 1
    """An announcement is played."""
    MENU = 2
    """A prompt with options on keys."""
    SELF_SERVICE = 3
    """The robot settles the matter, or fails to."""
    BRANCH = 4
    """The first case that holds says where the call goes."""
    QUEUE = 5
    """The call waits for an agent of the queue."""
    IDENTIFY = 6
    """The caller proves who is calling, or fails to."""
    SURVEY = 7
    """The caller rates the service, or declines."""
    RING = 8
    """Extensions or outside numbers ring."""
    VOICEMAIL = 9
    """The caller leaves a message, and hangs up."""
    ROUND_TRIP = 10
    """A question goes back to a writer, whose answer is waited for."""


class Case(IntEnum):
    """What a branch's case asks. Codes below `QUEUE_LENGTH` depend on the caller and the clock only;
    `SHARE` on chance."""

    OPEN = 0
    CLASS = 1
    NETWORK = 2
    QUEUE_LENGTH = 3
    EXPECTED_WAIT = 4
    AGENTS_FREE = 5
    POSITION = 6
    SHARE = 7


class Relation(IntEnum):
    """How a state case compares."""

    LT = 0
    LE = 1
    GT = 2
    GE = 3


class Exit(IntEnum):
    """By which way a call leaves a node: the kind of an edge of the call flow.

    Keys come first: an exit below 12 is the key's place in `KEYS`.
    """

    NEXT = 12
    OTHERWISE = 13
    """Self-service that did not settle the matter; a branch none of whose cases held."""
    NO_INPUT = 14
    """Nothing pressed, once too often."""
    NO_MATCH = 15
    """An unassigned key pressed, once too often."""
    REPEAT_NO_INPUT = 16
    """Nothing pressed; the menu is read again."""
    REPEAT_NO_MATCH = 17
    """An unassigned key pressed; the menu is read again."""
    CASE = 18
    """A branch's case; the case's number stands beside it."""
    FULL = 19
    """The queue took no more callers."""
    HANG_UP = 20
    """The caller hung up here: no way to the goal, the goal reached, or patience gone."""
    EMPTY = 21
    """No agent of the queue was logged in."""
    TIMED_OUT = 22
    """The longest wait in the queue was over."""
    LEFT = 23
    """The caller pressed the key that leaves the queue."""
    CALLBACK = 24
    """The caller took the offer to be called back."""
    PAID_SKIP = 25
    """The caller paid for a place further ahead; the wait goes on."""
    ELSEWHERE = 26
    """The caller took the offer of another number or channel."""
    UNLICENSED = 27
    """The node's module was not licensed."""
    ANSWERED = 28
    """RING: somebody answered, and the talk is over."""
    CLEARED = 29
    """The queue was emptied at closing."""


KEYS = "0123456789*#"
"""The keys of a telephone, in the order of their codes."""


class Outcome(IntEnum):
    """How a call ended; each call has exactly one."""

    ANSWERED = 0
    SELF_SERVED = 1
    FORWARDED = 2
    VOICEMAIL = 3
    CALLBACK_DONE = 4
    CALLBACK_FAILED = 5
    ABANDONED_IVR = 6
    ABANDONED = 7
    BALKED = 8
    TIMED_OUT = 9
    BLOCKED = 10
    REFUSED = 11
    SUSPENDED = 12
    FAILED = 13
    LOST = 14
    CLEARED = 15
    CUT = 16


class Phase(IntEnum):
    """The order of what happens at one instant: lower runs first (a meaning, not an accident).

    Outage first, so that what it cuts does nothing more; ends of talk before ends of wrap-up before
    changes of staff, so that an agent whose shift ends now has finished; assignment after all that
    frees agents and before all that takes callers away, so that a caller whose patience ends as an
    agent frees is answered; arrivals after the walks, because those callers were there before; the
    horizon last, so that it sees the whole of its instant. A phase may recur within an instant.
    """

    OUTAGE = 2  # 0 and 1 are SimPy's own
    END_OF_TALK = 3
    END_OF_WRAP_UP = 4
    CHANGE = 5
    PHONE_ANSWERED = 6
    ASSIGN = 7
    RING_TIMEOUT = 8
    RETRY = 9
    END_OF_PATIENCE = 10
    MAXIMUM_WAIT = 11
    ANNOUNCEMENT = 12
    END_OF_WALK = 13
    ARRIVAL = 14
    HORIZON = 15


class Purpose(IntEnum):
    """What a draw is for. Purposes 2k and 2k+1 come from one block of the generator.

    A number, once given, is never given to another purpose: results of a seed would change.
    """

    PATIENCE = 0
    HANDLE_TIME = 1
    WRAP_UP = 2
    PICK_AGENT = 3
    REDIAL = 4
    REDIAL_DELAY = 5
    IVR_PATIENCE = 6
    KNOWS_MENU = 7
    KEY = 8
    WRONG_KEY = 9
    REACTION = 10
    KEY_SHARE = 11
    PROMPT = 12
    SELF_SERVICE_TIME = 13
    SETTLED = 14
    SHARE = 15
    DIALS = 16
    GOAL = 17
    ARRIVAL = 18
    DITHER = 19
    BUSYNESS = 20
    BALK = 22
    """Whether a caller who is not answered at once leaves at once."""
    REACTION_TO_WAIT = 23
    """Whether a caller who is told the wait hangs up."""
    LEAVE_QUEUE = 24
    LEAVE_QUEUE_AFTER = 25
    CALLBACK_TAKEN = 26
    PAID_SKIP_TAKEN = 27
    ELSEWHERE_TAKEN = 28
    UNSETTLED = 29
    """Whether the talk leaves the matter open."""
    PHONE = 30
    """How long a phone rings until it is answered."""
    PHONE_MISSED = 31
    """Whether a phone is not answered at all."""
    DIAL_BACK = 32
    """Until the called-back caller answers."""
    DIAL_BACK_MISSED = 33
    LEG = 34
    """Until a ringing extension or outside number answers."""
    LEG_MISSED = 35
    LEG_BUSY = 36
    LEG_ORDER = 37
    LEG_TALK = 38
    CONNECT = 40
    """How long a call takes to reach the number."""
    CONNECT_FAILS = 41
    METRIC = 42
    """What a queue of Asterisk or FreeSWITCH that chooses at random draws for an agent."""


class Strategy(IntEnum):
    """Which idle agent a queue's call goes to."""

    LONGEST_IDLE = 0
    LINEAR = 1
    FEWEST_CALLS = 2
    RANDOM = 3
    ROUND_ROBIN = 4
    RING_ALL = 5
    WEIGHTED_RANDOM = 6
    """Asterisk: a greater penalty makes it less likely."""
    LEAST_RECENT = 7
    """Whose last talk ended first; whoever had none yet comes first."""
    LEAST_TALK = 8
    """FreeSWITCH: who has talked least in all."""
    TOP_DOWN = 9
    """FreeSWITCH: the one after whoever was last offered this very caller."""


class Platform(IntEnum):
    """Whose order of service a queue follows."""

    OWN = 0
    ASTERISK = 1
    FREESWITCH = 2


class Leaving(IntEnum):
    """Who goes home when the number of agents on the phone falls."""

    MARKED = 0
    """Idle agents of the highest index, then busy ones, each marked, after call and wrap-up."""
    FIRST_FREE = 1
    """Whoever is free first; nobody is marked."""


class LegKind(IntEnum):
    """What a channel is held for."""

    OWN = 0
    """The caller's own line."""
    FORWARDED = 1
    """An outside number that rings, or talks."""
    CALLBACK = 2
    """A call back."""


class RingMode(IntEnum):
    """In which order the legs of a ring node are tried."""

    ALL = 0
    IN_ORDER = 1
    ONE_BY_ONE = 2
    """In turn: each call starts with the leg after the one that answered last."""
    RANDOM = 3


class Picks(IntEnum):
    """Which waiting call a freed agent of a group takes."""

    LONGEST_WAIT = 0
    IN_ORDER = 1
    LONGEST_QUEUE = 2


class Estimator(IntEnum):
    """How a queue's expected wait is told."""

    AGENTS_AHEAD = 0
    ASTERISK = 1
    LAST_SERVED = 2
    HEAD_OF_LINE = 3


class Distribution(IntEnum):
    """How a quantile is found."""

    CONSTANT = 0
    EXPONENTIAL = 1
    UNIFORM = 2
    LOGNORMAL = 3
    WEIBULL = 4
    TABLE = 5
    """Continuous, from a table of quantiles made at compile time."""
    EMPIRICAL = 6
    """One of the listed values, each as likely."""
