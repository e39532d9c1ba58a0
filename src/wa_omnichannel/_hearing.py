"""What an application hears from a channel: events as they happen, and what customers say in surveys.

In both colours; the façades inherit it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from wa_omnichannel._flows import feeding, surveying
from wa_omnichannel._flows.feeding import Registry, Subscription
from wa_omnichannel._flows.steps import Flow, T
from wa_omnichannel.ports import Happening
from wa_omnichannel.rules import Rules
from wa_omnichannel.surveys import Answers, Questionnaire


class Hearing:
    """Events and surveys, for blocking code."""

    _registry: Registry

    @property
    def rules(self) -> Rules:
        """The settings in force."""
        raise NotImplementedError

    def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def events(
        self, after: int = 0, limit: int = 100, *, kinds: Collection[str] | None = None
    ) -> tuple[Happening, ...]:
        """Return what happened anywhere after a position, in order.

        Keep the position of the last one and go on from there: nothing is missed, also not what was written by others
        in the meantime.

        Args:
            after: The position of the last one that is known.
            limit: Most that are returned.
            kinds: Only these kinds; all by default.
        """
        return self._run(feeding.events(after, limit, kinds))

    def on(self, name: str, handler: Callable[[Happening], Any], *, kinds: Iterable[str] = ()) -> None:
        """Let *handler* be told what happens, from the beginning or from where it was, in order; ``tick`` tells it.

        It is told everything at least once; after a crash, or if it raises, the same again. Be quick in it. The place
        of a handler is kept in the store under its name; only processes that know it tell it.

        Args:
            name: Name of the handler, the same after each start.
            handler: Takes one event; may be a coroutine function.
            kinds: Only these kinds; all by default.
        """
        self._registry.subscriptions[name] = Subscription(name, frozenset(kinds), handler)

    def survey(self, path: str) -> Questionnaire:
        """Return the questions behind the *path* of a survey link.

        Raises:
            LinkExpired: The link is too old.
            NotFound: It is no link of ours.
            Refused: The number has no such survey any more.
        """
        return self._run(surveying.questionnaire(self.rules, path))

    def answer_survey(self, path: str, scores: Mapping[str, str], comment: str = "") -> Answers:
        """Keep the answers of a customer; each link takes them once.

        Args:
            path: What follows the public address in the link.
            scores: What was chosen, by name of the question: ``csat``, ``nps``, ``ces``.
            comment: What was written.

        Raises:
            LinkExpired: The link is too old.
            NotFound: It is no link of ours.
            Refused: The answers do not fit the questions, or it was answered before.
        """
        return self._run(surveying.answer(self.rules, path, scores, comment))

    def survey_answers(self, conversation: str) -> Answers | None:
        """Return what the customer answered about a conversation, or None.

        Raises:
            NotFound: There is no such conversation.
        """
        return self._run(surveying.answers_of(conversation))


class AsyncHearing:
    """:class:`Hearing` for coroutines."""

    _registry: Registry

    @property
    def rules(self) -> Rules:
        """The settings in force."""
        raise NotImplementedError

    async def _run(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    async def events(
        self, after: int = 0, limit: int = 100, *, kinds: Collection[str] | None = None
    ) -> tuple[Happening, ...]:
        """Return what happened anywhere after a position, in order; see :meth:`Omnichannel.events`."""
        return await self._run(feeding.events(after, limit, kinds))

    def on(self, name: str, handler: Callable[[Happening], Any], *, kinds: Iterable[str] = ()) -> None:
        """Let *handler* be told what happens; see :meth:`Omnichannel.on`."""
        self._registry.subscriptions[name] = Subscription(name, frozenset(kinds), handler)

    async def survey(self, path: str) -> Questionnaire:
        """Return the questions behind the *path* of a survey link; see :meth:`Omnichannel.survey`."""
        return await self._run(surveying.questionnaire(self.rules, path))

    async def answer_survey(self, path: str, scores: Mapping[str, str], comment: str = "") -> Answers:
        """Keep the answers of a customer; see :meth:`Omnichannel.answer_survey`."""
        return await self._run(surveying.answer(self.rules, path, scores, comment))

    async def survey_answers(self, conversation: str) -> Answers | None:
        """Return what the customer answered about a conversation; see :meth:`Omnichannel.survey_answers`."""
        return await self._run(surveying.answers_of(conversation))
