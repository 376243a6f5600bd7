"""Small fitted estimators, and files changed as by somebody who knows the format."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from sknn_tips import MLPClassifier
from sknn_tips.persistence.archive import read_archive, write_archive

pytest.importorskip("safetensors")


@pytest.fixture(scope="session")
def iris():
    """150 flowers, standardised; the labels are words."""
    X, y = load_iris(return_X_y=True)
    return X / X.std(axis=0), np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.fixture
def clf(iris):
    """A fitted classifier with norms, dropout and Adam's moments."""
    options = {
        "dropout": 0.2,
        "batchnorm": True,
        "layernorm": True,
        "input_scaling": True,
        "random_state": 0,
    }
    return MLPClassifier((6, 5), max_iter=3, tol=None, **options).fit(*iris)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.safetensors"


@pytest.fixture
def tamper(path):
    """Change the document or the tensors of a file, and make its checksum right again."""

    def change(edit, kind="model"):
        document, tensors = read_archive(path, kind)
        edit(document, tensors)
        write_archive(path, kind, document, tensors)

    return change
