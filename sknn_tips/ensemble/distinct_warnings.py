"""Members that go wrong in the same way warn about it once."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def distinct_warnings() -> Iterator[None]:
    """Show every warning of one category and text once; filters act as always.

    Worker processes have their own: what they show does not pass here.
    """
    seen = set()
    with warnings.catch_warnings():
        show = warnings.showwarning

        def show_once(message: Any, category: type[Warning], *args: Any, **options: Any) -> None:
            if (category, str(message)) not in seen:
                seen.add((category, str(message)))
                show(message, category, *args, **options)

        warnings.showwarning = show_once
        yield
