"""What happens when a timer of a conversation fires: never before its time, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from wa_omnichannel.automation import AUTHOR, Action, AutoAssign, TimeoutRule, fill, texts_of
from wa_omnichannel.conversation import lifecycle
from wa_omnichannel.conversation.events import (
    AcceptRequested,
    Decision,
    DeclineRequested,
    ParkRequested,
    Record,
    TimerFired,
)
from wa_omnichannel.conversation.model import Conversation, State, Status, Step
from wa_omnichannel.conversation.queueing import OVERFLOW_TIMER, waited
from wa_omnichannel.conversation.speaking import Utterance, named, say
from wa_omnichannel.conversation.timers import AUTO_CLOSE, OFFER, RELEASE, TIMEOUT, wanted
from wa_omnichannel.messages import Text
from wa_omnichannel.rules import Rules


def timer_fired(rules: Rules, state: State, event: TimerFired, now: datetime) -> Decision:
    """Act if the timer is still wanted and its time has come; one that was put off is set again by :mod:`.reacting`."""
    live = state.thread.live
    if live is None or live.id != event.conversation:
        return Decision(state)
    if event.timer == OVERFLOW_TIMER:
        return waited(rules, state, live, now)
    due = wanted(rules, live).get(event.timer)
    if due is None or now < due:
        return Decision(state)
    act = _OWN.get(event.timer)
    if act is not None:
        return act(rules, state, live, now)
    name = event.timer.removeprefix(TIMEOUT)
    rule = next(rule for rule in rules.life.of(live.workstream).timeouts if rule.name == name)
    return _lost_patience(Impatience(rules, state, live, rule, now))


def _idle(_: Rules, state: State, live: Conversation, now: datetime) -> Decision:
    by = "inactivity" if live.status is Status.WAITING else "time_limit"
    return lifecycle.step(state, Step.EXPIRED, by, now)


def _countdown_over(rules: Rules, state: State, live: Conversation, now: datetime) -> Decision:
    """Give the conversation to somebody else, or let it count as accepted (NOT-1, NOT-2)."""
    if rules.life.offers.auto_assign is AutoAssign.AFTER_COUNTDOWN:
        return lifecycle.accept_requested(rules, state, AcceptRequested(), now)
    return lifecycle.decline_requested(rules, state, DeclineRequested(missed=True), now)


def _block_over(_: Rules, state: State, __: Conversation, now: datetime) -> Decision:
    return lifecycle.block_over(state, now)


_OWN: Mapping[str, Callable[[Rules, State, Conversation, datetime], Decision]] = {
    AUTO_CLOSE: _idle,
    OFFER: _countdown_over,
    RELEASE: _block_over,
}


@attrs.frozen
class Impatience:
    """A timeout rule that acts, and all that it needs."""

    rules: Rules
    state: State
    live: Conversation
    rule: TimeoutRule
    now: datetime

    @property
    def words(self) -> str:
        """What the rule says, in the number's language."""
        number = self.rules.number(self.state.thread.number)
        return texts_of(self.rule.texts, number.language if number is not None else "") or ""


def _lost_patience(case: Impatience) -> Decision:
    """Carry out a timeout rule; it does not act again before somebody wrote (§9.6)."""
    live, rule = case.live, case.rule
    facts = {"conversation": live.id, "rule": rule.name, "action": rule.action.value, "silence": rule.silence.value}
    done = attrs.evolve(live, fired=(*live.fired, rule.name))
    state = attrs.evolve(case.state, thread=attrs.evolve(case.state.thread, conversation=done))
    decision = _ACTIONS[rule.action](attrs.evolve(case, state=state, live=done))
    return attrs.evolve(decision, effects=(Record("timeout_rule_acted", facts), *decision.effects))


def _tell_customer(case: Impatience) -> Decision:
    """Say it as if the agent did."""
    live, values = case.live, named(case.state, case.live)
    wish = Utterance(
        f"{live.id}.{case.state.thread.events + 1}",
        Text(fill(case.words, values)),
        f"timeout rule {case.rule.name}",
        values,
        live.agent or AUTHOR,
        case.rule.fallback,
    )
    return Decision(case.state, say(case.rules, case.state, live.id, wish, case.now))


def _tell_agent(case: Impatience) -> Decision:
    facts = {"occasion": f"timeout rule {case.rule.name}", "text": fill(case.words, named(case.state, case.live))}
    return Decision(case.state, (Record("agent_told", facts),))


def _close(case: Impatience) -> Decision:
    return lifecycle.step(case.state, Step.CLOSED, "timeout_rule", case.now)


def _park(case: Impatience) -> Decision:
    """Move an active conversation to waiting; any other stays as it is."""
    if case.live.status is not Status.ACTIVE:
        return Decision(case.state)
    return lifecycle.park_requested(case.rules, case.state, ParkRequested(), case.now)


_ACTIONS: Mapping[Action, Callable[[Impatience], Decision]] = {
    Action.TELL_CUSTOMER: _tell_customer,
    Action.TELL_AGENT: _tell_agent,
    Action.CLOSE: _close,
    Action.PARK: _park,
}
