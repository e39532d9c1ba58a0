"""Timing for the benchmarks: cases interleaved in one run, CPU time, medians, ratios to a floor.

Absolute times of two runs say nothing about each other on a busy machine; ratios inside one run do.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

Case = Callable[[int], object]
"""Does its work *n* times."""


def measure(cases: Mapping[str, Case], n: int, rounds: int = 9) -> dict[str, float]:
    """Return the median CPU seconds per operation of each case; the order rotates from round to round."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    names = list(cases)
    for name in names:
        cases[name](max(1, n // 10))
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            gc.collect()  # what earlier cases left is not this one's
            began = time.process_time()
            cases[name](n)
            taken[name].append((time.process_time() - began) / n)
    return {name: statistics.median(times) for name, times in taken.items()}


def report(title: str, medians: Mapping[str, float], floor: str) -> None:
    """Print one line per case: microseconds, and the ratio to the floor."""
    print(title)
    for name, seconds in medians.items():
        print(f"  {name:<44} {seconds * 1e6:9.2f} us  {seconds / medians[floor]:6.2f} x floor")
