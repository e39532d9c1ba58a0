"""The parts of unified routing; :mod:`wa_omnichannel.routing` is the way in."""
