"""A customer's phone: what a test or a demonstration lets a person do on WhatsApp."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from wa_omnichannel.emulator.behaviour.inbound import receive
from wa_omnichannel.emulator.behaviour.lifecycle import read
from wa_omnichannel.emulator.state.addresses import whatsapp
from wa_omnichannel.emulator.state.people import addresses_of, visible_address
from wa_omnichannel.emulator.state.records import Delivery, MessageRecord, Number, Profile
from wa_omnichannel.emulator.state.world import World

QUOTABLE = timedelta(days=7)


class Customer:
    """A person who writes to one business number.

    The methods that send post the webhook before they return and report how it fared. Extra keyword
    arguments are webhook parameters by their Twilio names, which add to or replace the usual ones.
    """

    def __init__(self, world: World, number: Number, profile: Profile) -> None:
        self._world = world
        self._phone_of_business = number.phone
        self.profile = profile

    @property
    def address(self) -> str:
        """The ``whatsapp:`` address that webhooks show for this person."""
        return visible_address(self.profile)

    def says(self, text: str, **params: str) -> Delivery:
        """Send a text."""
        return self.sends(Body=text, **params)

    def sends_media(self, data: bytes, content_type: str, caption: str = "", **params: str) -> Delivery:
        """Send a file, which the business can fetch from the emulator's Media resource."""
        form = {"Body": caption, **params}
        return self._post(form, (content_type, data))

    def sends_location(
        self, latitude: float, longitude: float, *, label: str = "", address: str = "", **params: str
    ) -> Delivery:
        """Send a static location in decimal degrees."""
        place = {
            "Latitude": str(latitude),
            "Longitude": str(longitude),
            "Label": label,
            "Address": address,
            "MessageType": "location",
        }
        return self.sends(**{**place, **params})

    def taps(self, title: str, payload: str, **params: str) -> Delivery:
        """Tap a quick-reply button with this title and payload (its id)."""
        tap = {"Body": title, "ButtonText": title, "ButtonPayload": payload, "ButtonType": "REPLY"}
        return self.sends(**{**tap, "MessageType": "button", **params})

    def picks(self, list_id: str, title: str, description: str = "", **params: str) -> Delivery:
        """Pick an item of a list."""
        pick = {"Body": title, "ListId": list_id, "ListTitle": title, "ListDescription": description}
        return self.sends(**{**pick, "MessageType": "interactive", **params})

    def quotes(self, sid: str, text: str, **params: str) -> Delivery:
        """Answer a message by quoting it; as on WhatsApp the reference is lost after seven days.

        Raises:
            KeyError: If there is no message ``sid``.
        """
        return self.sends(**{"Body": text, **self._reference(sid), **params})

    def sends(self, **params: str) -> Delivery:
        """Send a message with these webhook parameters on top of the usual ones."""
        return self._post(params)

    def calls(self) -> None:
        """Call the business: no webhook of a message, but the 24 hours begin anew."""
        self._world.people.open_window(whatsapp(self._phone_of_business), self.profile, self._world.clock.now())

    def blocks(self) -> None:
        """Block the business: its messages stay ``sent`` for ever."""
        self._world.people.set_blocked(self.profile, blocked=True)

    def unblocks(self) -> None:
        """Take the block back, for messages sent from now on."""
        self._world.people.set_blocked(self.profile, blocked=False)

    def reads(self, sid: str, *, timeout: float = 5.0) -> MessageRecord:
        """Open a message, waiting up to ``timeout`` seconds for it to arrive and to be marked as read.

        Raises:
            KeyError: If there is no message ``sid``.
            TimeoutError: If it is not delivered in time.
        """
        self._world.messages.wait_for(sid, "delivered", timeout)
        read(self._world, sid)
        return self._world.messages.wait_for(sid, "read", timeout)

    def stops_marketing(self) -> None:
        """Stop marketing messages of the business: they fail with 63050 from now on."""
        self._world.people.set_marketing(self.profile, wanted=False)

    def resumes_marketing(self) -> None:
        """Want marketing messages of the business again."""
        self._world.people.set_marketing(self.profile, wanted=True)

    @property
    def sees_typing(self) -> bool:
        """Whether the phone shows that this business number is typing."""
        business = whatsapp(self._phone_of_business)
        return any(self._world.is_typing(business, address) for address in addresses_of(self.profile))

    @property
    def received(self) -> tuple[MessageRecord, ...]:
        """The business's messages on this phone, newest last."""
        mine = addresses_of(self.profile)
        return tuple(each for each in self._world.messages.all if each.to in mine and "delivered" in each.statuses)

    def _post(self, params: Mapping[str, str], media: tuple[str, bytes] | None = None) -> Delivery:
        return self._world.scheduler.run(receive(self._world, self._number, self.profile, params, media))

    @property
    def _number(self) -> Number:
        number = self._world.senders.get(whatsapp(self._phone_of_business))
        return number or Number(phone=self._phone_of_business)

    def _reference(self, sid: str) -> dict[str, str]:
        quoted = self._world.messages.get(sid)
        if self._world.clock.now() - quoted.created_at > QUOTABLE:
            return {}
        return {"OriginalRepliedMessageSid": sid, "OriginalRepliedMessageSender": quoted.from_}
