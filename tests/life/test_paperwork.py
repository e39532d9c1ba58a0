"""Notes and disposition codes: kept, explained, and never sent."""

from __future__ import annotations

import attrs
import pytest
from tests.support.desk import Desk
from tests.support.shop import ANA, NUMBER, shop

from wa_omnichannel.automation import Dispositions, LifeRules, WorkstreamLife
from wa_omnichannel.conversation import Status
from wa_omnichannel.conversation.paperwork import LONGEST_NOTE
from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.messages import Text
from wa_omnichannel.rules import Rules

CODES = Dispositions(frozenset({"solved", "refund", "do not contact"}), stops=frozenset({"do not contact"}))


def rules(codes: Dispositions = CODES, own: Dispositions | None = None) -> Rules:
    life = LifeRules(dispositions=codes, workstreams={"main": WorkstreamLife(dispositions=own)})
    return attrs.evolve(shop(), life=life)


def held(settings: Rules | None = None) -> tuple[Desk, str]:
    desk = Desk(settings or rules())
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    return desk, desk.latest().id


def reason(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.reason


def test_act_4_a_note_is_on_the_timeline_and_never_leaves() -> None:
    """ACT-6: what agents and supervisors alone may see reaches no customer and is no message."""
    desk, one = held()
    desk.note(one, "  Cliente difícil  ", by="ana")
    desk.tick()
    assert [(fact["by"], fact["text"]) for fact in desk.facts("note_added")] == [("ana", "Cliente difícil")]
    assert desk.said() == []
    assert [message.author for message in desk.messages(one)] == ["customer"]
    for wrong in ("  ", "x" * (LONGEST_NOTE + 1)):
        with pytest.raises(Refused) as refused:
            desk.note(one, wrong, by="ana")
        assert reason(refused) == "note_of_wrong_length"
    desk.close(one)
    with pytest.raises(Refused):
        desk.note(one, "tarde", by="ana")


def test_act_5_a_conversation_gets_two_codes_by_default_and_up_to_twelve() -> None:
    assert Dispositions().most == 2
    with pytest.raises(InvalidValue, match="1 to 12"):
        Dispositions(most=13)
    desk, one = held()
    assert desk.dispose(one, ["solved", "refund", "solved"], agent="ana").dispositions == ("solved", "refund")
    with pytest.raises(Refused) as refused:
        desk.dispose(one, ["solved", "refund", "do not contact"], agent="ana")
    assert reason(refused) == "too_many_dispositions"
    assert desk.latest().dispositions == ("solved", "refund")


def test_act_5_a_code_that_the_settings_do_not_have_or_of_somebody_else_is_refused() -> None:
    desk, one = held()
    with pytest.raises(Refused) as refused:
        desk.dispose(one, ["lost"], agent="ana")
    assert reason(refused) == "disposition_unknown"
    with pytest.raises(Refused) as refused:
        desk.dispose(one, ["solved"], agent="ben")
    assert reason(refused) == "not_your_conversation"


def test_act_5_where_a_code_is_required_an_agent_cannot_close_without_one() -> None:
    desk, one = held(rules(attrs.evolve(CODES, required=True)))
    desk.end(one, agent="ana")
    with pytest.raises(Refused) as refused:
        desk.close(one, agent="ana")
    assert reason(refused) == "disposition_required"
    assert "código de resultado" in refused.value.explain("es")
    desk.dispose(one, ["solved"], agent="ana")
    assert desk.close(one, agent="ana").status is Status.CLOSED
    desk, one = held(rules(attrs.evolve(CODES, required=True)))
    assert desk.close(one).status is Status.CLOSED  # the application may


def test_act_5_a_workstream_has_codes_of_its_own() -> None:
    desk, one = held(rules(attrs.evolve(CODES, required=True), Dispositions(frozenset({"sold"}))))
    desk.dispose(one, ["sold"], agent="ana")
    with pytest.raises(Refused):
        desk.dispose(one, ["solved"], agent="ana")


def test_act_5_do_not_contact_is_an_opt_out() -> None:
    desk, one = held()
    desk.dispose(one, ["do not contact"], agent="ana")
    refused = desk.can_send(NUMBER, ANA, Text("Hola"))
    assert isinstance(refused, Refused)
    assert refused.reason == "opted_out"
