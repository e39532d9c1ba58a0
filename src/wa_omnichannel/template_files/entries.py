"""What a template file may hold, as pydantic checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from wa_omnichannel.sources import Source
from wa_omnichannel.templates import Button, ButtonKind, Category, Template, Translation, Variable
from wa_omnichannel.templates.kinds import TEXT


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ButtonEntry(_Strict):
    """A button."""

    kind: ButtonKind
    text: StrictStr
    target: StrictStr = ""


class VariableEntry(_Strict):
    """What is known about one placeholder."""

    source: Source = Source.CALLER
    key: StrictStr = ""
    sample: StrictStr = ""


Variables = dict[StrictStr, VariableEntry]


def declared(variables: Mapping[str, VariableEntry]) -> tuple[Variable, ...]:
    """Return what the entries say about placeholders."""
    return tuple(Variable(name, entry.source, entry.key, entry.sample) for name, entry in variables.items())


class TranslationEntry(_Strict):
    """One language of a template."""

    body: StrictStr = ""
    content_sid: StrictStr | None = None
    kind: StrictStr = TEXT
    header: StrictStr = ""
    footer: StrictStr = ""
    media: StrictStr = ""
    buttons: tuple[ButtonEntry, ...] = ()
    variables: Variables = Field(default_factory=Variables)
    fields: dict[StrictStr, Any] = Field(default_factory=dict[str, Any])

    def translation(self, language: str, shared: Mapping[str, VariableEntry]) -> Translation:
        """Return the translation, with the variables that are *shared* by all languages.

        Raises:
            InvalidValue: The language or the content SID is malformed.
        """
        return Translation(
            language,
            self.body,
            content_sid=self.content_sid,
            kind=self.kind,
            header=self.header,
            footer=self.footer,
            media=self.media,
            buttons=tuple(Button(button.kind, button.text, button.target) for button in self.buttons),
            declared=declared({**shared, **self.variables}),
            fields=self.fields,
        )


class TemplateEntry(_Strict):
    """A template."""

    name: StrictStr
    default_language: StrictStr
    category: Category = Category.UTILITY
    text: StrictStr | None = None
    """The approved text in the default language, in place of ``translations`` (TPL-3)."""
    variables: Variables = Field(default_factory=Variables)
    """What holds in every language; a translation may say otherwise."""
    translations: dict[StrictStr, TranslationEntry] = Field(default_factory=dict[str, TranslationEntry])

    def languages(self) -> Mapping[str, TranslationEntry]:
        """Return the translations by language as written, the short form written out."""
        short = {} if self.text is None else {self.default_language: TranslationEntry(body=self.text)}
        return {**short, **self.translations}


def write_entry(template: Template) -> dict[str, Any]:
    """Return *template* as an entry of a file, without what is known about its approval.

    >>> write_entry(Template("hola", (Translation("es", "Hola"),), "es"))
    {'name': 'hola', 'default_language': 'es', 'translations': {'es': {'body': 'Hola'}}}
    """
    written: dict[str, Any] = {"name": template.name, "default_language": template.default_language}
    if template.category is not Category.UTILITY:
        written["category"] = template.category.value
    written["translations"] = {each.language: _write_translation(each) for each in template.translations}
    return written


def _write_translation(translation: Translation) -> dict[str, Any]:
    entry = TranslationEntry(
        body=translation.body,
        content_sid=translation.content_sid,
        kind=translation.kind,
        header=translation.header,
        footer=translation.footer,
        media=translation.media,
        buttons=tuple(ButtonEntry(kind=each.kind, text=each.text, target=each.target) for each in translation.buttons),
        variables={
            each.name: VariableEntry(source=each.source, key=each.key, sample=each.sample)
            for each in translation.declared
        },
        fields=dict(translation.fields),
    )
    return entry.model_dump(mode="json", exclude_defaults=True)
