"""What agents and supervisors do with conversations, in both colours; the façades inherit it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wa_omnichannel._flows import agents, connections, explaining
from wa_omnichannel._flows.steps import Flow, T
from wa_omnichannel.addresses import parse
from wa_omnichannel.assignment import Explanation, Preference, WaitingItem
from wa_omnichannel.conditions import Value
from wa_omnichannel.conversation import Contact, Conversation
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent

_NO_SKILLS: Mapping[str, int] = {}


class Desk:
    """The agents' side of a channel, for blocking code."""

    @property
    def rules(self) -> Rules:
        """The settings in force."""
        raise NotImplementedError

    def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def pick(self, conversation: str, agent: str, *, request_id: str | None = None) -> Conversation:
        """Let an agent choose an open conversation, or take one back that waits for its customer (WS-3, CAP-6).

        Capacity, skills and presence do not matter: who picks may go below zero.

        Raises:
            Refused: Its workstream is not picked from, the agent is no member of its queue, or somebody has it.
            NotFound: There is no such conversation or agent.
        """
        return self._run(agents.pick(self.rules, conversation, agent, request_id))

    def assign(
        self, conversation: str, agent: str, *, by: str = "supervisor", request_id: str | None = None
    ) -> Conversation:
        """Let a supervisor give an open conversation to an agent, whatever their presence and capacity (ASG-17).

        Raises:
            Refused: It is not open.
            NotFound: There is no such conversation or agent.
        """
        return self._run(agents.assign_by_hand(self.rules, conversation, agent, by, request_id))

    def decline(
        self, conversation: str, agent: str, *, missed: bool = False, request_id: str | None = None
    ) -> Conversation:
        """Put a conversation that was given to an agent back into its queue; others get it first (ASG-15).

        Args:
            conversation: The conversation's id.
            agent: Who does not want it; must hold it and not have accepted it.
            missed: Whether they let the offer time out instead of rejecting it (NOT-5).
            request_id: Repeating a call with the same id returns the first result and does nothing more.

        Raises:
            Refused: It is not theirs, or they accepted it.
            NotFound: There is no such conversation or agent.
        """
        return self._run(agents.decline(self.rules, conversation, agent, request_id, missed=missed))

    def park(self, conversation: str, *, agent: str | None = None, request_id: str | None = None) -> Conversation:
        """Leave a conversation open for the customer to go on with; the agent has their capacity back (LIF-2).

        When the customer writes again, it goes back to the agent as the workstream's affinity says (WS-15).

        Raises:
            Refused: It belongs to somebody else, or is not active.
            NotFound: There is no such conversation.
        """
        return self._run(agents.park(self.rules, conversation, agent, request_id))

    def transfer(
        self, conversation: str, queue: str, *, agent: str | None = None, request_id: str | None = None
    ) -> Conversation:
        """Move a conversation to a queue that is open now (HRS-5); its own queue takes it back at any time.

        Raises:
            Refused: The queue is closed or for other work, or the conversation belongs to somebody else.
            NotFound: There is no such conversation or queue.
        """
        return self._run(agents.transfer(self.rules, conversation, queue, agent, request_id))

    def reroute(self, conversation: str, *, request_id: str | None = None) -> Conversation:
        """Classify and route a conversation again; skills and profiles are added to what it needs (CLS-8).

        Raises:
            Refused: It is neither open nor active.
            NotFound: There is no such conversation.
        """
        return self._run(agents.reroute(self.rules, conversation, request_id))

    def set_context(
        self, conversation: str, values: Mapping[str, Value], *, by: str = "application", request_id: str | None = None
    ) -> Conversation:
        """Set context variables of a conversation, for rules and messages to come.

        Raises:
            Refused: There is no such variable, or the value is of another type or too long.
            NotFound: There is no such conversation.
        """
        return self._run(agents.set_context(self.rules, conversation, values, by, request_id))

    def pickable(self, agent: str, limit: int = 100) -> tuple[WaitingItem, ...]:
        """Return the open conversations that an agent may pick, those that waited longest first (WS-3).

        Raises:
            NotFound: There is no such agent.
        """
        return self._run(agents.pickable(self.rules, agent, limit))

    def explain(self, conversation: str) -> Explanation:
        """Return why a conversation went to its queue, and who has it or why nobody does (DIAG-1).

        Raises:
            NotFound: There is no such conversation.
        """
        return self._run(explaining.explain(self.rules, conversation))

    def note(self, conversation: str, text: str, *, by: str, request_id: str | None = None) -> Conversation:
        """Put a note on the timeline of a conversation, for agents and supervisors only (ACT-4, ACT-6).

        Raises:
            Refused: The conversation is closed, or the note is empty or very long.
            NotFound: There is no such conversation.
        """
        return self._run(agents.note(self.rules, conversation, text, by, request_id))

    def dispose(
        self, conversation: str, codes: Iterable[str], *, agent: str | None = None, request_id: str | None = None
    ) -> Conversation:
        """Say how a conversation came out, instead of what was said before (ACT-5).

        Raises:
            Refused: A code is not in the settings, there are too many, or the conversation is somebody else's.
            NotFound: There is no such conversation.
        """
        return self._run(agents.dispose(self.rules, conversation, codes, agent, request_id))

    def change_skills(
        self,
        conversation: str,
        add: Mapping[str, int] = _NO_SKILLS,
        remove: Iterable[str] = (),
        *,
        agent: str | None = None,
        request_id: str | None = None,
    ) -> Conversation:
        """Take skills off what a conversation needs, and add others with their ratings (SKL-9).

        Raises:
            Refused: The conversation is closed or somebody else's, or its workstream lets no agent do that.
            NotFound: There is no such conversation.
        """
        return self._run(agents.change_skills(self.rules, conversation, add, remove, agent, request_id))

    def connect(self, agent: str) -> Agent:
        """Note that an agent is there, as a desk does when it opens and then again and again, well within the lease.

        Without a sign of life for ``rules.life.offers.lease`` they are offline, and what they were offered goes to
        others. Back within 2.5 minutes they have their presence from before; later their conversations are gone, too.

        Raises:
            NotFound: There is no such agent.
        """
        return self._run(connections.connect(self.rules, agent))

    def disconnect(self, agent: str) -> Agent:
        """Note that an agent left: the same as a lease that ends, at once.

        Raises:
            NotFound: There is no such agent.
        """
        return self._run(connections.disconnect(self.rules, agent))

    def end_shift(self, agent: str) -> Agent:
        """End an agent's shift: capacity profiles that count per day start again (CAP-3).

        Raises:
            NotFound: There is no such agent.
        """
        return self._run(agents.end_shift(self.rules, agent))

    def prefer(self, to: str, preferences: Iterable[Preference]) -> Contact:
        """Keep whom a customer would rather talk to; it counts from their next conversation on (PREF-1).

        Raises:
            NotFound: Nobody has that address.
        """
        return self._run(agents.prefer(self.rules, parse(to, "to"), preferences))


