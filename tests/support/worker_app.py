"""What ``wa-omnichannel worker --app tests.support.worker_app:make_channel`` works for."""

import os
from pathlib import Path

from tests.support.serving import make

from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import Store


def make_channel(store: Store) -> Omnichannel:
    """Return the channel over the provider in the file that ``LEDGER`` names."""
    return make(store, Path(os.environ["LEDGER"]))
