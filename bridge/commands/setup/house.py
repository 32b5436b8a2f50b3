"""The third and fourth part: the fuse, what guards it, and how the charger is wired to it."""

from contextlib import suppress
from typing import Final

from bridge.commands.doctor.limits import check_limits, left_by_house
from bridge.commands.doctor.meter import mains_of
from bridge.commands.setup import proposals, reading
from bridge.commands.setup.proposals import Proposal
from bridge.commands.setup.questions import Question
from bridge.commands.setup.reading import LEARN
from bridge.commands.setup.sheet import FALLBACK, FUSE, MARGIN, MAXIMUM, PHASES, PROTECTION
from bridge.commands.setup.talk import Talk
from bridge.core.model import ChargerBounds, ChargerState
from bridge.core.phases import Phase
from bridge.settings.keys import FIELDS, Key

MINIMUM: Final[Key] = ("charger", "minimum_current")
LOCKED_TO_ONE: Final = 1
GUARDS: Final = frozenset({"circuit maximum", "offline current"})
"""What of doctor's limits is told here."""
FUSE_HELP: Final = (
    "The rating is printed on the main fuse or circuit breaker beside the meter, often with a letter: C25 or 3 × 25 A "
    "means 25. It is not the charger's own breaker. In doubt ask the grid operator: it stands in the contract."
)
PROTECTION_HELP: Final = (
    "mcb: a circuit breaker, with a lever. gg: a melting fuse, in a screw cap or a cartridge. It decides how long a "
    "short overload may be waited out."
)
MARGIN_HELP: Final = "Always kept free below the fuse. More margin means slower charging, and fewer short overloads."
MAXIMUM_HELP: Final = "The lowest of the charger's cable, the breaker it hangs on and what the car takes, per phase."
PHASES_HELP: Final = (
    "For each phase of the charger (P1, P2, P3) the mains phase that it is connected to, as the electrician noted it, "
    "like L2 L3 L1. One entry is a one-phase installation. `learn` finds out later, with a car charging."
)
FALLBACK_HELP: Final = (
    "While the meter is silent nobody knows what the house takes: the car then gets this much. Give what your house "
    "always leaves free, with everything on; 0 pauses the car."
)


def ask_fuse(talk: Talk) -> None:
    """The rating, its kind, the margin, and the most the charger may take."""
    rating = _rating(talk)
    _set(talk, FUSE, int(rating) if rating.is_integer() else rating)
    kind = Question(
        "--protection", "Kind: mcb (breaker) or gg (melting fuse)", reading.choice("mcb", "gg"),
        talk.sheet.text(PROTECTION) or "mcb", PROTECTION_HELP,
    )  # fmt: skip
    _set(talk, PROTECTION, talk.asker.ask(kind))
    _ask_margin(talk, rating)
    _ask_maximum(talk, rating)


def ask_wiring(talk: Talk) -> None:
    """Which phase is which, what is tolerable while blind, and whether the charger's own limits guard the fuse."""
    _ask_phases(talk)
    talk.sheet.set(FALLBACK, None)  # what it was may not fit the fuse any more: it is proposed, and asked
    left = _left(talk)
    before, minimum = talk.sheet.before(FALLBACK), _minimum(talk)
    highest = int(min(talk.sheet.get(MAXIMUM), talk.sheet.get(FUSE)))
    proposal = proposals.fallback(talk.sheet.get(FUSE), left, minimum, highest)
    question = Question(
        "--fallback-current", f"Fallback current, whole A (0, or {minimum} to {highest})",
        reading.whole(minimum, highest, or_zero=True), str(before) if isinstance(before, int) else proposal.value,
        FALLBACK_HELP,
    )  # fmt: skip
    _explain(talk, question.flag, _why(proposal, question))
    value = talk.asker.ask(question)
    for doubt in proposals.fallback_doubts(value, left):
        talk.screen.caution("fallback", doubt, "0 is always safe")
    talk.sheet.set(FALLBACK, value)
    _show_guards(talk)


def _rating(talk: Talk) -> float:
    site = None if talk.cloud.circuit is None else talk.cloud.circuit.site_current
    proposal = proposals.fuse(site)
    is_known = _is_fit(talk.sheet.text(FUSE))
    text = talk.sheet.text(FUSE) if is_known else proposal.value if talk.asker.is_asking else ""
    question = Question("--fuse", "Main fuse, A per phase (6 to 100)", reading.current(6, 100), text, FUSE_HELP)
    if not is_known:
        _explain(talk, question.flag, proposal.why)
    again = False
    while True:
        rating = talk.asker.ask(question, again=again)
        doubts = list(proposals.fuse_doubts(rating, site))
        for doubt in doubts:
            talk.screen.caution("fuse", doubt)
        for overload in proposals.overloads(rating, talk.readings):
            talk.screen.caution("fuse", overload)
        if not doubts or talk.asker.agree("Is it right all the same?", default=False):
            return rating
        again = True


def _is_fit(text: str) -> bool:
    try:
        reading.current(6, 100)(text)
    except ValueError:
        return False
    return True


