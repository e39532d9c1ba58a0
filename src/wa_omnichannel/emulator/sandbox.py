"""The shared test number with its three fixed templates."""

from __future__ import annotations

from wa_omnichannel.emulator.state.addresses import whatsapp
from wa_omnichannel.emulator.state.options import Sandbox
from wa_omnichannel.emulator.state.records import Number
from wa_omnichannel.emulator.state.templates import Template
from wa_omnichannel.emulator.state.world import World

# Name, ContentSid (the first is the one Twilio's quick start uses), text and sample values.
_TEMPLATES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "appointment_reminder",
        "HXb5b62575e6e4ff6129ad7c8efe1f983e",
        "Your appointment is coming up on {{1}} at {{2}}",
        {"1": "12/1", "2": "3pm"},
    ),
    (
        "order_shipped",
        "HX" + "b" * 32,
        "Your {{1}} order of {{2}} has shipped and should be delivered on {{3}}. Details: {{4}}",
        {"1": "Local", "2": "1 bag", "3": "12/1", "4": "https://www.example.com"},
    ),
    ("verification_code", "HX" + "c" * 32, "Your {{1}} code is {{2}}", {"1": "Local", "2": "123456"}),
)


def add_sandbox(world: World, sandbox: Sandbox) -> None:
    """Add the sandbox's number, if it is not there, and its templates."""
    if world.senders.get(whatsapp(sandbox.number)) is None:
        world.senders.put(Number(phone=sandbox.number))
    for name, sid, body, samples in _TEMPLATES:
        types = {"twilio/text": {"body": body}}
        world.put_template(Template(sid=sid, name=name, language="en", types=types, variables=samples))
