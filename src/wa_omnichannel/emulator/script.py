"""Fault scripts: a seed and the faults to come, as YAML or JSON, so that a bad day can be replayed.

Each fault says to which ``event`` it happens and what it does (``do``), with the arguments of the method of ``Faults``
that it stands for::

    seed: 7
    faults:
      - {event: delivered, do: drop, share: 0.1}
      - {event: sent, do: delay, seconds: 0.2, times: 3}
      - {event: POST, do: fail, status: 503, processed: true}
      - {event: send, do: refuse, code: 63049, share: 0.05}
      - {event: media, do: hide, times: 2}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from wa_omnichannel.emulator.state.faults import Faults

Fault = Mapping[str, Any]

# What a fault does: the method, and under which name it takes the event (blank: not at all).
_DEEDS: dict[str, tuple[Callable[..., None], str]] = {
    "drop": (Faults.drop, "status"),
    "duplicate": (Faults.duplicate, "status"),
    "delay": (Faults.delay, "status"),
    "reorder": (Faults.reorder, "status"),
    "fail": (Faults.fail_next, "method"),
    "slow": (Faults.slow_next, "method"),
    "disconnect": (Faults.disconnect_next, "method"),
    "hide": (Faults.hide_media, ""),
    "refuse": (Faults.refuse_next, ""),
}


def read_script(path: str | Path) -> Mapping[str, Any]:
    """Return the script in a file; ``.json`` needs no further package, all else is read as YAML.

    Raises:
        ImportError: If PyYAML is missing.
        ValueError: If the file holds no script.
    """
    file = Path(path)
    text = file.read_text(encoding="utf-8")
    script: object = json.loads(text) if file.suffix == ".json" else _from_yaml(text)
    if not isinstance(script, dict):
        raise ValueError(f"{file} holds no fault script")  # noqa: TRY004 - the file is wrong, not the caller's type
    return cast("Mapping[str, Any]", script)


def apply_script(faults: Faults, script: Mapping[str, Any]) -> None:
    """Order every fault of a script; its seed, if it has one, decides about shares from now on.

    Raises:
        ValueError: If a fault does something unknown or lacks an argument.

    >>> faults = Faults()
    >>> apply_script(faults, {"faults": [{"event": "sent", "do": "drop"}]})
    >>> faults.take_callback("sent").copies
    0
    """
    if script.get("seed") is not None:
        faults.seed = int(script["seed"])
    for fault in script.get("faults") or ():
        _order(faults, fault)


def _order(faults: Faults, fault: Fault) -> None:
    deed, event = str(fault.get("do")), fault.get("event")
    if deed not in _DEEDS:
        raise ValueError(f"a fault must do one of {', '.join(_DEEDS)}, not {deed!r}")
    method, name = _DEEDS[deed]
    arguments = {key: value for key, value in fault.items() if key not in {"event", "do"}}
    try:
        method(faults, **arguments, **({name: event} if name else {}))
    except TypeError as failure:
        raise ValueError(f"the fault {dict(fault)} cannot be read: {failure}") from failure


def _from_yaml(text: str) -> object:
    try:
        import yaml
    except ImportError as missing:
        raise ImportError("fault scripts in YAML need PyYAML: pip install 'wa-omnichannel[yaml]'") from missing
    return yaml.safe_load(text)
