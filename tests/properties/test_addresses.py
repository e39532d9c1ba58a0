"""Addresses and their other spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.addresses import (
    Address,
    is_phone,
    language_chain,
    masked,
    parse,
    parse_language,
    parse_number,
    parse_sid,
    variants,
    wire,
)
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.testing import strategies as wa


@given(wa.addresses())
def test_an_address_reads_back_from_the_wire(address: Address) -> None:
    assert parse(address) == parse(wire(address)) == parse(str(parse(address))) == address


@given(wa.phones())
def test_ch_5_a_business_number_has_its_plus_sign(phone: Address) -> None:
    """A customer's number is found without it; a business number must be written with it."""
    assert parse_number(phone) == phone
    assert parse(phone[1:]) == phone
    with pytest.raises(InvalidValue, match="leading"):
        parse_number(phone[1:])


@given(wa.user_ids())
def test_ch_43_a_user_id_is_an_address_but_no_business_number(user: Address) -> None:
    assert not is_phone(parse(user))
    assert variants(user) == ()
    with pytest.raises(InvalidValue):
        parse_number(user)


@given(st.text())
def test_any_text_is_an_address_or_a_typed_error(text: str) -> None:
    try:
        found = parse(text)
    except InvalidValue as error:
        assert error.field == "address"  # noqa: PT017 - both outcomes are right
    else:
        assert parse(found) == found


NATIONAL = st.sampled_from((8, 10, 11, 12)).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size))
ANY_LENGTH = st.builds("{}{}".format, st.sampled_from(("+52", "+54", "+55")), NATIONAL)


@given(wa.numbers_with_variants() | ANY_LENGTH.map(Address))
def test_other_spellings_are_mutual_and_never_the_number_itself(phone: Address) -> None:
    """Mexico, Argentina, Brazil: whoever finds A under B finds B under A."""
    for other in variants(phone):
        assert other != phone
        assert other[:3] == phone[:3]
        assert phone in variants(other)


@given(wa.phones())
def test_most_numbers_have_one_spelling(phone: Address) -> None:
    if phone[:3] not in ("+52", "+54", "+55"):
        assert variants(phone) == ()


@given(wa.phones())
def test_a_log_shows_at_most_five_characters_of_a_number(phone: Address) -> None:
    assert masked(phone) == f"{phone[:3]}…{phone[-2:]}"


@given(wa.languages(), st.sampled_from("-_"), st.booleans())
def test_a_language_is_read_in_any_usual_writing(language: str, separator: str, upper: bool) -> None:
    written = language.replace("_", separator)
    written = written.upper() if upper else written.lower()
    assert parse_language(written) == language
    assert language_chain(written) == language_chain(language)
    assert language_chain(language)[0] == language
    assert language_chain(language)[-1] == language[:3].strip("_")


@given(wa.sids("AC"), st.text(max_size=40))
def test_an_identifier_of_the_provider_has_its_form_where_we_configure_it(sid: str, text: str) -> None:
    assert parse_sid(sid, "AC", "account_sid") == sid
    with pytest.raises(InvalidValue, match="account_sid"):
        parse_sid(text, "AC", "account_sid")
    with pytest.raises(InvalidValue, match="content_sid"):
        parse_sid(sid, "HX", "content_sid")
