"""How long `config check` takes for a large channel: 50 numbers, 200 templates, 1,000 rules in one YAML file.

python benchmarks/bench_config.py
"""

from __future__ import annotations

import time

from wa_omnichannel.settings import read_text

NUMBERS, TEMPLATES, RULES = 50, 200, 1000
LIMIT = 2.0
"""Seconds it may take."""


def settings() -> str:
    lines = ["numbers:"]
    lines += [f"  - {{number: +1415555{n:04}, name: Shop {n}, workstream: main, language: es}}" for n in range(NUMBERS)]
    lines += ["workstreams:", "  - name: main", "    fallback_queue: queue0", "    rulesets:"]
    for ruleset in range(8):
        lines += [f"      - name: set{ruleset}", "        rules:"]
        for n in range(RULES * 8 // 10 // 8):
            lines += [
                f"          - name: rule {n}",
                "            when:",
                "              all:",
                f"                - {{attribute: first_message, contains: word{n}}}",
                "                - {attribute: language, equals: es}",
                f"            sets: {{subject{ruleset}: topic{n}}}",
            ]
    lines += ["    routes:"]
    for n in range(RULES * 2 // 10):
        lines += [f"      - {{name: to {n}, queue: queue{n % 20}, when: {{attribute: subject0, equals: topic{n}}}}}"]
    lines += ["queues:", *(f"  - {{name: queue{n}, priority: {n + 1}}}" for n in range(20)), "templates:"]
    for n in range(TEMPLATES):
        lines += [
            f"  - name: order_{n}",
            "    default_language: es",
            "    variables: {1: {sample: Ana}, 2: {sample: A-100}}",
            "    translations:",
            '      es: {body: "Hola {{1}}, su pedido {{2}} ya está listo para recoger en la tienda."}',
            '      en: {body: "Hello {{1}}, your order {{2}} is ready to be collected in the shop."}',
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    text = settings()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        reading = read_text(text)
        times.append(time.perf_counter() - start)
    assert reading.settings is not None, reading.errors[:3]
    print(f"{len(text.splitlines())} lines: first {times[0]:.2f} s, best {min(times):.2f} s (limit {LIMIT} s)")


if __name__ == "__main__":
    main()
