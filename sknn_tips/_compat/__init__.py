"""Private or moved names of other libraries, in one file per library.

No other file of the package uses such names, except names that a subclass overrides or calls on
itself:

- skorch's ``_get_module``, ``_initialize_callbacks``, ``_current_init_context``, ``_optimizers``,
  in `state/net.py`, the only file that uses skorch;
- scikit-learn's ``_parameter_constraints``, ``_validate_params`` and ``_get_param_names``, in
  estimators, ensembles and encoders; ``_get_params``, ``_set_params``, ``_validate_names`` and
  ``_sk_visual_block_``, in `ensemble/composition.py`.
"""
