"""Does your store, blob store or transport keep its promises? Run these checks on it.

Every check is one obligation of a port (:class:`~wa_omnichannel.ports.Store`,
:class:`~wa_omnichannel.ports.BlobStore`), written once for both colours::

    from contextlib import nullcontext
    from wa_omnichannel.testing.conformance import CHECKS, check_blobs, check_store, run_check

    check_store(lambda: nullcontext(MyStore()))                    # all of them; raises at the first that fails
    check_blobs(lambda: nullcontext(MyBlobs()))

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_my_store(check):                                      # or one test for each
        run_check(check, lambda: nullcontext(MyStore()))

*make* returns a context manager, because a store usually has something to close. Each check gets an empty
store of its own. Nothing but the library is needed; for coroutines use :func:`check_async_store`,
:func:`check_async_blobs`, :func:`arun_check` and :func:`arun_blob_check`.

A transport is checked at work: :func:`check_transport` wants a :class:`Bench` with the transport and a double of
its provider that can be told to fail.
"""

from __future__ import annotations

from wa_omnichannel.testing.conformance._bench import AsyncBench, Bench, Fault, Provider, SharedFile
from wa_omnichannel.testing.conformance._run import (
    BLOB_CHECKS,
    CHECKS,
    arun_blob_check,
    arun_check,
    check_async_blobs,
    check_async_store,
    check_blobs,
    check_store,
    run_blob_check,
    run_check,
)
from wa_omnichannel.testing.conformance._run_transports import (
    TRANSPORT_CHECKS,
    TransportCheck,
    arun_transport_check,
    check_async_transport,
    check_transport,
    run_transport_check,
)
from wa_omnichannel.testing.conformance._steps import Check, ConformanceError

__all__ = [
    "BLOB_CHECKS",
    "CHECKS",
    "TRANSPORT_CHECKS",
    "AsyncBench",
    "Bench",
    "Check",
    "ConformanceError",
    "Fault",
    "Provider",
    "SharedFile",
    "TransportCheck",
    "arun_blob_check",
    "arun_check",
    "arun_transport_check",
    "check_async_blobs",
    "check_async_store",
    "check_async_transport",
    "check_blobs",
    "check_store",
    "check_transport",
    "run_blob_check",
    "run_check",
    "run_transport_check",
]
