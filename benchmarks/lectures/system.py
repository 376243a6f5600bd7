"""What an experiment is, and what many of them share."""

from typing import Any, NamedTuple

DECKS = {
    "D0": "Week3: Neural Network, Techniques, Fashion MNIST Classifier",
    "D1": "DNN (Deep Neural Net)",
    "D2": "Neural networks",
    "D3": "12. Softmax Classification",
    "D4": "Keras Application & Tips",
}


class System(NamedTuple):
    """One row of the decks, or our own recipe for the same net.

    Attributes
    ----------
    id : str
        The row's name; ``A9`` stands for ``A9.1``, ``A9.2`` and so on.
    deck : str
        One or two keys of `DECKS`.
    what : str
    data : str
        Key of `data.DATA`.
    params : dict
        Of MLPClassifier; of MLPRegressor where the target is real.
    figures : dict of str to (float or None)
        By names of `measures.MEASURES`, what the deck shows; None where it shows nothing.
    example : str
        The script in ``examples/`` that has this estimator.
    seeds : int
    validated : bool
        Whether the test rows are the validation set, as in the deck.
    note : str
        What to know when comparing.
    """

    id: str
    deck: str
    what: str
    data: str
    params: dict[str, Any]
    figures: dict[str, float | None]
    example: str
    seeds: int = 5
    validated: bool = False
    note: str = ""


# The decks penalise nothing unless they say so, and train for a number of epochs.
PLAIN = {"alpha": 0, "tol": None}
PLAIN_SGD = {**PLAIN, "optimizer": "sgd", "momentum": 0}
MOMENTUM = {**PLAIN, "optimizer": "momentum"}
ADAM = {**PLAIN, "optimizer": "adam", "learning_rate_init": 0.001}
KERAS = {**ADAM, "init": "glorot_uniform"}  # Keras's default start: biases are 0
LINEAR = {"hidden_layer_sizes": ()}
RANDOM = {"init": "normal", "init_params": {"std": 1.0}}  # W from N(0, 1)
# W and b from N(0, 1)
DRAWN = {"init": "normal", "init_params": {"std": 1.0, "draw_biases": True}}
