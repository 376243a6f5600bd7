"""The description of an experiment, and parameters that several experiments share."""

from typing import Any, NamedTuple

DECKS = {
    "D0": "Week3: Neural Network, Techniques, Fashion MNIST Classifier",
    "D1": "DNN (Deep Neural Net)",
    "D2": "Neural networks",
    "D3": "12. Softmax Classification",
    "D4": "Keras Application & Tips",
}


class System(NamedTuple):
    """An experiment of the decks, or the same network with our settings.

    Attributes
    ----------
    id : str
        Name of the experiment. ``A9`` selects ``A9.1``, ``A9.2`` and so on.
    deck : str
        One or two keys of `DECKS`.
    what : str
        Description.
    data : str
        Key of `data.DATA`.
    params : dict
        Parameters of MLPClassifier, or of MLPRegressor for a real-valued target.
    figures : dict of str to (float or None)
        Results in the deck, by names of `measures.MEASURES`; None if the deck has no result.
    example : str
        The script in ``examples/`` that trains this model.
    seeds : int
        Number of seeds.
    validated : bool
        Whether the test samples are the validation set, as in the deck.
    note : str
        Note on the comparison.
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


# The decks use no penalty unless stated otherwise, and train for a fixed number of epochs.
PLAIN = {"alpha": 0, "tol": None}
PLAIN_SGD = {**PLAIN, "optimizer": "sgd", "momentum": 0}
MOMENTUM = {**PLAIN, "optimizer": "momentum"}
ADAM = {**PLAIN, "optimizer": "adam", "learning_rate_init": 0.001}
KERAS = {**ADAM, "init": "glorot_uniform"}  # Keras's default: biases are 0
LINEAR = {"hidden_layer_sizes": ()}
RANDOM = {"init": "normal", "init_params": {"std": 1.0}}  # W from N(0, 1)
# W and b from N(0, 1)
DRAWN = {"init": "normal", "init_params": {"std": 1.0, "draw_biases": True}}
