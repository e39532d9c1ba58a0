"""Skills and ratings: who can do what, how well, and who comes closest to what is needed.

* **SKL-1** a skill belongs to a type and is rated on a rating model; deactivated skills are not considered.
* **SKL-2** exact match: every required skill, each with at least the required rating.
* **SKL-3** closest match: nobody is filtered; exactly the required skills first, then more, then fewer.
* **SKL-5** orders for custom rules: nearest proficiency, most proficient, skill count, each also within a type.
* **SKL-6** ratings of different models are compared as shares of their scale.

A rating is a whole number on the model of its skill, the same for the requirement and for the agent (CLS-7).
Source: Microsoft Learn, "Set up skill-based routing in unified routing".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TypeAlias

import attrs

from wa_omnichannel.errors import InvalidValue

Ratings: TypeAlias = Mapping[str, int]
"""Ratings by name of the skill."""

_SCALE = 1000


class Matching(Enum):
    """How required skills decide who gets an item (WS-14)."""

    EXACT = "exact"
    CLOSEST = "closest"
    NONE = "none"
    """Skills are ignored (SKL-4)."""


def _check_ratings(_: object, attribute: attrs.Attribute[Mapping[int, str]], value: Mapping[int, str]) -> None:
    lowest, highest = min(value, default=0), max(value, default=0)
    if lowest < 1 or len(value) != highest - lowest + 1 or not all(value.values()):
        raise InvalidValue(attribute.name, str(dict(value)), "Name every whole number from lowest to highest, from 1.")


@attrs.frozen
class RatingModel:
    """A scale of proficiency on which every value has a name (SKL-1)."""

    name: str
    ratings: Mapping[int, str] = attrs.field(validator=_check_ratings)
    """Name of each value, for example ``{1: "learner", 2: "fluent"}``."""

    @property
    def lowest(self) -> int:
        """The smallest rating."""
        return min(self.ratings)

    @property
    def highest(self) -> int:
        """The largest rating."""
        return max(self.ratings)

    def share(self, steps: int) -> int:
        """Return how large a difference of *steps* is on this scale, in thousandths (SKL-6).

        >>> RatingModel("three", {1: "low", 2: "middle", 3: "high"}).share(1)
        500
        """
        return steps * _SCALE // max(1, self.highest - self.lowest)


TEN = RatingModel("ten", {value: str(value) for value in range(1, 11)})
"""The scale from 1 to 10 that a skill has unless it names another."""


@attrs.frozen
class Skill:
    """Something that agents can do."""

    name: str
    type: str = ""
    """Kind of skill: language, product ..."""
    model: RatingModel = TEN
    active: bool = True
    """Deactivated skills are not considered (SKL-1)."""


_NO_SKILLS: Mapping[str, Skill] = {}


def _by_name(skills: Iterable[Skill]) -> Mapping[str, Skill]:
    return {skill.name: skill for skill in skills}


@attrs.frozen
class SkillBook:
    """The skills that the settings define; a skill not listed is active and rated from 1 to 10."""

    skills: Mapping[str, Skill] = attrs.field(default=_NO_SKILLS, converter=_by_name)

    def get(self, name: str) -> Skill:
        """Return the skill called *name*."""
        return self.skills.get(name) or Skill(name)

    def considered(self, ratings: Ratings, type_: str | None = None) -> Ratings:
        """Return *ratings* without deactivated skills, and of one type only if it is given (SKL-1).

        >>> SkillBook([Skill("fax", active=False)]).considered({"fax": 3, "es": 2})
        {'es': 2}
        """
        return {name: rating for name, rating in ratings.items() if self._counts(name, type_)}

    def _counts(self, name: str, type_: str | None) -> bool:
        skill = self.skills.get(name)
        if skill is None:
            return not type_
        return skill.active and type_ in (None, skill.type)


NO_BOOK = SkillBook()
"""No skill is defined: all are active, without a type, and rated from 1 to 10."""


def missing(required: Ratings, have: Ratings) -> tuple[str, ...]:
    """Return the required skills that are absent or rated too low (SKL-2).

    >>> missing({"es": 3, "billing": 2}, {"es": 4, "billing": 1})
    ('billing',)
    """
    return tuple(name for name, rating in required.items() if have.get(name, 0) < rating)


def closeness(required: Ratings, have: Ratings, book: SkillBook = NO_BOOK) -> tuple[int, int, int, int]:
    """Return the sort key of closest match; the smallest is the closest (SKL-3).

    First how many required skills are absent, then how many skills there are beyond them, then how far the
    ratings fall short and how far they exceed. Four skills required: agents with four come first, then five,
    then three.

    >>> sorted([{"a": 1}, {"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1}],
    ...        key=lambda have: closeness({"a": 1, "b": 1}, have))
    [{'a': 1, 'b': 1}, {'a': 1, 'b': 1, 'c': 1}, {'a': 1}]
    """
    have = book.considered(have)
    held = sum(name in have for name in required)
    short, excess = nearest(required, have, book)
    return (len(required) - held, len(have) - held, short, excess)


def nearest(required: Ratings, have: Ratings, book: SkillBook = NO_BOOK) -> tuple[int, int]:
    """Return the sort key of *nearest proficiency*: first what is lacking, then what is too much (SKL-5)."""
    short = excess = 0
    for name, rating in required.items():
        gap = book.get(name).model.share(have.get(name, 0) - rating)
        short, excess = short - min(gap, 0), excess + max(gap, 0)
    return short, excess


def most(required: Ratings, have: Ratings, book: SkillBook = NO_BOOK) -> int:
    """Return the sort key of *most proficient*: the higher the ratings of required skills, the smaller (SKL-5)."""
    return -sum(book.get(name).model.share(have.get(name, 0)) for name in required)


def count(required: Ratings, have: Ratings) -> int:
    """Return the sort key of *skill count*: the more of the required skills, the smaller (SKL-5)."""
    return -sum(name in have for name in required)


@attrs.frozen
class Requirement:
    """What an item needs beyond units: skills with ratings, and capacity profiles (CAP-4)."""

    skills: tuple[tuple[str, int], ...] = ()
    """Required ratings in order of the skills' names."""
    profiles: tuple[str, ...] = ()
    """Capacity profiles; there must be room in all of them. The workstream's own comes first."""

    @classmethod
    def of(cls, skills: Ratings | None = None, profiles: Iterable[str] = ()) -> Requirement:
        """Return the requirement of these *skills* and *profiles*.

        >>> Requirement.of({"es": 3, "billing": 2}).skills
        (('billing', 2), ('es', 3))
        """
        return cls(tuple(sorted((skills or {}).items())), tuple(dict.fromkeys(profiles)))

    @property
    def ratings(self) -> dict[str, int]:
        """The required ratings by skill."""
        return dict(self.skills)

    def adding(self, skills: Ratings, profiles: Iterable[str] = ()) -> Requirement:
        """Return the requirement with more *skills* and *profiles*; nothing is replaced or lowered (CLS-8).

        >>> Requirement.of({"es": 3}).adding({"es": 1, "tax": 2}).ratings
        {'es': 3, 'tax': 2}
        """
        known = self.ratings
        more = {name: max(rating, known.get(name, 0)) for name, rating in skills.items()}
        return Requirement.of({**known, **more}, (*self.profiles, *profiles))

    def without(self, names: Iterable[str]) -> Requirement:
        """Return the requirement without these skills, which an agent took off it (SKL-9)."""
        gone = frozenset(names)
        kept = {name: rating for name, rating in self.skills if name not in gone}
        return Requirement.of(kept, self.profiles)


NO_NEEDS = Requirement()
"""Anybody can do it."""
