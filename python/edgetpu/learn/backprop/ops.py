# SPDX-License-Identifier: Apache-2.0
"""Layers, forwards and backwards."""
from corallite._softmax import fc_backward, fc_forward, softmax_cross_entropy_loss

__all__ = ["fc_backward", "fc_forward", "softmax_cross_entropy_loss"]
