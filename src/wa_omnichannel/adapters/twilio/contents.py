"""Templates at the provider: the Content API, one content per language (Twilio, "Content API").

Each function returns a question for :class:`~wa_omnichannel.adapters.twilio.api.TwilioApi` or its twin::

    sid = api.run(contents.create("pedido_listo", translation))
    api.run(contents.submit(sid, "pedido_listo", Category.UTILITY))
    review = api.run(contents.wait(sid))

A content is never changed after it was submitted; submitting a second time is refused (error 92009).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

import attrs

from wa_omnichannel.adapters.twilio.calls import PAGE, Call, Json, Pause, Question, ask, pages
from wa_omnichannel.addresses import parse_sid
from wa_omnichannel.errors import OutcomeUnknown, TransportUnavailable
from wa_omnichannel.instants import aware
from wa_omnichannel.templates import Approval, Category, Translation
from wa_omnichannel.templates.wire import Held, Holdings, read_content, read_contents, write_content

PRODUCT = "content"

REVIEW_TIME = timedelta(hours=48)
"""How long a review takes at most; minutes are usual."""

_FIRST, _LONGEST = timedelta(seconds=5), timedelta(minutes=10)
_OPEN = frozenset({Approval.UNSUBMITTED, Approval.RECEIVED, Approval.PENDING, Approval.IN_APPEAL})


@attrs.frozen
class Review:
    """Where a content stands with WhatsApp."""

    state: Approval
    word: str
    """The provider's own word for it."""
    category: Category | None
    """What WhatsApp takes it for; it may differ from what was asked for."""
    reason: str = ""
    """Why it was rejected."""
    name: str = ""

    @property
    def open(self) -> bool:
        """Whether a verdict is still to come."""
        return self.state in _OPEN


@attrs.frozen
class Filters:
    """Which contents to list; None lets everything through."""

    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """Content types, such as ``twilio/text``."""
    states: tuple[Approval, ...] = ()
    name: str | None = None
    """Part of the name, or a pattern."""
    text: str | None = None
    """Part of the text, or a pattern."""
    created_after: datetime | None = None
    created_before: datetime | None = None
    newest_first: bool | None = None

    _ORDER: ClassVar[Mapping[bool | None, str | None]] = {None: None, True: "desc", False: "asc"}

    def query(self) -> Mapping[str, object]:
        """Return the parameters of the second version of the list.

        >>> {name: value for name, value in Filters(("es",), states=(Approval.APPROVED,)).query().items() if value}
        {'Language': ['es'], 'ChannelEligibility': ['whatsapp:approved']}
        """
        return {
            "Language": list(self.languages) or None,
            "ContentType": list(self.kinds) or None,
            "ChannelEligibility": [f"whatsapp:{state.value}" for state in self.states] or None,
            "ContentName": self.name,
            "Content": self.text,
            "DateCreatedAfter": self.created_after and aware(self.created_after, "created_after").isoformat(),
            "DateCreatedBefore": self.created_before and aware(self.created_before, "created_before").isoformat(),
            "SortByDate": self._ORDER[self.newest_first],
        }


def holdings(at: datetime, filters: Filters | None = None) -> Question[Holdings]:
    """List contents with their approvals, all pages; an entry that cannot be read stops no other.

    Args:
        at: The current instant; aware. It becomes the instant of reading.
        filters: Which ones; all by default, from the first version of the list. A filtered list is not complete,
            so do not refresh templates from it.
    """
    aware(at, "at")
    asked: Mapping[str, object] = {} if filters is None else filters.query()
    version = "v1" if filters is None else "v2"
    call = Call("GET", PRODUCT, f"/{version}/ContentAndApprovals", {**asked, "PageSize": PAGE})
    entries = yield from pages(call, "contents")
    return read_contents(entries, at)


def fetch(sid: str, at: datetime) -> Question[Held]:
    """Return one content with its approval, as it was at the instant *at*."""
    path = _path(sid)
    entry = yield from ask(Call("GET", PRODUCT, path))
    found = yield from ask(Call("GET", PRODUCT, f"{path}/ApprovalRequests"))
    return read_content({**entry, "approval_requests": found.get("whatsapp")}, at)


def create(name: str, translation: Translation) -> Question[str]:
    """Create one language of a template and return its content SID; it is not submitted yet.

    Raises:
        OutcomeUnknown: The answer was lost: look into :func:`holdings` before you create it again.
    """
    made = yield from ask(Call("POST", PRODUCT, "/v1/Content", json=write_content(name, translation)))
    return parse_sid(made["sid"], "HX", "sid")


def change(sid: str, name: str, translation: Translation) -> Question[None]:
    """Change a content that was not submitted yet."""
    yield from ask(Call("PUT", PRODUCT, _path(sid), json=write_content(name, translation)))


def delete(sid: str) -> Question[None]:
    """Delete a content. WhatsApp does not take its name again for 30 days if it was submitted."""
    yield from ask(Call("DELETE", PRODUCT, _path(sid)))


def submit(sid: str, name: str, category: Category, *, allow_category_change: bool = True) -> Question[Review]:
    """Submit a content for approval, once.

    A lost answer is looked up, so it never leads to a second submission.

    Args:
        sid: The content (``HX…``).
        name: The template's name at WhatsApp; the same for all its languages.
        category: What it is for.
        allow_category_change: Whether WhatsApp may take it for something else instead of rejecting it.
    """
    path = f"{_path(sid)}/ApprovalRequests/whatsapp"
    wanted = {"name": name, "category": category.name, "allow_category_change": allow_category_change}
    try:
        told = yield from ask(Call("POST", PRODUCT, path, json=wanted))
    except OutcomeUnknown:
        found = yield from review(sid)
        if found.state is Approval.UNSUBMITTED:
            raise
        return found
    return _review(told)


def review(sid: str) -> Question[Review]:
    """Return where a content stands with WhatsApp."""
    told = yield from ask(Call("GET", PRODUCT, f"{_path(sid)}/ApprovalRequests"))
    return _review(told.get("whatsapp") or {})


def wait(sid: str, longest: timedelta = REVIEW_TIME) -> Question[Review]:
    """Return where a content stands once WhatsApp has decided, or what is known after the *longest* wait.

    While it waits, a provider that is away for a moment is asked again after the next pause.
    """
    found = yield from review(sid)
    for duration in pauses(longest):
        if not found.open:
            break
        yield Pause(duration)
        with contextlib.suppress(TransportUnavailable):
            found = yield from review(sid)
    return found


def pauses(longest: timedelta) -> Iterator[timedelta]:
    """Yield the pauses between the questions whether a review is over; together they last as long as *longest*.

    They begin with 5 s, since most reviews take minutes, and grow by half up to 10 min.

    >>> [each.total_seconds() for each in pauses(timedelta(seconds=20))]
    [5.0, 7.5, 7.5]
    """
    pause, left = _FIRST, longest
    while left > timedelta(0):
        yield min(pause, left)
        left -= pause
        pause = min(pause * 1.5, _LONGEST)


def _review(told: Json) -> Review:
    word = str(told.get("status") or "unsubmitted")
    category = Category.parse(str(told.get("category") or ""))
    reason, name = str(told.get("rejection_reason") or ""), str(told.get("name") or "")
    return Review(Approval.parse(word), word, category, reason, name)


def _path(sid: str) -> str:
    return f"/v1/Content/{parse_sid(sid, 'HX', 'content_sid')}"
