"""What the REST API refuses, as data: Twilio's error codes with the HTTP status and the text of the answer."""

from __future__ import annotations

import attrs

from wa_omnichannel.emulator.behaviour.failures import failure_text

MORE_INFO = "https://www.twilio.com/docs/errors/"


@attrs.frozen
class Refusal:
    """The HTTP status and the text that go with an error code of the REST API."""

    status: int
    message: str


REFUSALS: dict[int, Refusal] = {
    20001: Refusal(400, "A parameter of the request is invalid"),
    20003: Refusal(401, "Authenticate"),
    20004: Refusal(405, "Method not allowed"),
    20009: Refusal(409, "Cannot delete this resource before it is complete"),
    20403: Refusal(403, "Forbidden"),
    20404: Refusal(404, "The requested resource was not found"),
    20409: Refusal(409, "The state of the resource does not allow this"),
    20422: Refusal(400, "Invalid parameter"),
    20429: Refusal(429, "Too Many Requests"),
    20500: Refusal(500, "An internal server error has occurred"),
    20503: Refusal(503, "Service is unavailable. Please try again"),
    21211: Refusal(400, "Invalid 'To' Phone Number"),
    21602: Refusal(400, "Message body is required."),
    21603: Refusal(400, "A 'From' phone number is required."),
    21604: Refusal(400, "A 'To' phone number is required."),
    21606: Refusal(400, "The 'From' phone number provided is not a valid message-capable Twilio phone number."),
    21609: Refusal(400, "The 'StatusCallback' URL is not valid."),
    21610: Refusal(400, "Attempt to send to unsubscribed recipient"),
    21617: Refusal(400, "The concatenated message body exceeds the 1600 character limit."),
    21620: Refusal(400, "Invalid media URL(s)"),
    21623: Refusal(400, "Number of media files exceeds allowed limit"),
    21654: Refusal(400, "ContentSid Required"),
    21655: Refusal(400, "The ContentSid is Invalid"),
    21656: Refusal(400, "The Content Variables parameter is invalid."),
    21658: Refusal(400, "A parameter exceeds its character limit"),
    21701: Refusal(400, "The Messaging Service does not exist"),
    21703: Refusal(400, "The Messaging Service has no sender available"),
    21704: Refusal(400, "The Messaging Service has no senders"),
    30409: Refusal(400, "Message is not in a cancelable state"),
    35111: Refusal(400, "SendAt is missing"),
    35114: Refusal(400, "SendAt must be more than 300 seconds and at most 35 days ahead"),
    35118: Refusal(400, "MessagingServiceSid is required to schedule a message"),
    35126: Refusal(400, "ScheduleType must be 'fixed'"),
    63007: Refusal(400, "Twilio could not find a Channel with the specified From address"),
    63016: Refusal(400, "Failed to send freeform message because you are outside the allowed window. Use a template."),
    63031: Refusal(400, "From and To are the same"),
    63038: Refusal(429, "Account exceeded the daily messages limit"),
    92001: Refusal(400, "The 'types' parameter is required"),
    92002: Refusal(400, "The 'variables' parameter exceeds 100 entries"),
    92003: Refusal(400, "The 'language' parameter is required"),
    92004: Refusal(400, "The language code is not valid"),
    92008: Refusal(400, "The content type is not supported"),
    92009: Refusal(400, "The template was already submitted for approval"),
}


class RestError(Exception):
    """A request the REST API refuses with an error code, mostly one of ``REFUSALS``."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    @property
    def status(self) -> int:
        """The HTTP status of the answer; 400 for a code without one of its own."""
        return REFUSALS[self.code].status if self.code in REFUSALS else 400

    @property
    def body(self) -> dict[str, object]:
        """The JSON body of the answer: code, message, more_info and status."""
        known = REFUSALS[self.code].message if self.code in REFUSALS else failure_text(self.code)
        return {
            "code": self.code,
            "message": self.detail or known,
            "more_info": f"{MORE_INFO}{self.code}",
            "status": self.status,
        }


FAULT_CODES: dict[int, int] = {404: 20404, 429: 20429, 500: 20500, 503: 20503}


def fault_body(status: int) -> dict[str, object]:
    """Return the error body of an ordered HTTP failure; statuses without a code of their own read 20500."""
    return {**RestError(FAULT_CODES.get(status, 20500)).body, "status": status}
