"""Files changed by somebody who also makes the checksum right."""

import numpy as np
import pytest

from sknn_tips.exceptions import ModelFileError
from sknn_tips.persistence import load_model, save_model

VECTOR = "net_.tensors.0"
MOMENT = "net_.moments.state.exp_avg"


def other_class(document, tensors):
    document["class"] = "SVC"


def other_kind_of_estimator(document, tensors):
    document["class"] = "MLPRegressor"


def unknown_parameter(document, tensors):
    document["parameters"]["alpah"] = 1


def attribute_that_hides_a_method(document, tensors):
    document["fitted"]["predict"] = "nothing"


def attribute_that_hides_a_parameter(document, tensors):
    document["fitted"]["alpha"] = -1


def attribute_that_scikit_learn_calls(document, tensors):
    document["fitted"]["_metadata_request"] = "nothing"


def attribute_of_the_net(document, tensors):
    document["net"]["plain"]["forward"] = "nothing"


def other_loss(document, tensors):
    document["net"]["plain"]["criterion_"] = {"class": "HingeLoss"}


def no_loss(document, tensors):
    document["net"]["plain"]["criterion_"] = None


def loss_with_unknown_fields(document, tensors):
    document["net"]["plain"]["criterion_"] = {"class": "SquaredError", "power": 3}


def loss_of_a_user(document, tensors):
    loss = {"class": "OwnLoss", "given": "os.system", "is_per_value": True}
    document["net"]["plain"]["criterion_"] = loss


def other_optimizer(document, tensors):
    document["net"]["plain"]["optimizer_choice"]["name"] = "adma"


def generator_that_is_none(document, tensors):
    document["net"]["random_state"] = 3


def tip_with_unknown_fields(document, tensors):
    document["fitted"]["tips_"] = [{"text": "all is well"}]


def other_activation(document, tensors):
    document["net"]["network"]["hidden"][0]["activation"] = "reul"


def huge_network(document, tensors):
    document["net"]["network"]["n_features"] = 10**9


def more_units_than_any(document, tensors):
    document["net"]["network"]["n_features"] = 10**15


def many_layers(document, tensors):
    layer = document["net"]["network"]["hidden"][0]
    document["net"]["network"]["hidden"] = [layer | {"units": 1}] * 2000


def layer_without_units(document, tensors):
    document["net"]["network"]["hidden"][0]["units"] = 0


def pieces_that_are_no_number(document, tensors):
    network = document["net"]["network"]
    network["hidden"][0]["activation"], network["activation_params"] = "maxout", {"pieces": "2"}


def unknown_norm(document, tensors):
    document["net"]["network"]["hidden"][0]["batchnorm"] = "between"


def dropout_of_everything(document, tensors):
    document["net"]["network"]["hidden"][0]["dropout"] = 2


def unknown_input_layer(document, tensors):
    document["net"]["network"]["input_layers"] = {"input_noise": 0.1}


def weights_of_half_precision(document, tensors):
    for name in tensors:
        if name.startswith("net_.tensors"):
            tensors[name] = tensors[name].astype(np.float16)


def classes_in_a_list(document, tensors):
    document["fitted"]["classes_"] = ["a", "b", "c"]


def sparse_labels(document, tensors):
    document["fitted"]["_sparse_y"] = "yes"


def sparse_labels_of_one_column(document, tensors):
    document["fitted"]["_sparse_y"] = True


def kind_of_target(document, tensors):
    document["fitted"]["_multilabel"] = {"a": 1}


def loss_of_another_target(document, tensors):
    document["net"]["plain"]["criterion_"] = {"class": "LogisticLogLoss", "label_smoothing": 0.0}


def threads_without_end(document, tensors):
    document["parameters"]["n_threads"] = 10**9


def callbacks_that_are_none(document, tensors):
    document["parameters"]["callbacks"] = 3


def column_without_a_name(document, tensors):
    document["net"]["history"] = [{"$dict": [[3, 1.0]]}]


def history_that_is_none(document, tensors):
    document["net"]["history"] = {"loss": 1.0}


def not_fitted(document, tensors):
    document["net"] = None


def wider_network(document, tensors):
    document["net"]["network"]["n_outputs"] = 4


def fewer_features(document, tensors):
    document["fitted"]["n_features_in_"] = 3


def fewer_classes(document, tensors):
    document["fitted"]["classes_"] = {"$text": [2, [2], ["no", "me"]]}


def wide_text(document, tensors):
    document["parameters"]["activation"] = {"$text": [10**8, [1], ["relu"]]}


def no_history(document, tensors):
    del document["net"]["history"]


def no_net(document, tensors):
    del document["net"]


def no_moment(document, tensors):
    del tensors[MOMENT]


