"""The decision itself: one pure function over consent, content, window and templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

import attrs

from wa_omnichannel import attachments, consent, session, templates
from wa_omnichannel.consent import Purpose
from wa_omnichannel.errors import NeedsTemplate, Refused
from wa_omnichannel.explain import Check, Facts, Remedy, Trace
from wa_omnichannel.instants import aware
from wa_omnichannel.messages import MAX_TEXT, SENDABLE, Content, Location, Media, TemplateMessage, Text
from wa_omnichannel.sending import formatting, secondary
from wa_omnichannel.sending.limits import MAX_PAYLOAD
from wa_omnichannel.sending.model import MAX_VALIDITY, Allowed, SendPolicy, Situation, Verdict
from wa_omnichannel.sending.offers import offer, same_words
from wa_omnichannel.sending.splitting import split
from wa_omnichannel.session import Window
from wa_omnichannel.sources import Sources
from wa_omnichannel.templates import Category, Template

_MIN_VALIDITY = timedelta(seconds=1)
_LONGEST_UTF8 = 4
_MANY_VALUES = MAX_PAYLOAD // (templates.MAX_VALUE * _LONGEST_UTF8) + 1
"""As many values of a template as it takes at least to exceed the payload."""


def decide(policy: SendPolicy, situation: Situation, content: Content, now: datetime) -> Verdict:
    """Decide whether *content* may be sent at the instant *now*.

    Total: for every legal argument it returns a verdict and never raises.

    Args:
        policy: The settings of the business number.
        situation: The customer's window and language, and who sends.
        content: What is to be sent.
        now: The current instant; aware.

    Raises:
        InvalidValue: *now* is naive.

    >>> from datetime import UTC, datetime
    >>> verdict = decide(SendPolicy(), Situation(), Text("Hello"), datetime(2026, 1, 1, tzinfo=UTC))
    >>> type(verdict).__name__, verdict.reason
    ('NeedsTemplate', 'window_never_opened')
    """
    aware(now, "now")
    consented = _consent(policy, situation, content, now)
    if consented is not None and not consented.met:
        return _refused((consented,), lambda: (_consenting(consented),))
    verdict = _decide_content(policy, situation, content, now)
    if policy.secondary or situation.free_at:
        verdict = _settled(policy, situation, verdict, now)
    return verdict if consented is None else _agreed(policy, situation, consented, verdict, now)


def _settled(policy: SendPolicy, situation: Situation, verdict: Verdict, now: datetime) -> Verdict:
    """Apply the secondary rules to what is allowed, and offer nothing that they bar."""
    if isinstance(verdict, Allowed):
        return secondary.apply(policy, situation, verdict, now)
    return attrs.evolve(verdict, remedies=lambda: _permitted(policy, situation, verdict.remedies, now))


def _permitted(
    policy: SendPolicy, situation: Situation, remedies: tuple[Remedy, ...], now: datetime
) -> Iterator[Remedy]:
    """Yield the remedies that the secondary rules leave."""
    asked = (None, *Category)
    barred = {each: check for each in asked if (check := secondary.bar(policy, situation, each, now)) is not None}
    return _covered(policy, remedies, barred, secondary.remedy)


def fallback(policy: SendPolicy, situation: Situation, now: datetime) -> Verdict | None:
    """Decide whether the template that stands in for a message outside the window may go out (SES-4).

    Its variables are filled in from what is known; consent counts for it as for any other template. After it went
    out, it does so again only when the customer wrote in between.

    Args:
        policy: The settings of the business number.
        situation: What is known about the customer.
        now: The current instant; aware.

    Returns:
        The verdict on the template; None where the settings name none.
    """
    if policy.fallback is None:
        return None
    last, went_out = situation.window.last_inbound_at, situation.replaced_at
    if went_out is not None and (last is None or last <= went_out):
        facts = {"template": policy.fallback, "at": went_out}
        return _refused((Check("SES-4", False, "fallback_went_out", facts),), lambda: (Remedy("customer_writes"),))
    return decide(policy, situation, TemplateMessage(policy.fallback), now)


def _agreed(policy: SendPolicy, situation: Situation, consented: Check, verdict: Verdict, now: datetime) -> Verdict:
    """Put the consent in front of the trace, and offer no template that it does not cover."""
    trace = (consented, *verdict.trace)
    if isinstance(verdict, Allowed):
        return attrs.evolve(verdict, trace=trace)
    asked = {each: _check_consent(policy, situation, True, each is Category.MARKETING, now) for each in Category}
    barred: dict[Category | None, Check] = {each: check for each, check in asked.items() if not check.met}
    if not barred:
        return attrs.evolve(verdict, trace=trace)
    return attrs.evolve(verdict, trace=trace, remedies=lambda: _covered(policy, verdict.remedies, barred, _consenting))


def _covered(
    policy: SendPolicy,
    remedies: tuple[Remedy, ...],
    barred: Mapping[Category | None, Check],
    instead: Callable[[Check], Remedy],
) -> Iterator[Remedy]:
    """Yield the remedies, but for each that a rule bars what can be done about that rule, once."""
    done: set[str] = set()
    for remedy in remedies:
        template = policy.templates.get(str(remedy.facts.get("template")))
        check = barred.get(template.category if template is not None else None)
        if check is None or (template is None and not remedy.sufficient):
            yield remedy
        elif check.code not in done:
            done.add(check.code)
            yield instead(check)


def _consenting(failed: Check) -> Remedy:
    return Remedy(consent.REMEDIES[failed.code], False, failed.facts)


def _consent(policy: SendPolicy, situation: Situation, content: Content, now: datetime) -> Check | None:
    """Check the customer's consent; None where nobody asked for any and nobody said anything."""
    if situation.consent.silent and not policy.consent.required:
        return None
    known = policy.templates.get(content.name) if isinstance(content, TemplateMessage) else None
    marketing = known is not None and known.category is Category.MARKETING
    return _check_consent(policy, situation, isinstance(content, TemplateMessage), marketing, now)


