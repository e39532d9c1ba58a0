"""Copies of frozen values are those that attrs would make."""

from __future__ import annotations

from datetime import datetime

import attrs
import pytest
from hypothesis import given

from wa_omnichannel._frozen import evolve
from wa_omnichannel.conversation import Conversation
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Remedy
from wa_omnichannel.session import Window
from wa_omnichannel.testing import strategies as wa


@given(wa.conversations(), wa.conversations())
def test_a_copy_is_what_attrs_would_make(one: Conversation, other: Conversation) -> None:
    for field in attrs.fields(Conversation):
        change = {field.name: getattr(other, field.name)}
        assert evolve(one, **change) == attrs.evolve(one, **change)


def test_converters_and_checks_of_the_class_still_count() -> None:
    with pytest.raises(InvalidValue):
        evolve(Window(), last_inbound_at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is wrong


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError):
        evolve(Remedy("x"), colour="red")
