"""Many conditions compiled into one index, so that looking them up costs little more than looking up one.

The index is a discrimination tree. Tests for equality (``equals``, ``in``) that must hold for a condition
lead down it, by one look-up each; what else a condition demands is tested at the end of its path. An item
meets only the conditions whose equalities it fulfils, instead of all of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from operator import itemgetter
from typing import TypeAlias

import attrs

from wa_omnichannel.conditions.operators import Predicate, several
from wa_omnichannel.conditions.tree import AnyOf, Condition, Test, conjunction, conjuncts
from wa_omnichannel.conditions.values import View, view_key

MAX_ENTRIES = 128
"""Most places that one condition takes in the index; further equalities are tested like any other test."""

_Entry: TypeAlias = tuple[int, Predicate | None]
_Path: TypeAlias = tuple[tuple[object, tuple[object, ...]], ...]

_COSTS = {"contains": 1, "begins": 1, "ends": 1, "matches": 9}
_BY_NUMBER = itemgetter(0)


@attrs.define(eq=False)
class _Node:
    """A point of the tree: conditions that end here, and where each attribute's value leads."""

    entries: list[_Entry] = attrs.Factory(list[_Entry])
    tables: dict[object, dict[object, _Node]] = attrs.Factory(dict[object, "dict[object, _Node]"])
    lowest: int = 0
    """No condition at or below this node has a smaller number."""

    def copy(self) -> _Node:
        tables = {key: dict(table) for key, table in self.tables.items()}
        return _Node(list(self.entries), tables, self.lowest)

    @property
    def is_empty(self) -> bool:
        return not self.entries and not self.tables


def _equality(condition: Condition) -> tuple[object, tuple[object, ...]] | None:
    """Return the key and values of a test that can lead down the tree."""
    if not isinstance(condition, Test) or condition.operator not in ("equals", "in"):
        return None
    values = dict.fromkeys(several(condition.value, condition.case))
    return view_key(condition.attribute, condition.case), tuple(values)


def _branches(condition: Condition) -> tuple[tuple[Condition, ...], ...]:
    """Return lists of parts; the condition holds if every part of one list holds."""
    if isinstance(condition, AnyOf):
        branches = tuple(tuple(conjuncts(part)) for part in condition.parts)
        if all(any(_equality(part) for part in branch) for branch in branches):
            return branches
    return (tuple(conjuncts(condition)),)


def _cost(condition: Condition) -> int:
    return _COSTS.get(condition.operator, 0) if isinstance(condition, Test) else 3


