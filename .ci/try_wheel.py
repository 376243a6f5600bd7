"""Test an installed wheel: the compiled part can be imported, and a small network learns."""

import numpy as np

from sknn_tips import MLPClassifier
from sknn_tips.ops import _native

rng = np.random.default_rng(0)
X = rng.standard_normal((200, 4), dtype=np.float32)
y = (X[:, 0] > X[:, 1]).astype(int)
model = MLPClassifier(16, learning_rate_init=0.01, max_iter=30, random_state=0).fit(X, y)
score = model.score(X, y)
print(_native.__file__, _native.instruction_sets(), score)
assert score > 0.9
