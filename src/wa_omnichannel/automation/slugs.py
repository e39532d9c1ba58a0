"""The slugs of automated messages: ``{AgentName}``, ``{QueueName}`` and context variables ``{$Name$}`` (AM-3).

The name of a variable is letters, digits and underscores; its case counts. One that is not known becomes an empty text,
and so does a name of an agent or queue that is not known; all other braces stay as they are.
Source: Microsoft Learn, "Configure automated messages".
"""

from __future__ import annotations

import re

import attrs

from wa_omnichannel.conditions import Attributes

_SLUG = re.compile(r"\{(?:\$(?P<variable>[A-Za-z0-9_]+)\$|(?P<name>AgentName|QueueName))\}")
_NO_ATTRIBUTES: Attributes = {}


@attrs.frozen
class Named:
    """What the slugs of one message stand for."""

    agent: str = ""
    """Full name of the agent who has the conversation."""
    queue: str = ""
    variables: Attributes = _NO_ATTRIBUTES
    """Context variables of the conversation."""


def fill(text: str, named: Named) -> str:
    """Return *text* with its slugs filled in.

    >>> fill("{AgentName} has order {$OrderID$}{$nothing$} {$ x $}", Named("Ana", variables={"OrderID": 4711}))
    'Ana has order 4711 {$ x $}'
    """
    names = {"AgentName": named.agent, "QueueName": named.queue}

    def value(found: re.Match[str]) -> str:
        variable = found["variable"]
        return names[found["name"]] if variable is None else _shown(named.variables.get(variable))

    return _SLUG.sub(value, text)


def _shown(value: object) -> str:
    return "" if value is None else str(value)
