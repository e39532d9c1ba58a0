"""A whole channel over the reference store, used at random; the invariants stand in the machine."""

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.testing.machines import channel_machine

TestChannel = channel_machine(MemoryStore).TestCase
