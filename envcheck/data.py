"""Where the data that is shipped beside the code lies: `rules` and `reports`."""

from __future__ import annotations

import os

from envcheck.errors import EnvcheckError

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def folder(name: str) -> str:
    """Return the path of a shipped folder: `envcheck/_<name>` of a wheel, else `<name>` of the checkout.

    Raises EnvcheckError where neither is there.
    """
    for place in (os.path.join(_PACKAGE, f"_{name}"), os.path.join(os.path.dirname(_PACKAGE), name)):
        if os.path.isdir(place):
            return place
    raise EnvcheckError(
        f"the data folder {name!r} is missing", where=_PACKAGE, hint="install envcheck-ml again, from a complete wheel"
    )


def read(name: str, *path: str) -> str:
    """Return a shipped text file, its line ends as a plain newline; raises EnvcheckError where it cannot be read."""
    place = os.path.join(folder(name), *path)
    try:
        with open(place, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        reason = f"cannot read shipped data: {error.strerror}"
        raise EnvcheckError(reason, where=place, hint="install envcheck-ml again, from a complete wheel") from error
