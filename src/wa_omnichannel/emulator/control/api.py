"""placeholder"""

from starlette.routing import BaseRoute


def control_routes(emulator: object) -> list[BaseRoute]:
    """Nothing yet."""
    return []