def _check_consent(policy: SendPolicy, situation: Situation, template: bool, marketing: bool, now: datetime) -> Check:
    is_open = session.is_open(situation.window, now, policy.margin)
    purpose = Purpose(policy.number, template, marketing, is_open, situation.window.last_inbound_at)
    return consent.check(policy.consent, situation.consent, purpose)


def _decide_content(policy: SendPolicy, situation: Situation, content: Content, now: datetime) -> Verdict:
    if isinstance(content, TemplateMessage):
        return _decide_template(policy, situation, content, now)
    if isinstance(content, Text):
        return _decide_text(policy, situation, content, now)
    trace = tuple(_content_checks(policy, situation, content))
    if not trace[-1].met:
        return _refused(trace, lambda: _content_remedies(trace[-1]))
    return _decide_window(policy, situation, content, trace, now)


def _decide_text(policy: SendPolicy, situation: Situation, content: Text, now: datetime) -> Verdict:
    """Decide on a text as the customer will see it: with its formatting translated, and split if it is long."""
    body = formatting.translate(content.body) if policy.translate else content.body
    changed = body != content.body
    before = (Check("ATT-15", True, "formatting_translated", {}),) if changed else ()
    parts = split(body, MAX_TEXT, policy.split) if policy.split is not None and len(body) > MAX_TEXT else None
    if not parts:
        check = _text(body)
        if not check.met:
            return _refused((*before, check), lambda: _content_remedies(check))
        return _decide_window(policy, situation, Text(body) if changed else content, (*before, check), now)
    check = Check("WA-TEXT", True, "text_split", {"length": len(body), "limit": MAX_TEXT, "parts": len(parts)})
    verdict = _decide_window(policy, situation, Text(parts[0]), (*before, check), now)
    return attrs.evolve(verdict, rest=tuple(map(Text, parts[1:]))) if isinstance(verdict, Allowed) else verdict


def _refused(trace: Trace, remedies: Callable[[], Iterable[Remedy]]) -> Refused:
    last = trace[-1]
    return Refused(last.code, last.facts, trace, remedies)


def _content_checks(policy: SendPolicy, situation: Situation, content: Content) -> Iterator[Check]:
    if not isinstance(content, SENDABLE):
        yield Check("WA-SEND", False, "content_arrives_only", {"content": type(content).__name__})
        return
    if isinstance(content, Media):
        yield from attachments.check(policy.attachments, situation.party, content)
        yield from _payload((content.caption, content.name, content.url))
    elif isinstance(content, Location):
        yield _location(content)
        yield from _payload((content.label, content.address))


def _payload(texts: Iterable[str]) -> Iterator[Check]:
    """Yield the check of the whole size, where it can come near the limit at all (ATT-14)."""
    found = tuple(texts)
    if sum(map(len, found)) * _LONGEST_UTF8 > MAX_PAYLOAD:
        size = sum(len(text.encode(errors="surrogatepass")) for text in found)
        met = size <= MAX_PAYLOAD
        facts = {"size": size, "limit": MAX_PAYLOAD}
        yield Check("ATT-14", met, "payload_fits" if met else "payload_too_large", facts)


def _text(body: str) -> Check:
    length = len(body)
    if not body.strip():
        return Check("WA-TEXT", False, "text_empty", {})
    met = length <= MAX_TEXT
    return Check("WA-TEXT", met, "text_fits" if met else "text_too_long", {"length": length, "limit": MAX_TEXT})


