"""The Content API: templates in both versions, and their approvals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

import attrs

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.behaviour.reviews import CATEGORIES, is_valid_name, submit
from wa_omnichannel.emulator.rest.calls import Answer, Call, Document, not_found
from wa_omnichannel.emulator.rest.dates import iso8601, last_second, read_date
from wa_omnichannel.emulator.rest.fields import CONTENT_TYPES
from wa_omnichannel.emulator.rest.paging import new_style, page_of
from wa_omnichannel.emulator.state.templates import UNSUBMITTED, Template
from wa_omnichannel.emulator.state.world import World

MAX_VARIABLES = 100

_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z][A-Za-z]{1,3})?")

Render = Callable[[World, Template], dict[str, object]]


# --- how templates look


def content_json(world: World, template: Template) -> dict[str, object]:
    """Return the Content resource of a template."""
    url = _url(world, template)
    links = {"approval_create": f"{url}/ApprovalRequests/whatsapp", "approval_fetch": f"{url}/ApprovalRequests"}
    return {**_common(world, template), "links": links, "url": url}


def content_and_approvals_json(world: World, template: Template) -> dict[str, object]:
    """Return a template together with its approval."""
    return {**_common(world, template), "approval_requests": {"type": "whatsapp", **_approval(template)}}


def legacy_json(world: World, template: Template) -> dict[str, object]:
    """Return a template with the name and the text that older sends matched against."""
    legacy = {"legacy_template_name": template.name or template.title, "legacy_body": template.body}
    return {**_common(world, template), **legacy, "url": _url(world, template)}


def _common(world: World, template: Template) -> dict[str, object]:
    return {
        "account_sid": world.options.account_sid,
        "date_created": iso8601(template.created_at),
        "date_updated": iso8601(template.updated_at),
        "friendly_name": template.title,
        "language": template.language,
        "sid": template.sid,
        "types": {name: dict(fields) for name, fields in template.types.items()},
        "variables": dict(template.variables),
    }


def _approval(template: Template) -> dict[str, object]:
    submitted = template.status != UNSUBMITTED
    return {
        "name": template.name if submitted else "",
        "category": template.category if submitted else "",
        "content_type": template.content_type,
        "status": template.status,
        "rejection_reason": template.rejection_reason,
        "allow_category_change": template.allow_category_change,
    }


def _url(world: World, template: Template) -> str:
    return f"{world.base_url}/v1/Content/{template.sid}"


# --- lists


def _list(world: World, call: Call, path: str, render: Render, templates: list[Template]) -> Answer:
    page = page_of(templates, call, lambda template: template.sid)
    return Answer(payload=new_style(world.base_url + path, "contents", page, call, partial(render, world)))


def list_content(world: World, call: Call) -> Answer:
    """List every template."""
    return _list(world, call, "/v1/Content", content_json, list(world.templates))


def list_content_and_approvals(world: World, call: Call) -> Answer:
    """List every template with its approval."""
    return _list(world, call, "/v1/ContentAndApprovals", content_and_approvals_json, list(world.templates))


def list_legacy_content(world: World, call: Call) -> Answer:
    """List every template with its legacy name and text."""
    return _list(world, call, "/v1/LegacyContent", legacy_json, list(world.templates))


def search_content(world: World, call: Call) -> Answer:
    """List the templates that pass the filters, sorted."""
    return _list(world, call, "/v2/Content", content_json, _matching(world, call))


def search_content_and_approvals(world: World, call: Call) -> Answer:
    """List the templates that pass the filters with their approvals, sorted."""
    return _list(world, call, "/v2/ContentAndApprovals", content_and_approvals_json, _matching(world, call))


Keep = Callable[[Template], bool]


def _matching(world: World, call: Call) -> list[Template]:
    keeps = [make(call.arguments(name)) for name, make in _FILTERS.items() if call.arguments(name)]
    found = [each for each in world.templates if all(keep(each) for keep in keeps)]
    for name, key in _SORTS.items():
        if direction := call.argument(name):
            found.sort(key=key, reverse=direction.lower() == "desc")
    return found


def _looks_like(pattern: str, text: str) -> bool:
    """Tell whether the pieces of a pattern between ``.*`` occur in order; everything else is literal."""
    position = 0
    for piece in pattern.lower().split(".*"):
        found = text.lower().find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def _by_language(values: tuple[str, ...]) -> Keep:
    return lambda template: template.language in values


def _by_type(values: tuple[str, ...]) -> Keep:
    return lambda template: any(value in template.types for value in values)


def _by_eligibility(values: tuple[str, ...]) -> Keep:
    return lambda template: f"whatsapp:{template.status}" in {value.lower() for value in values}


def _by_name(values: tuple[str, ...]) -> Keep:
    return lambda template: _looks_like(values[0], template.title)


def _by_text(values: tuple[str, ...]) -> Keep:
    return lambda template: _looks_like(values[0], template.body)


def _created_after(values: tuple[str, ...]) -> Keep:
    bound = read_date(values[0])
    return lambda template: template.created_at >= bound


def _created_before(values: tuple[str, ...]) -> Keep:
    bound = last_second(values[0])
    return lambda template: template.created_at <= bound


_FILTERS: Mapping[str, Callable[[tuple[str, ...]], Keep]] = {
    "Language": _by_language,
    "ContentType": _by_type,
    "ChannelEligibility": _by_eligibility,
    "ContentName": _by_name,
    "Content": _by_text,
    "DateCreatedAfter": _created_after,
    "DateCreatedBefore": _created_before,
}

_SORTS: Mapping[str, Callable[[Template], str]] = {
    "SortByContentName": lambda template: template.title.lower(),
    "SortByDate": lambda template: template.created_at.isoformat(),
}


# --- one template


def create_content(world: World, call: Call) -> Answer:
    """Create a template in one language, not yet submitted for approval."""
    document = call.document()
    if not document.get("language"):
        raise RestError(92003)
    now = world.clock.now()
    template = Template(
        name="",
        friendly_name=str(document.get("friendly_name") or ""),
        language=_language(document),
        types=_types(document),
        variables=_variables(document),
        status=UNSUBMITTED,
        sid=world.sids.new("HX"),
        created_at=now,
        updated_at=now,
    )
    return Answer(status=201, payload=content_json(world, world.put_template(template)))


def fetch_content(world: World, call: Call) -> Answer:
    """Return one template."""
    return Answer(payload=content_json(world, _template(world, call)))


def update_content(world: World, call: Call) -> Answer:
    """Change a template that was not submitted yet; ``types`` is required."""
    template, document = _template(world, call), call.document()
    if template.status != UNSUBMITTED:
        raise RestError(20409, "A template that was submitted for approval cannot be changed")
    changed = attrs.evolve(
        template,
        types=_types(document),
        friendly_name=str(document.get("friendly_name") or template.friendly_name),
        language=_language(document) if document.get("language") else template.language,
        variables=_variables(document) if "variables" in document else template.variables,
        updated_at=world.clock.now(),
    )
    return Answer(payload=content_json(world, world.put_template(changed)))


def delete_content(world: World, call: Call) -> Answer:
    """Delete a template."""
    world.remove_template(_template(world, call))
    return Answer(status=204)


def fetch_approval(world: World, call: Call) -> Answer:
    """Return the approval of one template."""
    template = _template(world, call)
    return Answer(
        payload={
            "account_sid": world.options.account_sid,
            "sid": template.sid,
            "url": f"{_url(world, template)}/ApprovalRequests",
            "whatsapp": {"type": "whatsapp", **_approval(template)},
        }
    )


def create_approval(world: World, call: Call) -> Answer:
    """Submit a template for approval, once."""
    template, document = _template(world, call), call.document()
    if template.status != UNSUBMITTED:
        raise RestError(92009)
    if world.options.sandbox is not None:
        raise RestError(20403, "The sandbox has no templates of its own")
    name, category = document.get("name"), document.get("category")
    if not isinstance(name, str) or not is_valid_name(name):
        raise RestError(20422, "name must be 1 to 512 of a-z, 0-9 and _")
    if category not in CATEGORIES:
        raise RestError(20422, f"category must be one of {', '.join(sorted(CATEGORIES))}")
    allow_change = document.get("allow_category_change") is not False
    submitted = submit(world, template, name, str(category), allow_change=allow_change)
    return Answer(status=201, payload={**_approval(submitted), "bid_amount": None, "send_ttl_seconds": None})


def _template(world: World, call: Call) -> Template:
    template = world.template(call.params["content"])
    if template is None:
        raise not_found(call)
    return template


def _language(document: Document) -> str:
    language = document.get("language")
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise RestError(92004)
    return language


def _types(document: Document) -> dict[str, Mapping[str, object]]:
    given = document.get("types")
    if not isinstance(given, dict) or not given:
        raise RestError(92001)
    types = cast("dict[str, object]", given)
    return {name: _fields(name, fields) for name, fields in types.items() if fields is not None}


def _fields(name: str, fields: object) -> Mapping[str, object]:
    required = CONTENT_TYPES.get(name)
    if required is None:
        raise RestError(92008, f"The content type {name!r} is not supported")
    if not isinstance(fields, dict):
        raise RestError(20422, f"{name} must be an object")
    known = cast("dict[str, object]", fields)
    missing = [each for each in required if known.get(each) in (None, "")]
    if missing:
        raise RestError(20422, f"{name} lacks {', '.join(missing)}")
    return known


def _variables(document: Document) -> dict[str, str]:
    given: object = document.get("variables") or dict[str, object]()
    if not isinstance(given, dict):
        raise RestError(20422, "variables must be an object of strings")
    variables = cast("dict[str, object]", given)
    if len(variables) > MAX_VARIABLES:
        raise RestError(92002)
    if not all(isinstance(value, str) for value in variables.values()):
        raise RestError(20422, "variables must be an object of strings")
    return {key: str(value) for key, value in variables.items()}
