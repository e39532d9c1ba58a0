"""Run the emulator by hand: ``python -m wa_omnichannel.emulator --port 8010``."""

from __future__ import annotations

from wa_omnichannel.emulator.running import main

if __name__ == "__main__":
    main()
