"""A small shop with everything switched on: the settings that most tests use."""

from datetime import UTC, datetime, timedelta

from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WorkPolicy
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.conditions import Test
from wa_omnichannel.routing import Queue, RouteRule, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.templates import Approval, Template, Translation

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NUMBER = Address("+14155550100")
OTHER_NUMBER = Address("+14155550199")
ANA = Address("+34600000001")
CONTENT_SID = "HX" + "0" * 32

BILLS = RouteRule("bills", "billing", Test("first_message", "contains", "factura"))
ORDER_READY = Template(
    "order_ready", (Translation("es", "Hola {{1}}, su pedido está listo.", Approval.APPROVED, CONTENT_SID),), "es"
)
FILES = AttachmentRules(enabled=True, customers=True, agents=True)


def shop(*, files: AttachmentRules = FILES, margin: timedelta = timedelta(0)) -> Rules:
    """Return the settings: two numbers, one workstream that agents may pick from, two queues, one template."""
    return Rules(
        [Number(NUMBER, "Shop", "main", "es", files), Number(OTHER_NUMBER, "Outlet", "main", "es", files)],
        [Workstream("main", "all", routes=(BILLS,), policy=WorkPolicy(pick_from_push=True))],
        [Queue("all"), Queue("billing", 1)],
        [ORDER_READY],
        safety_margin=margin,
    )
