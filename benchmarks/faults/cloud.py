"""The Easee cloud fails: rows of the matrix."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.faults.home import Home, Plan
from benchmarks.faults.row import DELIVERED, EACH_TIME, Act, Row
from bridge.core.model import OnLapse
from bridge.simulator.faults import EVERYTHING, Answer, Faults, Products, Silence, Swallow

OUTAGE = 60.0
"""s for which the cloud is down."""
RETRIED = 15.0
"""s between two looks at a cloud that has begun to fail, at most (bridge.chargers.easee.options: retry_every)."""
LATER = 30.0
"""The same after ten minutes (poll_every)."""
AGAIN = 75.0
"""s between two tries to find the charger, at most (bridge.runtime.supervisor)."""
TOLD = 120.0
UNTOLD = 300.0
"""s of the first ban where the cloud does not say how long."""
LAPSE = 600.0
"""s, the time-to-live of a running order."""
TRIED_AGAIN = 3900.0
"""s from a ban of unknown length until the second try after it: 5 min, then an hour."""
LOGIN_EVERY = 3600.0


def answers(answer: Answer) -> Act:
    async def strike(home: Home) -> None:
        home.world.cloud.faults.answer(EVERYTHING, answer)

    return strike


async def heal(home: Home) -> None:
    home.world.cloud.faults.clear()


async def ban(home: Home) -> None:
    """Every call prolongs it."""
    home.world.cloud.faults.ban(home.now())


def faulty(**switches: object) -> Act:
    """Set switches of the simulated cloud: names as in bridge.simulator.faults."""
    known = vars(Faults())
    assert switches.keys() <= known.keys()

    async def strike(home: Home) -> None:
        vars(home.world.cloud.faults).update(switches)

    return strike


async def bad_replay(home: Home) -> None:
    """In the replay and live: what cannot be read may neither end the stream nor count."""
    home.world.cloud.faults.bad_replay = True
    home.world.cloud.hub.drop()
    await asyncio.sleep(5)
    for number in (111, 109, 182, 96):
        for text in ("n/a", "", "1e999", "3,5"):
            home.world.cloud.push(number, text, stamp="2031-01-01T00:00:00Z")


async def empty_account(home: Home) -> None:
    """The owner takes the charger out of the account."""
    faults = home.world.cloud.faults
    faults.products = Products.NOTHING
    for endpoint in ("dynamic_current", "observations", "site", "read_settings"):
        faults.answer(endpoint, Answer.access_denied())


async def expire_token(home: Home) -> None:
    home.world.cloud.accounts.expire()


async def forget_tokens(home: Home) -> None:
    home.world.cloud.accounts.forget()


async def change_password(home: Home) -> None:
    accounts = home.world.cloud.accounts
    home.remembered = accounts.password
    accounts.password = "another one"  # noqa: S105 opens nothing but the simulator
    accounts.forget()


async def change_password_back(home: Home) -> None:
    home.world.cloud.accounts.password = home.remembered


async def drop_every_ten(home: Home) -> None:
    async def again() -> None:
        for _ in range(12):
            home.world.cloud.hub.drop()
            await asyncio.sleep(10)

    home.background(again())


async def close_without_error(home: Home) -> None:
    """A close message of SignalR, and then nothing: the socket stays open."""
    home.world.cloud.hub.close(hang_up=False)


async def lose_the_network(home: Home) -> None:
    await home.cloud.stop()


async def find_the_network(home: Home) -> None:
    await home.cloud.start()


def on_lapse(way: OnLapse) -> Callable[[Home], None]:
    """Let the charger do this when a time-to-live ends."""

    def prepare(home: Home) -> None:
        home.world.cloud.faults.on_lapse = way

    return prepare


LOST = Row("cloud", "", "", problem="charger_lost", cause="Easee cloud lost", mend=heal)
DOWN = replace(
    LOST,
    lasts=OUTAGE,
    safe_within=OUTAGE + RETRIED + DELIVERED,
    bound="outage (60 s) + a look (15 s) + delivery",
    back_within=RETRIED + DELIVERED,
)
STREAM = Row("cloud", "", "", mend=heal, cause="Easee stream lost", lasts=120.0, surge_after=60.0, back_within=90.0)
QUIET = replace(STREAM, cause=None, lasts=40.0, surge_after=10.0)

ROWS = (
    *(
        replace(
            DOWN,
            name=f"http_{status}",
            what=f"HTTP {status} to everything, 60 s",
            strike=answers(Answer.server_error(status)),
        )
        for status in (500, 503, 504)
    ),
    replace(
        DOWN,
        name="429_told",
        what="429 with Retry-After: 120",
        strike=answers(Answer.too_many_requests("120")),
        lasts=30.0,
        safe_within=TOLD + DELIVERED,
        bound="the time told (120 s) + delivery",
        back_within=TOLD + DELIVERED,
        most_calls=2,
    ),
    replace(
        DOWN,
        name="429_untold",
        what="429 without Retry-After",
        strike=answers(Answer.too_many_requests()),
        lasts=30.0,
        safe_within=UNTOLD + DELIVERED,
        bound="5 min + delivery",
        back_within=UNTOLD + DELIVERED,
        most_calls=2,
        plan=lambda: Plan(speed=20.0),
    ),
    replace(
        DOWN,
        name="403_ban",
        what="403 ban in plain text for as long as anybody calls, lifted after 10 min",
        strike=ban,
        lasts=LAPSE + 30,
        safe_within=LAPSE + DELIVERED,
        bound="time-to-live (10 min), where a lapse lowers",
        back_within=TRIED_AGAIN,
        most_calls=3,
        most_lines=4,
        plan=lambda: Plan(speed=40.0),
    ),
    replace(
        DOWN, name="hangs", what="answers after 60 s, then does the work", strike=faulty(slow=60.0), back_within=90.0
    ),
    replace(
        DOWN,
        name="does_nothing",
        what="202, and nothing happens",
        strike=faulty(swallow=Swallow.COMMAND),
        cause="does not take the limit",
        back_within=60.0,
        safe_within=OUTAGE + 30 + DELIVERED,
        bound="outage (60 s) + a repeat (30 s) + delivery",
    ),
    replace(
        DOWN,
        name="answers_lie",
        what="the charger answers executed, and nothing changes",
        strike=faulty(swallow=Swallow.READ_BACK),
        cause="does not take the limit",
        back_within=60.0,
        safe_within=OUTAGE + 30 + DELIVERED,
        bound="outage (60 s) + a repeat (30 s) + delivery",
    ),
    replace(DOWN, name="html", what="HTML where JSON should be", strike=answers(Answer.html())),
    replace(
        DOWN,
        name="access_denied",
        what="the account loses the charger (403, problem document), 60 s",
        strike=answers(Answer.access_denied()),
        cause="refused",
    ),
    replace(
        DOWN,
        name="account_emptied",
        what="the charger is taken out of the account, and put back after 60 s",
        strike=empty_account,
        cause="does this account still have the charger",
        most_lines=2,
        safe_within=OUTAGE + AGAIN + DELIVERED,
        bound="outage (60 s) + a look (75 s) + delivery",
        back_within=AGAIN + DELIVERED,
    ),
    replace(QUIET, name="token_expired", what="the token runs out early", strike=expire_token),
    replace(
        QUIET,
        name="refresh_refused",
        what="tokens and refresh token are worthless",
        strike=forget_tokens,
        most_logins=2,
    ),
    replace(
        LOST,
        name="login_refused",
        what="the password was changed; changed back after 15 min",
        strike=change_password,
        mend=change_password_back,
        cause="login refused",
        lasts=1.5 * LAPSE,
        safe_within=LAPSE + DELIVERED,
        bound="time-to-live (10 min), where a lapse lowers",
        back_within=LOGIN_EVERY + 30,
        most_logins=3,
        plan=lambda: Plan(speed=40.0),
    ),
    replace(
        STREAM,
        name="stream_mute",
        most_lines=3,
        what="stream without messages and pings",
        strike=faulty(silence=Silence.APPLICATION),
    ),
    replace(
        STREAM, name="stream_dead", most_lines=3, what="stream's network path dead", strike=faulty(silence=Silence.TCP)
    ),
    replace(
        STREAM,
        name="stream_dropped",
        what="stream dropped every 10 s, for two minutes",
        strike=drop_every_ten,
        most_lines=EACH_TIME,
    ),
    replace(
        STREAM,
        name="stream_closed",
        what="close message without error, socket left open",
        strike=close_without_error,
        lasts=70.0,
    ),
    replace(
        STREAM,
        name="bad_replay",
        what="values in the replay and after it that are no numbers",
        strike=bad_replay,
        cause="dropped, and further ones too",
        most_lines=4,
        lasts=60.0,
        surge_after=20.0,
    ),
    replace(
        QUIET,
        name="old_observations",
        what="each observation followed by its predecessor",
        strike=faulty(out_of_order=True),
    ),
    replace(QUIET, name="unknown_mode", what="an opMode that nobody knows", strike=faulty(op_mode=42)),
    *(
        replace(
            LOST,
            name=f"lapse_{way}",
            what=f"the way to the cloud cut for 11 min; a lapse means: {words}",
            strike=lose_the_network,
            mend=find_the_network,
            lasts=LAPSE + 60,
            safe_within=within,
            bound=bound,
            back_within=60.0,
            most_lines=2,
            plan=partial(Plan, speed=30.0, prepare=on_lapse(lapse), easee=f'on_lapse = "{lapse}"'),
        )
        for way, words, lapse, within, bound in (
            ("offline", "the offline current", OnLapse.OFFLINE_CURRENT, LAPSE + DELIVERED, "time-to-live (10 min)"),
            (
                "maximum",
                "the maximum",
                OnLapse.MAXIMUM,
                LAPSE + 60 + LATER + DELIVERED,
                "outage + a look + delivery: no order lapses (decision 0010)",
            ),
            (
                "never",
                "nothing",
                OnLapse.NEVER,
                LAPSE + 60 + LATER + DELIVERED,
                "outage + a look + delivery: nothing lowers before",
            ),
        )
    ),
)
