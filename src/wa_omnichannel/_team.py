"""What agents and supervisors do together, in both colours; the façades inherit it."""

from __future__ import annotations

from collections.abc import Iterable

from wa_omnichannel._flows import teaming
from wa_omnichannel._flows.steps import Flow, T
from wa_omnichannel.conversation import Conversation
from wa_omnichannel.rules import Rules
from wa_omnichannel.supervision import BulkAction, BulkResult
from wa_omnichannel.workforce import Agent


class Team:
    """Several people at one conversation, for blocking code."""

    @property
    def rules(self) -> Rules:
        """The settings in force."""
        raise NotImplementedError

    def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def hand_over(
        self,
        conversation: str,
        to: str,
        *,
        agent: str | None = None,
        by: str = "supervisor",
        request_id: str | None = None,
    ) -> Conversation:
        """Transfer a conversation to an agent, who must accept it (ACT-2); who had it leaves.

        Args:
            conversation: The conversation's id.
            to: The agent who is to have it.
            agent: Who transfers it and must hold it; None for a supervisor, who moves it to a member of its queue.
            by: The supervisor. Who had the conversation stays as a consultant until the other one accepts (§9.8).
            request_id: Repeating a call with the same id returns the first result and does nothing more.

        Raises:
            Refused: The settings, the presence of the other agent or the state do not allow it.
            NotFound: There is no such conversation or agent.
        """
        return self._run(teaming.hand_over(self.rules, conversation, to, agent, by, request_id))

    def colleagues(self, conversation: str) -> tuple[Agent, ...]:
        """Return whom a conversation may be transferred to, or who may be asked, the best match first (SKL-8).

        Agents who are not there are left out, and where the settings say so those of other queues (ACT-2, ACT-3).

        Raises:
            NotFound: There is no such conversation.
        """
        return self._run(teaming.colleagues(self.rules, conversation))

    def consult(self, conversation: str, consultant: str, *, agent: str, request_id: str | None = None) -> Conversation:
        """Ask another agent for advice: they read along, and answer with ``note``, which never leaves (ACT-1).

        Raises:
            Refused: It is not the conversation of *agent*, the other one is not there, or there are five already.
            NotFound: There is no such conversation or agent.
        """
        return self._run(teaming.consult(self.rules, conversation, consultant, agent, request_id))

    def add_consultant(
        self, conversation: str, consultant: str, *, agent: str, request_id: str | None = None
    ) -> Conversation:
        """Let a consultant write to the customer as well (ACT-1).

        Raises:
            Refused: It is not the conversation of *agent*, or the other one was not asked.
            NotFound: There is no such conversation.
        """
        return self._run(teaming.add_consultant(self.rules, conversation, consultant, agent, request_id))

    def end_consult(
        self, conversation: str, consultant: str, *, by: str, request_id: str | None = None
    ) -> Conversation:
        """Let a consultant leave, or a supervisor who joined; they themselves or the conversation's agent may say so.

        Raises:
            Refused: They take no part, or somebody else asks.
            NotFound: There is no such conversation.
        """
        return self._run(teaming.end_consult(self.rules, conversation, consultant, by, request_id))

    def monitor(self, conversation: str, *, by: str, join: bool = False, request_id: str | None = None) -> Conversation:
        """Note that a supervisor looks into a conversation; with *join* they may write to the customer (§9.8).

        Raises:
            Refused: It is their own, neither active nor in wrap-up, or the settings do not let supervisors do it.
            NotFound: There is no such conversation.
        """
        return self._run(teaming.monitor(self.rules, conversation, by, request_id, join=join))

    def force_close(self, conversation: str, *, by: str, request_id: str | None = None) -> Conversation:
        """Close a conversation whatever its state; the event ``force_closed`` names who is to be told (§9.8).

        Raises:
            Refused: It is closed, or the settings do not let supervisors do it.
            NotFound: There is no such conversation.
        """
        return self._run(teaming.force_close(self.rules, conversation, by, request_id))

    def in_bulk(
        self, conversations: Iterable[str], action: BulkAction, *, by: str, request_id: str | None = None
    ) -> tuple[BulkResult, ...]:
        """Do the same with many conversations, up to 1,000; each result says what became of one (§9.8).

        Args:
            conversations: Their ids.
            action: ``AssignTo``, ``MoveTo``, ``CloseAll`` or ``SayToAll``, whose text has at most 1,000 characters.
            by: The supervisor; stands in the timeline of each conversation.
            request_id: Repeating a call with the same id does nothing twice, and what was left undone.

        Raises:
            Refused: There are too many of them, or the text is too long.
        """
        return self._run(teaming.in_bulk(self.rules, conversations, action, by, request_id))


class AsyncTeam:
    """:class:`Team` for coroutines."""

    @property
    def rules(self) -> Rules:
        """The settings in force."""
        raise NotImplementedError

    async def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    async def hand_over(
        self,
        conversation: str,
        to: str,
        *,
        agent: str | None = None,
        by: str = "supervisor",
        request_id: str | None = None,
    ) -> Conversation:
        """Transfer a conversation to an agent; see :meth:`Omnichannel.hand_over`."""
        return await self._run(teaming.hand_over(self.rules, conversation, to, agent, by, request_id))

    async def colleagues(self, conversation: str) -> tuple[Agent, ...]:
        """Return whom a conversation may be transferred to; see :meth:`Omnichannel.colleagues`."""
        return await self._run(teaming.colleagues(self.rules, conversation))

    async def consult(
        self, conversation: str, consultant: str, *, agent: str, request_id: str | None = None
    ) -> Conversation:
        """Ask another agent for advice; see :meth:`Omnichannel.consult`."""
        return await self._run(teaming.consult(self.rules, conversation, consultant, agent, request_id))

    async def add_consultant(
        self, conversation: str, consultant: str, *, agent: str, request_id: str | None = None
    ) -> Conversation:
        """Let a consultant write to the customer as well; see :meth:`Omnichannel.add_consultant`."""
        return await self._run(teaming.add_consultant(self.rules, conversation, consultant, agent, request_id))

    async def end_consult(
        self, conversation: str, consultant: str, *, by: str, request_id: str | None = None
    ) -> Conversation:
        """Let a consultant leave; see :meth:`Omnichannel.end_consult`."""
        return await self._run(teaming.end_consult(self.rules, conversation, consultant, by, request_id))

    async def monitor(
        self, conversation: str, *, by: str, join: bool = False, request_id: str | None = None
    ) -> Conversation:
        """Note that a supervisor looks into a conversation; see :meth:`Omnichannel.monitor`."""
        return await self._run(teaming.monitor(self.rules, conversation, by, request_id, join=join))

    async def force_close(self, conversation: str, *, by: str, request_id: str | None = None) -> Conversation:
        """Close a conversation whatever its state; see :meth:`Omnichannel.force_close`."""
        return await self._run(teaming.force_close(self.rules, conversation, by, request_id))

    async def in_bulk(
        self, conversations: Iterable[str], action: BulkAction, *, by: str, request_id: str | None = None
    ) -> tuple[BulkResult, ...]:
        """Do the same with many conversations; see :meth:`Omnichannel.in_bulk`."""
        return await self._run(teaming.in_bulk(self.rules, conversations, action, by, request_id))
