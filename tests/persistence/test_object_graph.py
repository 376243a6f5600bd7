from functools import partial

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.persistence.object_graph import parts_of, replaced


def test_every_object_is_yielded_once_with_the_expression_that_leads_to_it():
    net, rows = MLPClassifier(optimizer_params={"rho": [0.9]}), np.array([None, {"a": 3.5}])
    step = FunctionTransformer(partial(np.clip, a_max=rows))
    model = make_pipeline(StandardScaler(), step, net, memory=None)
    models = [model, model]
    found = list(parts_of(models))
    assert found[0][0] == "model"
    assert len({id(part) for _, part in found}) == len(found)
    for where, part in found:
        assert eval(where, {"model": models}) is part, where
    assert {id(step), id(net), id(rows), id(rows[1])} <= {id(part) for _, part in found}
    assert not any("optimizer_params" in where for where, _ in found)  # a network is one part


def test_a_model_that_holds_itself_ends():
    model = StandardScaler()
    model.again_ = [model]
    assert [where for where, part in parts_of(model) if part is model] == ["model"]


def test_a_copy_with_other_parts():
    values, net = np.zeros(3), MLPClassifier()
    model = make_pipeline(StandardScaler(), net)
    model[0].mean_ = values
    model[0].names_ = np.array(["a", net], dtype=object)
    found = replaced(model, {id(net): "in its place"})
    assert (model[1], model[0].names_[1]) == (net, net)
    assert found.steps[1][1] == found.steps[0][1].names_[1] == "in its place"
    assert found is not model
    assert found[0] is not model[0]
    assert found.steps[0][1].mean_ is values
