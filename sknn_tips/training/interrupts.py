"""Whether a Ctrl-C may end a fit quietly, or belongs to somebody above it."""

import sys
from types import FrameType

# Callers that run one fit for the user. Under anything else of scikit-learn or joblib (a search,
# cross-validation, an ensemble) the interrupt is theirs: swallowed here, the search would go on.
_DIRECT = (
    "sklearn.base",
    "sklearn.compose",
    "sklearn.pipeline",
    "sklearn.utils",
)


def called_directly() -> bool:
    """Look at the call stack: True when no search, ensemble or worker runs this fit."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("joblib."):
            return False
        if module.startswith("sklearn.") and not module.startswith(_DIRECT):
            return False
        frame = frame.f_back
    return True
