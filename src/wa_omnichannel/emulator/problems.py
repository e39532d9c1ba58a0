"""Twilio's error codes as data: what the REST API refuses, and why a message fails later."""

from __future__ import annotations

import attrs

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
    20404: Refusal(404, "The requested resource was not found"),
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
    21623: Refusal(400, "Number of media files exceeds allowed limit"),
    21656: Refusal(400, "The Content Variables parameter is invalid."),
    21701: Refusal(400, "The Messaging Service does not exist"),
    30409: Refusal(400, "Message is not in a cancelable state"),
    63007: Refusal(400, "Twilio could not find a Channel with the specified From address"),
    63016: Refusal(400, "Failed to send freeform message because you are outside the allowed window. Use a template."),
}

FAILURES: dict[int, str] = {
    63016: "Failed to send freeform message because you are outside the allowed window.",
    63019: "Media failed to download",
    63040: "Template rejected",
    63041: "Template paused",
    63042: "Template disabled",
}


class RestError(Exception):
    """A request the REST API refuses with an error code of ``REFUSALS``."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return REFUSALS[self.code].status

    @property
    def body(self) -> dict[str, object]:
        """The JSON body of the answer: code, message, more_info and status."""
        message = self.detail or REFUSALS[self.code].message
        return {
            "code": self.code,
            "message": message,
            "more_info": f"{MORE_INFO}{self.code}",
            "status": self.status,
        }


FAULT_CODES: dict[int, int] = {429: 20429, 500: 20500, 503: 20503}


def fault_body(status: int) -> dict[str, object]:
    """Return the error body of an ordered HTTP failure; statuses without a code of their own read 20500."""
    return {**RestError(FAULT_CODES.get(status, 20500)).body, "status": status}