@attrs.frozen(eq=False)
class RuleIndex:
    """Conditions by number, in order, ready to be looked up.

    >>> from wa_omnichannel.conditions.tree import where
    >>> index = RuleIndex.of([where("topic").equals("bills"), where("vip").equals(True)])
    >>> index.first(View({"topic": "news", "vip": True}))
    1
    """

    conditions: tuple[Condition, ...]
    _root: _Node
    _scores: Counter[object]
    """How many different values each attribute is compared with: the better ones come first on a path."""

    @classmethod
    def of(cls, conditions: Iterable[Condition]) -> RuleIndex:
        """Compile *conditions*; their numbers are their places in the order given, from 0."""
        known = tuple(conditions)
        split = [_branches(condition) for condition in known]
        index = cls(known, _Node(), _scores(split))
        for number, branches in enumerate(split):
            for branch in branches:
                path, entry = index._placed(number, branch)
                _insert(index._root, path, entry)
        return index

    def __reduce__(self) -> tuple[object, ...]:
        return RuleIndex.of, (self.conditions,)

    def first(self, view: View) -> int | None:
        """Return the number of the first condition that holds, or None."""
        best = missing = len(self.conditions)
        nodes = [self._root]
        for node in nodes:
            for number, holds in node.entries:
                if number >= best:
                    break
                if holds is None or holds(view):
                    best = number
                    break
            for key, table in node.tables.items():
                child = table.get(view[key])
                if child is not None and child.lowest < best:
                    nodes.append(child)
        return best if best < missing else None

    def every(self, view: View) -> tuple[int, ...]:
        """Return the numbers of all conditions that hold, in order."""
        entries = (entry for node in self._reached(view) for entry in node.entries)
        return tuple(sorted({number for number, holds in entries if holds is None or holds(view)}))

    def candidates(self, view: View) -> tuple[int, ...]:
        """Return the numbers of the conditions whose equalities hold, whatever else they demand."""
        return tuple(sorted({number for node in self._reached(view) for number, _ in node.entries}))

    def _reached(self, view: View) -> list[_Node]:
        nodes = [self._root]
        for node in nodes:
            found = (table.get(view[key]) for key, table in node.tables.items())
            nodes += [child for child in found if child is not None]
        return nodes

    def replace(self, number: int, condition: Condition) -> RuleIndex:
        """Return an index with another condition in place of one; everything else is shared, not rebuilt."""
        conditions = (*self.conditions[:number], condition, *self.conditions[number + 1 :])
        index = RuleIndex(conditions, self._root.copy(), self._scores)
        for branch in _branches(self.conditions[number]):
            _remove(index._root, self._placed(number, branch)[0], number)
        for branch in _branches(condition):
            path, entry = self._placed(number, branch)
            _insert(index._root, path, entry, shared=True)
        return index

    def _placed(self, number: int, branch: tuple[Condition, ...]) -> tuple[_Path, _Entry]:
        """Return the way of a branch down the tree, and what is tested at its end."""
        found = [(part, _equality(part)) for part in branch]
        keyed = [(part, equality) for part, equality in found if equality is not None]
        keyed.sort(key=lambda pair: (-self._scores[pair[1][0]], str(pair[1][0])))
        path: dict[object, tuple[object, ...]] = {}
        entries, used = 1, set[int]()
        for part, (key, values) in keyed:
            if key not in path and entries * len(values) <= MAX_ENTRIES:
                path[key], entries = values, entries * len(values)
                used.add(id(part))
        rest = sorted((part for part in branch if id(part) not in used), key=_cost)
        return tuple(path.items()), (number, conjunction(tuple(rest)) if rest else None)


def _scores(split: list[tuple[tuple[Condition, ...], ...]]) -> Counter[object]:
    values: dict[object, set[object]] = {}
    for branches in split:
        for branch in branches:
            for equality in filter(None, map(_equality, branch)):
                values.setdefault(equality[0], set()).update(equality[1])
    return Counter({key: len(found) for key, found in values.items()})


def _insert(node: _Node, path: _Path, entry: _Entry, *, shared: bool = False) -> None:
    """Put *entry* at the end of *path*. Nodes below are shared with another index: copy before a change."""
    number = entry[0]
    node.lowest = min(node.lowest, number)
    if not path:
        node.entries.insert(bisect_left(node.entries, number, key=_BY_NUMBER), entry)
        return
    (key, values), rest = path[0], path[1:]
    table = node.tables.setdefault(key, {})
    for value in values:
        child = table.get(value)
        if child is None:
            child = table[value] = _Node(lowest=number)
        elif shared:
            child = table[value] = child.copy()
        _insert(child, rest, entry, shared=shared)


def _remove(node: _Node, path: _Path, number: int) -> None:
    """Take every entry of *number* off the end of *path*, in copies of the nodes on the way."""
    if not path:
        node.entries = [entry for entry in node.entries if entry[0] != number]
        return
    (key, values), rest = path[0], path[1:]
    table = node.tables.get(key, {})
    for value in values:
        child = table.get(value)
        if child is None:  # another branch of the condition led here too
            continue
        child = table[value] = child.copy()
        _remove(child, rest, number)
        if child.is_empty:
            del table[value]
    if not table:
        node.tables.pop(key, None)
