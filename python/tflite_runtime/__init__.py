# SPDX-License-Identifier: Apache-2.0
"""The package tflite_runtime as programs know it, on Corallite."""
__version__ = "2.14.0"
__git_version__ = "corallite"