class AsyncDesk:
    """The agents' side of a channel, for coroutines."""

    @property
    def rules(self) -> Rules:
        """The settings in force."""
        raise NotImplementedError

    async def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    async def pick(self, conversation: str, agent: str, *, request_id: str | None = None) -> Conversation:
        """Let an agent choose an open conversation; see :meth:`Omnichannel.pick`."""
        return await self._run(agents.pick(self.rules, conversation, agent, request_id))

    async def assign(
        self, conversation: str, agent: str, *, by: str = "supervisor", request_id: str | None = None
    ) -> Conversation:
        """Let a supervisor give an open conversation to an agent; see :meth:`Omnichannel.assign`."""
        return await self._run(agents.assign_by_hand(self.rules, conversation, agent, by, request_id))

    async def decline(
        self, conversation: str, agent: str, *, missed: bool = False, request_id: str | None = None
    ) -> Conversation:
        """Put a conversation that was given to an agent back into its queue; see :meth:`Omnichannel.decline`."""
        return await self._run(agents.decline(self.rules, conversation, agent, request_id, missed=missed))

    async def park(self, conversation: str, *, agent: str | None = None, request_id: str | None = None) -> Conversation:
        """Leave a conversation open for the customer to go on with; see :meth:`Omnichannel.park`."""
        return await self._run(agents.park(self.rules, conversation, agent, request_id))

    async def transfer(
        self, conversation: str, queue: str, *, agent: str | None = None, request_id: str | None = None
    ) -> Conversation:
        """Move a conversation to a queue that is open now (HRS-5); see :meth:`Omnichannel.transfer`."""
        return await self._run(agents.transfer(self.rules, conversation, queue, agent, request_id))

    async def reroute(self, conversation: str, *, request_id: str | None = None) -> Conversation:
        """Classify and route a conversation again; see :meth:`Omnichannel.reroute`."""
        return await self._run(agents.reroute(self.rules, conversation, request_id))

    async def set_context(
        self, conversation: str, values: Mapping[str, Value], *, by: str = "application", request_id: str | None = None
    ) -> Conversation:
        """Set context variables of a conversation; see :meth:`Omnichannel.set_context`."""
        return await self._run(agents.set_context(self.rules, conversation, values, by, request_id))

    async def pickable(self, agent: str, limit: int = 100) -> tuple[WaitingItem, ...]:
        """Return the open conversations that an agent may pick; see :meth:`Omnichannel.pickable`."""
        return await self._run(agents.pickable(self.rules, agent, limit))

    async def explain(self, conversation: str) -> Explanation:
        """Return why a conversation went to its queue; see :meth:`Omnichannel.explain`."""
        return await self._run(explaining.explain(self.rules, conversation))

    async def note(self, conversation: str, text: str, *, by: str, request_id: str | None = None) -> Conversation:
        """Put a note on the timeline of a conversation; see :meth:`Omnichannel.note`."""
        return await self._run(agents.note(self.rules, conversation, text, by, request_id))

    async def dispose(
        self, conversation: str, codes: Iterable[str], *, agent: str | None = None, request_id: str | None = None
    ) -> Conversation:
        """Say how a conversation came out; see :meth:`Omnichannel.dispose`."""
        return await self._run(agents.dispose(self.rules, conversation, codes, agent, request_id))

    async def change_skills(
        self,
        conversation: str,
        add: Mapping[str, int] = _NO_SKILLS,
        remove: Iterable[str] = (),
        *,
        agent: str | None = None,
        request_id: str | None = None,
    ) -> Conversation:
        """Take skills off what a conversation needs, and add others; see :meth:`Omnichannel.change_skills`."""
        return await self._run(agents.change_skills(self.rules, conversation, add, remove, agent, request_id))

    async def connect(self, agent: str) -> Agent:
        """Note that an agent is there; see :meth:`Omnichannel.connect`."""
        return await self._run(connections.connect(self.rules, agent))

    async def disconnect(self, agent: str) -> Agent:
        """Note that an agent left; see :meth:`Omnichannel.disconnect`."""
        return await self._run(connections.disconnect(self.rules, agent))

    async def end_shift(self, agent: str) -> Agent:
        """End an agent's shift; see :meth:`Omnichannel.end_shift`."""
        return await self._run(agents.end_shift(self.rules, agent))

    async def prefer(self, to: str, preferences: Iterable[Preference]) -> Contact:
        """Keep whom a customer would rather talk to; see :meth:`Omnichannel.prefer`."""
        return await self._run(agents.prefer(self.rules, parse(to, "to"), preferences))
