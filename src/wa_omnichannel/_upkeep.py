"""Looking after a running channel, in both colours; the façades inherit it."""

from __future__ import annotations

from wa_omnichannel._flows import invariants, reading, upkeep
from wa_omnichannel._flows.steps import Flow, T
from wa_omnichannel._flows.upkeep import Health
from wa_omnichannel.explain import Check
from wa_omnichannel.ports import DeadLetter, DeadLetters, Entry


class Upkeep:
    """What an operator looks at, for blocking code."""

    def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def health(self) -> Health:
        """Tell whether the store answers and whether work is done in time."""
        return self._run(upkeep.health())

    def dead_letters(self, limit: int = 100) -> tuple[DeadLetter, ...]:
        """Return entries of the agenda that were set aside because something unexpected went wrong again and again."""
        return self._run(reading.select_all(DeadLetters(limit)))

    def invariants(self) -> tuple[Check, ...]:
        """Read the whole store and return what does not hold in it.

        A sound store has nothing. Slow, and as large as the store: for an operator, not for a monitor.
        """
        return self._run(invariants.invariants())

    def replay_entry(self, entry: str) -> Entry:
        """Put an entry that was set aside back on the agenda, due now.

        Raises:
            NotFound: No entry with that id was set aside.
        """
        return self._run(upkeep.replay(entry))


class AsyncUpkeep:
    """The same for coroutines."""

    async def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    async def health(self) -> Health:
        """Tell whether the store answers and whether work is done in time; see :meth:`Omnichannel.health`."""
        return await self._run(upkeep.health())

    async def dead_letters(self, limit: int = 100) -> tuple[DeadLetter, ...]:
        """Return entries of the agenda that were set aside; see :meth:`Omnichannel.dead_letters`."""
        return await self._run(reading.select_all(DeadLetters(limit)))

    async def invariants(self) -> tuple[Check, ...]:
        """Read the whole store and return what does not hold in it; see :meth:`Omnichannel.invariants`."""
        return await self._run(invariants.invariants())

    async def replay_entry(self, entry: str) -> Entry:
        """Put an entry that was set aside back on the agenda, due now; see :meth:`Omnichannel.replay_entry`."""
        return await self._run(upkeep.replay(entry))
