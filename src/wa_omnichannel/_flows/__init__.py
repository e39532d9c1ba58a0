"""Use cases as generators that yield typed steps; the drivers carry the steps out in either colour.

A flow holds all orchestration of one use case: what is loaded, decided, committed and sent, in which order,
and what happens on a conflict. It does no input or output itself, so a test can feed it by hand and inject
a fault at every step.
"""
