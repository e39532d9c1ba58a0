"""The testing kit: strategies, fakes and state machines for what is built on this library.

* :mod:`~wa_omnichannel.testing.strategies` — Hypothesis strategies for every public type of the core;
* :mod:`~wa_omnichannel.testing.fakes` — a provider that records, loses answers and refuses as it is told;
* :mod:`~wa_omnichannel.testing.machines` — a channel used at random and compared with a simple model.

Strategies and machines need the extra ``testing``; the fakes need nothing.
"""
