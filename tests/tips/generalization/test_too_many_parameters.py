CODE = "too-many-parameters"


def test_a_smaller_network_cures_it(cure, regressor, diabetes):
    tip, _ = cure(CODE, regressor(hidden_layer_sizes="256x2"), diabetes, drop=0.0)
    assert "68,865 parameters for 331 samples" in tip.seen
    assert tip.remedy == {"hidden_layer_sizes": (79, 79)}


def test_the_default_on_a_small_table_is_fine(finding):
    assert finding(CODE, n_parameters=803, n_rows=150) is None


def test_one_layer_shrinks_in_proportion(finding):
    changed = {"widths": [3, 400, 3], "activations": ["relu"], "n_parameters": 4000, "n_rows": 20}
    assert finding(CODE, **changed).remedy == {"hidden_layer_sizes": (40,)}


def test_not_applicable_without_hidden_layers(finding):
    assert "no hidden layer" in finding(CODE, activations=[])
