"""``wa-omnichannel worker --store URL --app MODULE:FUNCTION``: work on what is due until told to stop."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

from wa_omnichannel.errors import ConfigurationError, InvalidValue

if TYPE_CHECKING:
    from wa_omnichannel.omnichannel import Omnichannel
    from wa_omnichannel.ports import Store
    from wa_omnichannel.worker import Worker

HELP = "work on what is due: sends, timers, files, assignment; SIGTERM ends it after the work in hand"

_log = logging.getLogger("wa_omnichannel")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments to the command line."""
    parser.add_argument("--store", required=True, metavar="URL", help="sqlite:///path or postgresql://…")
    parser.add_argument(
        "--app", required=True, metavar="MODULE:FUNCTION", help="called with the store, returns the Omnichannel"
    )
    parser.add_argument("--concurrency", type=int, default=1, metavar="N", help="how many threads work (1)")
    parser.add_argument("--every", type=float, default=1.0, metavar="SECONDS", help="longest pause (1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; any number of processes may do so on one database."""
    from wa_omnichannel.stores import open_store
    from wa_omnichannel.worker import Worker

    if arguments.concurrency < 1 or arguments.every <= 0:
        raise InvalidValue("concurrency", str(arguments.concurrency), "Use at least one thread, and a pause above 0.")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    make = application(arguments.app)
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with open_store(arguments.store) as store, contextlib.ExitStack() as stack:
        channel = make(store)
        pause = timedelta(seconds=arguments.every)
        workers = [stack.enter_context(Worker(channel, pause)) for _ in range(arguments.concurrency)]
        stack.enter_context(_heard(store, workers))
        _log.info("working with %d threads", len(workers))
        stopped.wait()
        _log.info("stopping after the work in hand")
        for worker in workers:
            worker.finish()
    return 0


def application(name: str) -> Callable[[Store], Omnichannel]:
    """Return the function that *name* stands for, as ``my_shop.channel:make`` does.

    Raises:
        ConfigurationError: There is no such module or function.
    """
    module, _, attribute = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")  # as python -m does: what lies in the current folder can be named
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(f"There is no {name} ({error}). Write --app my_module:function.") from error
    if not callable(found):
        raise ConfigurationError(f"{name} is no function; it is called with the store and returns an Omnichannel.")
    return found  # type: ignore[no-any-return]


def _heard(store: Store, workers: list[Worker]) -> contextlib.AbstractContextManager[object]:
    """Wake the workers when the store says that there is work, if it can."""
    listening = getattr(store, "listening", None)
    if listening is None:
        return contextlib.nullcontext()

    def wake() -> None:
        for worker in workers:
            worker.wake()

    return listening(wake)  # type: ignore[no-any-return]
