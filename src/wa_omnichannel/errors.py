"""Every error of the library, in one tree.

::

    WaOmnichannelError                code, retryable
    ├── Refused                       a rule says no: reason, rules looked at, deadline, remedies
    │   └── NeedsTemplate             the 24-hour window is closed and a template would pass
    ├── InvalidValue                  an argument is wrong: field, value, what to do
    │   └── RequestConflict           a request id was used for something else
    ├── NotFound                      no such conversation, message or agent
    │   └── LinkExpired               a link to a file that is too old
    ├── ConfigurationError            settings that cannot work
    │   └── MissingExtra              an optional package is needed: says which extra installs it
    ├── WebhookError                  the remote side sent something we cannot accept; has an HTTP status
    │   ├── SignatureMismatch         403
    │   ├── MalformedWebhook          400
    │   └── WebhookTooLarge           413
    ├── StoreError
    │   ├── ConcurrentUpdate          retryable: somebody else changed a row; decide again
    │   ├── AlreadyDone               this id was committed before; carries the first result
    │   ├── StoreUnavailable          retryable
    │   └── SchemaMismatch            the database has another schema than this release
    └── TransportError                the provider could not be asked, or said no: its code, and what to do
        ├── TransportUnavailable      retryable: unreachable, busy, or broken in the middle of a question
        ├── OutcomeUnknown            the answer to a change was lost: it may have been made
        ├── TransportClosed           the transport was closed before
        └── MediaUnavailable          retryable: a file could not be fetched
            └── MediaRefused          and never will be: not ours, gone, or forbidden

``Refused`` is a value first: pure functions return it, the façades raise the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import ClassVar

import attrs

from wa_omnichannel.explain import Facts, Remedy, Trace, sentence

_NO_FACTS: Facts = {}


class WaOmnichannelError(Exception):
    """Root of all errors raised by this library."""

    code: ClassVar[str] = "error"
    """Stable identifier of the error; safe to match on."""
    retryable: ClassVar[bool] = False
    """Whether the same call may succeed later without any change."""


@attrs.frozen(eq=False)
class Refused(WaOmnichannelError):
    """A rule says no. The same object is returned by the core, raised by the façades and put on the timeline."""

    reason: str
    """Stable code of the reason, for example ``window_closed``."""
    facts: Facts = _NO_FACTS
    """The values behind the reason."""
    trace: Trace = ()
    """Every check that was made, in order; the last one decided."""
    _remedies: tuple[Remedy, ...] | Callable[[], Iterable[Remedy]] = attrs.field(
        default=(), repr=False, alias="remedies"
    )
    deadline: datetime | None = None
    """The instant after which the answer changes by itself, if there is one."""

    code: ClassVar[str] = "refused"

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What can be done about it, the most useful first.

        They may be given as a function, which is called when somebody reads them for the first time: most
        refusals are never read.
        """
        found = self._remedies
        if callable(found):
            found = tuple(found())
            object.__setattr__(self, "_remedies", found)
        return found

    def __reduce__(self) -> tuple[type[Refused], tuple[object, ...]]:
        return type(self), (self.reason, self.facts, self.trace, self.remedies, self.deadline)

    def __str__(self) -> str:
        return self.explain("en")

    def explain(self, language: str = "en") -> str:
        """Return the reason and the remedies as text, one per line.

        >>> print(Refused("conversation_closed").explain("es"))
        La conversación está cerrada.
        """
        lines = [sentence(self.reason, self.facts, language)]
        lines += [f"- {remedy.sentence(language)}" for remedy in self.remedies]
        return "\n".join(lines)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that were looked at, in order."""
        return tuple(check.rule for check in self.trace)


@attrs.frozen(eq=False)
class NeedsTemplate(Refused):
    """The message itself is fine, but outside the 24-hour window only an approved template may be sent (SES-4)."""

    code: ClassVar[str] = "needs_template"


@attrs.frozen(eq=False)
class InvalidValue(WaOmnichannelError):
    """An argument or a setting is wrong; says which one and what to do."""

    field: str
    """Name of the argument or setting."""
    value: str
    """The value as text (never a secret)."""
    fix: str
    """What a correct value looks like."""

    code: ClassVar[str] = "invalid_value"

    @classmethod
    def naive(cls, instant: datetime, field: str) -> InvalidValue:
        """Return the error for an *instant* without a time zone."""
        return cls(field, instant.isoformat(), "Give it a time zone, for example datetime.now(timezone.utc).")

    def __str__(self) -> str:
        return f"{self.field}: {self.value!r} is not valid. {self.fix}"


@attrs.frozen(eq=False)
class RequestConflict(InvalidValue):
    """A request id was used before, for another call or with other content; nothing was done now."""

    code: ClassVar[str] = "request_conflict"

    @classmethod
    def of(cls, request: str) -> RequestConflict:
        """Return the error for a request id."""
        return cls("request_id", request, "It was used for something else. Take a new id for every new request.")


@attrs.frozen(eq=False)
class NotFound(WaOmnichannelError):
    """There is no such thing in the store."""

    what: str
    """The kind of thing: conversation, message, agent."""
    id: str
    """The identifier that was asked for."""

    code: ClassVar[str] = "not_found"

    def __str__(self) -> str:
        return f"There is no {self.what} {self.id!r}."


@attrs.frozen(eq=False)
class LinkExpired(NotFound):
    """A link to a file was ours, but its time is over."""

    code: ClassVar[str] = "link_expired"


@attrs.frozen(eq=False)
class ConfigurationError(WaOmnichannelError):
    """The settings cannot work as they are."""

    problem: str
    """What is wrong and how to fix it."""

    code: ClassVar[str] = "configuration"

    def __str__(self) -> str:
        return self.problem


@attrs.frozen(eq=False)
class MissingExtra(ConfigurationError):
    """An optional package is needed for this feature."""

    code: ClassVar[str] = "missing_extra"

    @classmethod
    def of(cls, package: str, extra: str) -> MissingExtra:
        """Return the error for a *package* that the *extra* installs."""
        return cls(f"This needs the package {package!r}. Install it with: pip install 'wa-omnichannel[{extra}]'")


@attrs.frozen(eq=False)
class WebhookError(WaOmnichannelError):
    """A webhook that cannot be accepted. Holds no personal data and no secret."""

    problem: str
    """What is wrong."""
    hint: str = ""
    """What to look at first."""

    code: ClassVar[str] = "webhook"
    status: ClassVar[int] = 400
    """HTTP status of the answer."""

    def __str__(self) -> str:
        return f"{self.problem} {self.hint}".rstrip()


@attrs.frozen(eq=False)
class SignatureMismatch(WebhookError):
    """The request was not signed by the provider with a secret we know."""

    reason: str = ""
    """Why not, as a code: ``missing``, ``wrong``, ``unknown_algorithm``, ``unknown_key`` or ``body_changed``."""

    code: ClassVar[str] = "signature_mismatch"
    status: ClassVar[int] = 403


@attrs.frozen(eq=False)
class MalformedWebhook(WebhookError):
    """The request cannot be read."""

    code: ClassVar[str] = "malformed_webhook"


@attrs.frozen(eq=False)
class WebhookTooLarge(WebhookError):
    """The body is larger than any webhook of the provider."""

    code: ClassVar[str] = "webhook_too_large"
    status: ClassVar[int] = 413


class StoreError(WaOmnichannelError):
    """Something about the store."""

    code: ClassVar[str] = "store"


@attrs.frozen(eq=False)
class ConcurrentUpdate(StoreError):
    """Somebody else changed a row that this decision relied on. Load again and decide again."""

    key: str
    """The row, as text."""

    code: ClassVar[str] = "concurrent_update"
    retryable: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.key} was changed by somebody else in the meantime."


@attrs.frozen(eq=False)
class AlreadyDone(StoreError):
    """This unique id was committed before, with this result; nothing was written now."""

    once: str
    """The unique id."""
    result: object
    """The result of the first commit."""

    code: ClassVar[str] = "already_done"

    def __str__(self) -> str:
        return f"{self.once} was done before."


@attrs.frozen(eq=False)
class StoreUnavailable(StoreError):
    """The store could not be reached or is busy."""

    problem: str
    """What the store said."""

    code: ClassVar[str] = "store_unavailable"
    retryable: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.problem


@attrs.frozen(eq=False)
class SchemaMismatch(StoreError):
    """The database was written by another release, or is not ours."""

    problem: str
    """What was found and what to do."""

    code: ClassVar[str] = "schema_mismatch"

    def __str__(self) -> str:
        return self.problem


@attrs.frozen(eq=False)
class TransportError(WaOmnichannelError):
    """The provider could not be asked, or gave an answer that makes no sense."""

    problem: str
    """What happened."""
    provider_code: int | None = None
    """Error code of the provider, if it gave one."""
    http_status: int | None = None
    """HTTP status of the answer, if there was one."""
    advice: str = ""
    """What to do about it."""

    code: ClassVar[str] = "transport"

    def __str__(self) -> str:
        return f"{self.problem} {self.advice}".rstrip()


@attrs.frozen(eq=False)
class TransportUnavailable(TransportError):
    """The provider could not be reached, or is busy or broken now; nothing was changed."""

    retry_after: timedelta | None = None
    """How long to wait, if the provider said so."""

    code: ClassVar[str] = "transport_unavailable"
    retryable: ClassVar[bool] = True


@attrs.frozen(eq=False)
class OutcomeUnknown(TransportError):
    """The answer to a change was lost: it may have been made. Look before you repeat it."""

    code: ClassVar[str] = "outcome_unknown"


@attrs.frozen(eq=False)
class TransportClosed(TransportError):
    """The transport was closed before; open a new one, or enter it as a context manager again."""

    code: ClassVar[str] = "transport_closed"


@attrs.frozen(eq=False)
class MediaUnavailable(TransportError):
    """A file could not be fetched from the provider."""

    code: ClassVar[str] = "media_unavailable"
    retryable: ClassVar[bool] = True


@attrs.frozen(eq=False)
class MediaRefused(MediaUnavailable):
    """A file that trying again does not bring: it is not one of the account's, or the provider does not give it."""

    code: ClassVar[str] = "media_refused"
    retryable: ClassVar[bool] = False
