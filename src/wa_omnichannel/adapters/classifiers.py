"""Classifiers: by keywords, and by a model that learns from examples (extra ``ml``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from wa_omnichannel.conditions import Predicate, View, where
from wa_omnichannel.errors import ConfigurationError, InvalidValue, MissingExtra
from wa_omnichannel.routing import Prediction


class KeywordClassifier:
    """Finds words in a text; capitals and accents do not matter.

    The confidence is the share of the words found that belong to the label, so that two labels with a word each
    have a half.

    Args:
        keywords: Words or phrases by label.
        name: The attribute that gets the label.
        skills: Whether labels are skills; then each gets the rating 1.

    Raises:
        InvalidValue: A label has no keywords, or an empty one.

    >>> model = KeywordClassifier({"bills": ["factura", "recibo"], "orders": ["pedido"]})
    >>> model.predict("¿Dónde está la FACTURA de mi pedido?")[0]
    Prediction(name='intent', value='bills', confidence=0.5, is_skill=False)
    """

    def __init__(self, keywords: Mapping[str, Iterable[str]], name: str = "intent", *, skills: bool = False) -> None:
        self._name, self._skills = name, skills
        self._tests = {label: _tests(label, words) for label, words in keywords.items()}

    def predict(self, text: str) -> Sequence[Prediction]:
        """Return the label with the most words, or every label if labels are skills; none without a word."""
        view = View({"text": text})
        counts = {label: sum(test(view) for test in tests) for label, tests in self._tests.items()}
        found = sum(counts.values())
        ranked = sorted(((label, n / found) for label, n in counts.items() if n), key=lambda pair: -pair[1])
        return _predictions(ranked, self._name, skills=self._skills)


def _tests(label: str, words: Iterable[str]) -> tuple[Predicate, ...]:
    tests = tuple(where("text").loose.contains(word).predicate() for word in words)
    if not tests:
        raise InvalidValue("keywords", label, "Give every label at least one word.")
    return tests


def _predictions(ranked: Sequence[tuple[str, float]], name: str, *, skills: bool) -> tuple[Prediction, ...]:
    if skills:
        return tuple(Prediction(label, 1, confidence, is_skill=True) for label, confidence in ranked)
    return tuple(Prediction(name, label, confidence) for label, confidence in ranked[:1])


class LearnedClassifier:
    """Learns from examples: pieces of words, and a logistic regression over them (scikit-learn).

    Args:
        examples: Texts, each with its label; two labels or more.
        name: The attribute that gets the label.
        skills: Whether labels are skills; then each one not below ``least`` gets the rating 1.
        least: Least confidence at which a label is mentioned at all.

    Raises:
        MissingExtra: scikit-learn is not installed.
        ConfigurationError: The examples have fewer than two labels.
    """

    def __init__(
        self, examples: Iterable[tuple[str, str]], name: str = "intent", *, skills: bool = False, least: float = 0.2
    ) -> None:
        self._name, self._skills, self._least = name, skills, least
        pairs = tuple(examples)
        if len({label for _, label in pairs}) < 2:
            raise ConfigurationError("A classifier learns from examples of two labels or more; add some.")
        self._model: Any = _pipeline().fit([text for text, _ in pairs], [label for _, label in pairs])

    def predict(self, text: str) -> Sequence[Prediction]:
        """Return the likeliest label, or every likely one if labels are skills."""
        chances = self._model.predict_proba([text])[0]
        pairs = sorted(zip(self._model.classes_, map(float, chances), strict=True), key=lambda pair: -pair[1])
        ranked = [(str(label), min(chance, 1.0)) for label, chance in pairs if chance >= self._least]
        return _predictions(ranked, self._name, skills=self._skills)


def _pipeline() -> Any:
    try:
        text: Any = import_module("sklearn.feature_extraction.text")
        linear: Any = import_module("sklearn.linear_model")
        pipeline: Any = import_module("sklearn.pipeline")
    except ImportError as error:
        raise MissingExtra.of("scikit-learn", "ml") from error
    pieces = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), strip_accents="unicode", sublinear_tf=True)
    return pipeline.make_pipeline(pieces, linear.LogisticRegression(C=10.0, max_iter=1000))
