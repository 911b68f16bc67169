"""Where two campaigns differ, in words."""

import json
from collections.abc import Iterable, Iterator
from os.path import commonprefix
from typing import Any

__all__ = ['as_json', 'differences', 'shown']

SHOWN = 5


def as_json(value: Any) -> Any:
    """Return a value as it comes back from JSON."""
    return json.loads(json.dumps(value))


def differences(there: Any, here: Any, names: Iterable[str]) -> Iterator[str]:
    """Yield where attributes of these names differ.

    A seed that is not set differs from none.
    """
    for name in names:
        x, y = (as_json(getattr(campaign, name)) for campaign in (there, here))
        if not (name == 'seed' and y is None):
            yield from _compare(name.removeprefix('recipe'), x, y)


def shown(every: Iterable[str]) -> str:
    """Return the first differences, and how many more there are.

    Examples
    --------
    >>> shown(['seed=1'] * 5 + ['chain=1'] * 2)
    'seed=1, seed=1, seed=1, seed=1, seed=1, and 2 more'
    """
    listed = list(every)
    more = [f'and {len(listed) - SHOWN} more'] if len(listed) > SHOWN else []
    return ', '.join(listed[:SHOWN] + more)


def _compare(name: str, there: Any, here: Any) -> Iterator[str]:
    there, here = _by_key(there), _by_key(here)
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted({*there, *here}):
            inner = f'{name}.{key}'.lstrip('.')
            yield from _compare(inner, there.get(key), here.get(key))
    elif there != here:
        x, y = ('not set' if z is None else repr(z) for z in (there, here))
        begin = max(0, len(commonprefix([x, y])) - 10)
        yield f'{name}={_short(x, begin)} (now {_short(y, begin)})'


def _by_key(value: Any) -> Any:
    """Return a list of dictionaries as one by their places; all else as it is."""
    if isinstance(value, list) and value and all(isinstance(x, dict) for x in value):
        return dict(enumerate(value))
    return value


def _short(text: str, begin: int) -> str:
    """Return a text, shortened to the part where it differs."""
    return text if len(text) <= 60 else f'...{text[begin : begin + 50]}...'
