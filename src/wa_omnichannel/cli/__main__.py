"""``python -m wa_omnichannel.cli``."""

from __future__ import annotations

import sys

from wa_omnichannel.cli import main

sys.exit(main())
