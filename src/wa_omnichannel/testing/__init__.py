"""The testing kit: what helps to test a thing that is built on this library.

* :mod:`~wa_omnichannel.testing.strategies` — Hypothesis strategies for every public type, for webhooks as Twilio
  posts them, for clocks, and for what happens over days;
* :mod:`~wa_omnichannel.testing.models` — the 24-hour rule and who is who in plain words, to compare with;
* :mod:`~wa_omnichannel.testing.machines` — a channel used at random and compared with a simple model;
* :mod:`~wa_omnichannel.testing.conformance` — the obligations of a store, to be checked on one of your own;
* :mod:`~wa_omnichannel.testing.fakes` — a provider that records, loses answers and refuses as it is told;
* :mod:`~wa_omnichannel.testing.files` — small real files of every type that WhatsApp carries;
* :mod:`~wa_omnichannel.testing.hypothesis_entry` — makes Hypothesis know our types; it finds this plugin itself;
* :mod:`~wa_omnichannel.testing.pytest_emulator` — the local Twilio as fixtures; pytest finds this plugin itself.

Strategies and machines need the extra ``testing``, the plugin needs ``emulator``, too; the rest needs nothing.
"""
