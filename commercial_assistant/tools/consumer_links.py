"""Addresses that no letter or page to a consumer shows any more."""

import re

# The European platform for online dispute resolution closed on 20 July 2025 (Regulation (EU) 2024/3228).
_CLOSED_PLATFORM = re.compile(
    r"(?:webgate\.)?ec\.europa\.eu(?:/|%2f)+(?:consumers(?:/|%2f)+)?odr(?![\w-])", re.IGNORECASE
)


def has_closed_platform(text: str | None) -> bool:
    """Tell whether a text leads consumers to the European platform for disputes that was closed.

    >>> has_closed_platform("See https://ec.europa.eu/consumers/odr/")
    True
    >>> has_closed_platform("See https://ec.europa.eu/info/")
    False
    """
    return bool(text and _CLOSED_PLATFORM.search(text))
