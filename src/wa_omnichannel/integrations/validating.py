"""Asking the provider whether a channel can work as it is set up: account, numbers, webhooks, templates (CH-11).

Nothing is changed; each answer says what is wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import attrs

from wa_omnichannel.adapters.twilio import Account as Credentials
from wa_omnichannel.adapters.twilio import TwilioApi, contents, setup
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import TransportError
from wa_omnichannel.explain import Facts, sentence
from wa_omnichannel.secret import Secret
from wa_omnichannel.settings import Account, Settings
from wa_omnichannel.templates.syncing import sync


@attrs.frozen
class Answer:
    """One thing that was asked."""

    what: str
    """The account, a number or a template."""
    ready: bool
    """Whether it can work."""
    code: str
    facts: Facts

    def sentence(self, language: str = "en") -> str:
        """Return the answer as a sentence, with what to do."""
        return sentence(self.code, self.facts, language)


def validate(
    settings: Settings,
    environment: Mapping[str, str],
    now: datetime,
    stored: Callable[[str], Secret] | None = None,
) -> tuple[Answer, ...]:
    """Ask the provider about everything that *settings* name.

    Args:
        settings: What is set up.
        environment: The variables that secrets may be in.
        now: The current instant.
        stored: Fetches secrets that are kept in the store.

    Raises:
        ConfigurationError: There is no account, or a secret is not there.
    """
    account = settings.provider()
    token = account.token.resolve(environment, stored)
    with TwilioApi(Credentials.of(account.sid, token, base_url=account.base_url)) as api:
        return tuple(_answers(settings, account, api, now))


def _answers(settings: Settings, account: Account, api: TwilioApi, now: datetime) -> Iterator[Answer]:
    try:
        holdings = api.run(contents.holdings(now))
    except TransportError as error:
        facts = {"problem": str(error), "code": error.provider_code or "-"}
        yield Answer(f"account {account.sid}", ready=False, code="provider_refuses", facts=facts)
        return
    yield Answer(f"account {account.sid}", ready=True, code="provider_answers", facts={"sid": account.sid})
    for number in settings.rules.numbers:
        yield from _number(settings, account, api, number.number)
    for template in sync(settings.rules.templates, holdings.held, now, holdings.unread).templates:
        for translation in template.translations:
            facts = {"template": template.name, "language": translation.language}
            code = "template_at_provider" if translation.sendable else "template_not_at_provider"
            yield Answer(f"template {template.name}", translation.sendable, code, facts)


def _number(settings: Settings, account: Account, api: TwilioApi, number: Address) -> Iterator[Answer]:
    sandbox = settings.rules.sandbox_of(number)
    if sandbox is not None:
        facts = {"url": account.inbound_url, "code": sandbox.code}
        yield Answer(f"number {number}", ready=True, code="sandbox_by_hand", facts=facts)
        return
    found = api.run(setup.survey(setup.Wanted(number, account.inbound_url, account.status_url)))
    for finding in found.findings:
        yield Answer(f"number {number}", not finding.error, finding.code, finding.facts)
    for step in found.plan:
        facts = {**attrs.asdict(step), "before": step.before or "-", "number": number}
        yield Answer(f"number {number}", ready=False, code="webhook_differs", facts=facts)
