"""Who the customer is in the books of the business: found by address, linked, and remembered.

* **CH-40** a customer goes by their number until they are linked.
* **CH-41** linked by hand once, a customer stays linked in later conversations.
* **CH-42** the link is made by itself only if exactly one active record has the address.
* **CH-43** a customer who hides their number goes by the linked name, otherwise as *Visitor*.

Source: Microsoft Learn, "Identify customers automatically" and "Configure social channels".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from wa_omnichannel.addresses import Address, is_phone
from wa_omnichannel.conditions import Value

VISITOR = "Visitor"
"""The name of somebody of whom nothing but a user id is known (CH-43)."""

_NO_ATTRIBUTES: Mapping[str, Value] = {}


@attrs.frozen
class Customer:
    """One record of a directory."""

    id: str
    first_name: str = ""
    last_name: str = ""
    active: bool = True
    """Records that are not active are never linked by themselves (CH-42)."""
    attributes: Mapping[str, Value] = _NO_ATTRIBUTES
    """What rules can ask as ``customer.<name>``."""
    language: str | None = None
    preferred: tuple[str, ...] = ()
    """Preferred agents, the best first (PREF-1)."""

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


@attrs.frozen
class Link:
    """A customer's record, and who linked it."""

    customer: Customer
    by: str
    """An agent's id, or ``directory`` if it was linked by itself."""
    at: datetime


def match(found: Iterable[Customer]) -> Customer | str:
    """Return the one active record among those *found*, or the reason why there is no link (CH-42).

    >>> match([Customer("1"), Customer("2", active=False)])
    Customer(id='1', first_name='', last_name='', active=True, attributes={}, language=None, preferred=())
    >>> match([]), match([Customer("1"), Customer("2")])
    ('customer_not_found', 'customer_ambiguous')
    """
    active = {customer.id: customer for customer in found if customer.active}
    if len(active) == 1:
        return next(iter(active.values()))
    return "customer_ambiguous" if active else "customer_not_found"


def shown_name(link: Link | None, profile_name: str, address: Address) -> str:
    """Return the name that lists show for a customer (CH-40, CH-43).

    >>> shown_name(None, "", Address("+34600000001")), shown_name(None, "", Address("ES.1349120865"))
    ('+34600000001', 'Visitor')
    """
    linked = link.customer.name if link is not None else ""
    return linked or profile_name or (address if is_phone(address) else VISITOR)


def attributes_of(link: Link | None) -> Mapping[str, Value]:
    """Return what rules can ask about a linked customer."""
    return {} if link is None else {f"customer.{name}": value for name, value in link.customer.attributes.items()}
