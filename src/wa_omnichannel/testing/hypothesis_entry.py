"""What Hypothesis loads when it is imported: it then knows how to make every public type of the library.

``st.from_type(Window)``, ``st.builds(...)`` and ``@given`` with type hints work without any import of ours. The
strategies themselves are imported when the first one is asked for.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis import strategies as st

PUBLIC_MODULES = (
    "assignment",
    "attachments",
    "automation",
    "bots",
    "capacity",
    "conditions",
    "consent",
    "conversation",
    "customers",
    "editions",
    "errors",
    "explain",
    "free_entry",
    "hours",
    "machine",
    "masking",
    "messages",
    "metrics",
    "omnichannel",
    "outbound",
    "overflow",
    "pacing",
    "ports",
    "privacy",
    "quick_replies",
    "routing",
    "rules",
    "sandbox",
    "secret",
    "sending",
    "session",
    "settings",
    "skills",
    "sources",
    "supervision",
    "surveys",
    "template_files",
    "template_lint",
    "templates",
    "vault",
    "webhooks",
    "worker",
    "workforce",
)
"""The modules whose types can be made; what adapters and integrations add is not among them."""


def public_types(module: ModuleType) -> tuple[type, ...]:
    """Return the classes that a module promises: those in ``__all__``, or its own without an underscore.

    >>> from wa_omnichannel import session
    >>> public_types(session)
    (<class 'wa_omnichannel.session.Window'>,)
    """
    promised = getattr(module, "__all__", None)
    return tuple(
        value
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and (
            name in promised
            if promised is not None
            else not name.startswith("_") and value.__module__ == module.__name__
        )
    )


def register() -> None:
    """Tell Hypothesis about every public type; again is as good as once."""
    from hypothesis import strategies as st

    from wa_omnichannel.addresses import Address

    for name in PUBLIC_MODULES:
        for cls in public_types(import_module(f"wa_omnichannel.{name}")):
            st.register_type_strategy(cls, _strategy)
    new_type: Any = Address  # a NewType, which Hypothesis takes but does not say so
    st.register_type_strategy(new_type, _strategy)


def _strategy(thing: Any) -> st.SearchStrategy[Any]:
    strategies = import_module("wa_omnichannel.testing.strategies")  # by name: it imports this module to register
    made: st.SearchStrategy[Any] = strategies.of(thing)
    return made
