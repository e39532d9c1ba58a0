"""Strategies for who is who."""

from __future__ import annotations

import functools
import string

from hypothesis import strategies as st

from wa_omnichannel.addresses import Address, parse_language

_SAMPLES = ("+34600000001", "+14155550100", "+447700900123", "+1234567", "+999999999999999")


@functools.cache
def _digits(count: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=count, max_size=count)


@functools.cache
def numbers_with_variants() -> st.SearchStrategy[Address]:
    """Make phone numbers that are known in two spellings: of Mexico, Argentina and Brazil."""
    mexico = st.builds("+52{}{}".format, st.sampled_from(("", "1")), _digits(10))
    argentina = st.builds("+54{}{}".format, st.sampled_from(("", "9")), _digits(10))
    brazil = st.builds(
        "+55{}{}{}{}".format, _digits(2), st.sampled_from(("", "9")), st.sampled_from("6789"), _digits(7)
    )
    return st.one_of(mexico, argentina, brazil).map(Address)


@functools.cache
def phones() -> st.SearchStrategy[Address]:
    """Make phone numbers in E.164, from 7 to 15 digits."""
    free = st.builds("+{}{}".format, st.sampled_from("123456789"), st.text(string.digits, min_size=6, max_size=14))
    return st.sampled_from(_SAMPLES).map(Address) | numbers_with_variants() | free.map(Address)


@functools.cache
def user_ids() -> st.SearchStrategy[Address]:
    """Make business-scoped user ids, those of linked portfolios included (CH-43)."""
    tails = st.text(string.ascii_letters + string.digits, min_size=1, max_size=128)
    return st.builds("{}.{}{}".format, st.sampled_from(("ES", "US", "MX")), st.sampled_from(("", "ENT.")), tails).map(
        Address
    )


@functools.cache
def addresses() -> st.SearchStrategy[Address]:
    """Make customers' addresses: phone numbers and business-scoped user ids."""
    return phones() | user_ids()


@functools.cache
def sids(prefix: str = "SM") -> st.SearchStrategy[str]:
    """Make identifiers of the provider: *prefix* and 32 hexadecimal digits."""
    small = st.integers(0, 9).map(lambda number: f"{prefix}{number:032x}")
    return small | st.text("0123456789abcdef", min_size=32, max_size=32).map(lambda digits: prefix + digits)


@functools.cache
def languages() -> st.SearchStrategy[str]:
    """Make language tags as WhatsApp writes them."""
    return st.sampled_from(("en", "en_US", "es", "es_MX", "es_AR", "pt_BR", "fil", "zh_HK")).map(parse_language)
