"""The sample files, for the tests of attachments."""

from collections.abc import Mapping

import pytest

from wa_omnichannel.testing.files import DANGEROUS, SAMPLES


@pytest.fixture(scope="session")
def golden() -> Mapping[str, tuple[str, bytes]]:
    """Return a real small file of every type that WhatsApp carries, with its type."""
    return SAMPLES


@pytest.fixture(scope="session")
def dangerous() -> Mapping[str, tuple[str, bytes]]:
    """Return files that no customer or agent should get, with what they are."""
    return DANGEROUS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``kind, data`` of every golden or dangerous file to the tests that ask for one."""
    for argument, files in (("golden_file", SAMPLES), ("dangerous_file", DANGEROUS)):
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, list(files.values()), ids=list(files))
