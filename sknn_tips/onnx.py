"""Converters to ONNX, for programs that call skl2onnx themselves.

``import sknn_tips.onnx`` registers a converter for each estimator, ensemble and transformer of
sknn_tips. :func:`sknn_tips.to_onnx` needs no such import. The library skl2onnx is required: ``pip
install 'sknn_tips[onnx]'``.
"""

from sknn_tips.export.conversion import register, to_onnx

__all__ = ["to_onnx"]

register()