def _ask_margin(talk: Talk, rating: float) -> None:
    minimum = _minimum(talk)
    proposal = proposals.margin(talk.readings)
    highest = proposals.highest_margin(rating, minimum)
    before = talk.sheet.text(MARGIN)
    question = Question(
        "--margin", f"Margin, A kept free below the fuse (0 to {highest:g})", reading.current(0, highest),
        before or min(proposal.value, f"{highest:g}", key=float), MARGIN_HELP,
    )  # fmt: skip
    _explain(talk, question.flag, proposal.why)
    _set(talk, MARGIN, talk.asker.ask(question))


def _ask_maximum(talk: Talk, rating: float) -> None:
    bounds = talk.cloud.facts.bounds if talk.cloud.facts is not None else ChargerBounds()
    proposal = proposals.maximum(bounds, rating)
    lowest = _minimum(talk)
    before = talk.sheet.text(MAXIMUM)
    read = reading.whole(lowest, proposals.MOST)
    known = before if before.isdecimal() and lowest <= int(before) <= proposals.MOST else ""
    question = Question(
        "--max-current", f"Most the charger may take, whole A per phase ({lowest} to {proposals.MOST})", read,
        known or proposal.value, MAXIMUM_HELP,
    )  # fmt: skip
    _explain(talk, question.flag, _why(proposal, question))
    value = talk.asker.ask(question)
    for doubt in proposals.maximum_doubts(value, bounds, rating):
        talk.screen.caution("maximum", doubt)
    talk.sheet.set(MAXIMUM, value)


def _ask_phases(talk: Talk) -> None:
    facts, before = talk.cloud.facts, _wiring_before(talk)
    proposal = proposals.phases(
        talk.told,
        facts.circuit_maximum if facts is not None else (),
        is_locked_to_one=facts is not None and facts.phase_mode == LOCKED_TO_ONE,
        wanted=before,
    )
    text = talk.sheet.text(PHASES)
    is_unfit = bool(text) and not before and not talk.asker.is_asking  # only a person may put another in its place
    question = Question(
        "--phases", "Mains phases on the charger's P1 P2 P3, or learn", _read_phases,
        text if is_unfit else proposal.value, PHASES_HELP,
    )  # fmt: skip
    _explain(talk, question.flag, proposal.why)
    while True:
        answer = talk.asker.ask(question)
        missing = [phase for phase in answer or () if phase not in talk.told]
        if not missing or not talk.told:
            break
        named = ", ".join(missing)
        talk.screen.caution("phases", f"the meter tells nothing of {named}, so the car could not be governed there")
        if talk.asker.agree("Is it right all the same?", default=False):
            break
    talk.wants_lesson = answer is None
    _set(talk, PHASES, answer or before or tuple(Phase))
    if talk.wants_lesson:
        when = "at the end of this setup" if may_learn(talk) else "later, while a car charges"
        talk.screen.hint(f"L1 L2 L3 is written for now; `ev-load-bridge learn-phases --write` finds out {when}.")


def _wiring_before(talk: Talk) -> tuple[Phase, ...]:
    """As the settings have it; nothing where that is no wiring."""
    told = talk.sheet.text(PHASES)
    with suppress(ValueError):
        return reading.phases(told)
    return ()


def _read_phases(text: str) -> tuple[Phase, ...] | None:
    return None if text.strip().lower() == LEARN else reading.phases(text)


def may_learn(talk: Talk) -> bool:
    """Whether a car charges, and the house leaves enough for it to come up again after a pause."""
    report = None if talk.cloud.facts is None else talk.cloud.facts.report
    return report is not None and report.state is ChargerState.CHARGING and _left(talk) >= _minimum(talk)


def _left(talk: Talk) -> float:
    """What fuse, margin and house leave the car at this moment, A."""
    settings, facts = talk.sheet.settings(with_broker=False), talk.cloud.facts
    if facts is None:
        return settings.mains.fuse - settings.mains.margin
    return left_by_house(facts, settings, mains_of(talk.meter)) - settings.mains.margin


def _show_guards(talk: Talk) -> None:
    """Offline current and circuit maximum, judged by this fuse and this house."""
    if talk.cloud.facts is None:
        return
    talk.screen.say("When the bridge cannot, these two guard the fuse (set at Easee, never by the bridge):")
    for check in check_limits(talk.cloud.facts, talk.sheet.settings(with_broker=False), mains_of(talk.meter)):
        if check.subject in GUARDS:
            talk.screen.check(check)


def _why(proposal: Proposal, question: Question[int]) -> str:
    is_kept = question.proposal != proposal.value
    return f"{proposal.why} Your settings say {question.proposal} A." if is_kept else proposal.why


def _explain(talk: Talk, flag: str, why: str) -> None:
    if not talk.asker.has(flag) and talk.asker.is_asking:
        talk.screen.hint(why)


def _minimum(talk: Talk) -> int:
    told = talk.sheet.get(MINIMUM)
    return told if isinstance(told, int) else int(FIELDS[MINIMUM].default)


def _set(talk: Talk, key: Key, value: str | float | tuple[Phase, ...]) -> None:
    talk.sheet.set(key, [str(each) for each in value] if isinstance(value, tuple) else value)