def shorter_moment(document, tensors):
    tensors[MOMENT] = tensors[MOMENT][1:].copy()


def no_weights(document, tensors):
    del tensors[VECTOR]


def shorter_weights(document, tensors):
    tensors[VECTOR] = tensors[VECTOR][:-1].copy()


def longer_weights(document, tensors):
    tensors[VECTOR] = np.append(tensors[VECTOR], tensors[VECTOR][:1])


def statistics_that_broadcast(document, tensors):
    tensors["net_.tensors.1"] = tensors["net_.tensors.1"][:1].copy()


def weights_of_another_type(document, tensors):
    tensors[VECTOR] = tensors[VECTOR].view(np.int32)


def spoilt_generator(document, tensors):
    tensors["net_.generator"][:] = 255


def split_state_beyond_its_end(document, tensors):
    state = {"$tuple": ["MT19937", {"$array": "net_.random_state"}, 10**6, 0, 0.0]}
    document["net"]["plain"]["split_state"] = state


def unknown_request(document, tensors):
    document["requests"] = {"params": {"alpha": True}}


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (other_class, "class 'SVC', which is none of MLPClassifier, MLPRegressor"),
        (other_kind_of_estimator, "no parameter 'class_weight'"),
        (unknown_parameter, "MLPClassifier has no parameter 'alpah'"),
        (attribute_that_hides_a_method, "no fitted attribute 'predict'"),
        (attribute_that_hides_a_parameter, "no fitted attribute 'alpha'"),
        (attribute_that_scikit_learn_calls, "no fitted attribute '_metadata_request'"),
        (wide_text, "text ask for 400,000,000 bytes"),
        (attribute_of_the_net, "no attribute 'forward'"),
        (other_loss, "'HingeLoss', which is none of"),
        (no_loss, "NoneType"),
        (loss_with_unknown_fields, "power|argument"),
        (loss_of_a_user, "its loss is 'os.system', which is no function"),
        (other_optimizer, "adma"),
        (generator_that_is_none, "random generator is of type int"),
        (tip_with_unknown_fields, "text"),
        (other_activation, "'reul' is not known. Did you mean 'relu'"),
        (huge_network, "needs more weights than there are"),
        (more_units_than_any, "has 1000000000000000 units"),
        (many_layers, "2,000 layers"),
        (layer_without_units, "has 0 units"),
        (pieces_that_are_no_number, "pieces|str"),
        (unknown_norm, "batchnorm 'between'"),
        (dropout_of_everything, "dropout 2"),
        (unknown_input_layer, "input layers"),
        (weights_of_half_precision, "types float16"),
        (classes_in_a_list, "not an array of labels"),
        (sparse_labels, "_sparse_y is 'yes'"),
        (sparse_labels_of_one_column, "_sparse_y is True"),
        (kind_of_target, "_multilabel is {'a': 1}"),
        (loss_of_another_target, "loss LogisticLogLoss does not fit"),
        (threads_without_end, "n_threads=1000000000 must be a whole number from 1 to 1024"),
        (callbacks_that_are_none, "not iterable"),
        (column_without_a_name, "column 3"),
        (history_that_is_none, "no list of rows"),
        (not_fitted, "not fitted"),
        (wider_network, "size|shape"),
        (fewer_features, "3 features and 3 outputs do not agree"),
        (fewer_classes, "4 features and 1 outputs do not agree"),
        (no_history, "lacks 'history'"),
        (no_net, "lacks 'net'"),
        (no_moment, f"lacks '{MOMENT}'"),
        (shorter_moment, "exp_avg of the optimizer has shape"),
        (no_weights, f"lacks '{VECTOR}'"),
        (shorter_weights, "shape|size|more weights"),
        (longer_weights, "shape|size"),
        (statistics_that_broadcast, r"shapes \[.*\(1,\)"),
        (weights_of_another_type, "Int|int|floating"),
        (spoilt_generator, "mt19937|RNG|generator"),
        (split_state_beyond_its_end, "position 1000000"),
        (unknown_request, "lacks 'params'"),
    ],
    ids=lambda value: getattr(value, "__name__", "message"),
)
def test_a_part_that_does_not_fit_is_named(clf, path, tamper, edit, message):
    save_model(clf, path)
    tamper(edit)
    with pytest.raises(ModelFileError, match=rf"net.safetensors' is damaged.*({message})"):
        load_model(path)


def test_a_parameter_that_the_file_lacks_has_its_default(clf, path, tamper):
    """As in a file of an older version, which had fewer parameters."""
    save_model(clf.set_params(alpha=0.5), path)
    tamper(lambda document, tensors: document["parameters"].pop("alpha"))
    assert load_model(path).alpha == 0.0001
