"""Conditions of routing rules: small trees of tests over the attributes of an item.

A condition is data. It is evaluated without executing anything that came from outside, and it can be
written in Python, or as the plain data of a settings file:

>>> from wa_omnichannel.conditions import read, where
>>> where("body").contains("factura") == read({"attribute": "body", "contains": "factura"})
True
"""

from __future__ import annotations

from wa_omnichannel.conditions.forms import Form, read, read_value, to_form, value_form
from wa_omnichannel.conditions.index import RuleIndex
from wa_omnichannel.conditions.logic import implies, never
from wa_omnichannel.conditions.operators import OPERATORS, Pattern, Patterns, Predicate
from wa_omnichannel.conditions.tree import ALWAYS, All, AnyOf, Condition, Not, Test, Where, leaves, where
from wa_omnichannel.conditions.values import Attributes, Case, Kind, Scalar, Value, View, kind_of

__all__ = [
    "ALWAYS",
    "OPERATORS",
    "All",
    "AnyOf",
    "Attributes",
    "Case",
    "Condition",
    "Form",
    "Kind",
    "Not",
    "Pattern",
    "Patterns",
    "Predicate",
    "RuleIndex",
    "Scalar",
    "Test",
    "Value",
    "View",
    "Where",
    "implies",
    "kind_of",
    "leaves",
    "never",
    "read",
    "read_value",
    "to_form",
    "value_form",
    "where",
]