def _location(place: Location) -> Check:
    met = -90 <= place.latitude <= 90 and -180 <= place.longitude <= 180
    facts = {"latitude": place.latitude, "longitude": place.longitude}
    return Check("WA-SEND", met, "location_on_earth" if met else "location_off_earth", facts)


def _content_remedies(failed: Check) -> Iterator[Remedy]:
    code = _CONTENT_REMEDIES.get(failed.code)
    if code is not None:
        yield Remedy(code, False, failed.facts)


_CONTENT_REMEDIES = {**attachments.REMEDIES, "text_too_long": "split_text", "payload_too_large": "send_less"}


def _decide_window(policy: SendPolicy, situation: Situation, content: Content, trace: Trace, now: datetime) -> Verdict:
    window = situation.window
    end = session.closes_at(window, policy.margin)
    if end is not None and now < end:
        left = end - now
        facts = {"closes_at": end, "now": now, "remaining": left}
        check = Check("SES-2", True, "window_open", facts)
        return Allowed(content, (*trace, check), end, _validity(left))
    check = Check("SES-4", False, *_closed(window, end, now, policy.margin))
    remedies = partial(_window_remedies, policy, situation, content, now)
    return NeedsTemplate(check.code, check.facts, (*trace, check), remedies)


def _validity(left: timedelta) -> timedelta:
    whole = timedelta(seconds=int(left.total_seconds()))
    return max(_MIN_VALIDITY, min(MAX_VALIDITY, whole))


def _closed(window: Window, end: datetime | None, now: datetime, margin: timedelta) -> tuple[str, Mapping[str, object]]:
    """Return which sentence tells why the window is closed, and its values."""
    if end is None:
        if window.last_inbound_at is None:
            return "window_never_opened", {}
        return "window_refuted", {"last_inbound_at": window.last_inbound_at, "refuted_at": window.refuted_at}
    facts = {"last_inbound_at": window.last_inbound_at, "closed_at": end, "now": now, "margin": margin}
    return ("window_in_margin" if now < end + margin else "window_closed"), facts


def _window_remedies(policy: SendPolicy, situation: Situation, content: Content, now: datetime) -> Iterator[Remedy]:
    """Offer the template that goes out instead, those that say the same, every other, and waiting for the customer."""
    language = situation.language or policy.language
    if isinstance(fallback(policy, situation, now), Allowed):
        yield Remedy("send_fallback", False, {"template": policy.fallback})
    if isinstance(content, Text):
        yield from same_words(policy.templates.values(), content.body)
    yield from policy.offers(language, situation.known) or (Remedy("approve_template"),)
    yield Remedy("customer_writes", True)


def _decide_template(policy: SendPolicy, situation: Situation, content: TemplateMessage, now: datetime) -> Verdict:
    template = policy.templates.get(content.name)
    if template is None:
        facts = {"template": content.name, "known": tuple(policy.templates)}
        return _refused((Check("TPL-3", False, "template_unknown", facts),), lambda: (Remedy("add_template"),))
    wanted = content.language or situation.language or policy.language
    translation, selected = template.select(wanted)
    values = templates.fill(translation, content.variables, situation.known)
    trace = [selected]
    for check in template.checks(translation, values, now):
        trace.append(check)
        if not check.met:
            return _refused_template(template, situation, tuple(trace))
    if len(values) >= _MANY_VALUES:
        trace += _payload(values.values())
        if not trace[-1].met:
            return _refused(tuple(trace), lambda: _content_remedies(trace[-1]))
    ready = TemplateMessage(content.name, values, translation.language, translation.content_sid)
    if translation.session_only:
        return _decide_window(policy, situation, ready, tuple(trace), now)
    return Allowed(ready, tuple(trace))


def _refused_template(template: Template, situation: Situation, trace: Trace) -> Refused:
    return _refused(trace, lambda: _sibling_remedies(template, trace[-1], situation.known))


def _sibling_remedies(template: Template, failed: Check, known: Sources) -> Iterator[Remedy]:
    """Say what to do about a template that cannot be sent: fill it in, or use another language of it."""
    if failed.code == "template_variables_wrong":
        yield from _value_remedies(failed.facts)
        return
    yield from (offer(template, other, known) for other in template.translations if other.sendable)
    yield Remedy(_TEMPLATE_REMEDIES[failed.code], False, failed.facts)


def _value_remedies(faults: Facts) -> Iterator[Remedy]:
    fits = faults["too_long"] == "-"
    if faults["missing"] or faults["extra"] or faults["bad"]:
        yield Remedy("fill_variables", fits, faults)
    if not fits:
        yield Remedy("shorten_variables", False, {"length": faults["too_long"], "limit": templates.MAX_FILLED})


_TEMPLATE_REMEDIES = {
    "template_unlinked": "link_template",
    "template_not_approved": "await_approval",
    "template_kind_unsendable": "use_other_kind",
}
