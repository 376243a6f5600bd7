"""Conversion of fitted models to ONNX graphs, with the library skl2onnx."""
