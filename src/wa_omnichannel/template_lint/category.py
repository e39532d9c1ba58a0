"""Rules about the category: words that make WhatsApp assign another one than was asked for.

Price and limits follow the category that WhatsApp assigns, and asking for the wrong one can cost messaging
limit (Meta 131064). The lists are short on purpose: each word alone makes a reviewer look twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wa_omnichannel.template_lint.findings import Spot
from wa_omnichannel.templates import Category, Template, Translation

_PROMOTIONAL = re.compile(
    r"\b(?:"
    r"discounts?|coupons?|vouchers?|promo(?:tion)?s?|sale|special offers?|limited time|free gift|shop now|buy now|"
    r"descuentos?|cup[oó]n(?:es)?|promoci[oó]n(?:es)?|rebajas?|ofertas?|gratis|compr[ae] (?:ya|ahora)|"
    r"aproveche|desconto|promo[cç][aã]o|promo[cç][oõ]es|compre agora"
    r")\b|\b\d{1,3} ?% (?:off|dto)\b",
    re.I,
)
_CODE = re.compile(
    r"\b(?:one[- ]time (?:code|password)|verification code|security code|otp|"
    r"c[oó]digo de (?:verificaci[oó]n|seguridad|acceso|verifica[cç][aã]o))\b",
    re.I,
)
AUTHENTICATION_KIND = "whatsapp/authentication"


def category_rules(template: Template, translation: Translation) -> Iterator[Spot]:
    """Point out words that do not go with the category, and kinds that do not."""
    is_code = template.category is Category.AUTHENTICATION
    facts = {"category": template.category.value, "kind": translation.kind}
    if is_code != (translation.kind == AUTHENTICATION_KIND):
        yield Spot("category_kind", "kind", None, facts)
    for field in ("header", "body", "footer"):
        text: str = getattr(translation, field)
        found = _PROMOTIONAL.search(text) if template.category is not Category.MARKETING else None
        if found is not None:
            yield Spot("category_promotional", field, found.start(), {**facts, "words": found[0]})
        found = None if is_code else _CODE.search(text)
        if found is not None and translation.variables:
            yield Spot("category_code", field, found.start(), {**facts, "words": found[0]})
