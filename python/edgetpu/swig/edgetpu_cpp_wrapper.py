# SPDX-License-Identifier: Apache-2.0
"""The names of the original's extension module, for programs that went past its engines."""
import edgetpu
from corallite import _buffers
from edgetpu.basic import basic_engine, edgetpu_utils
from edgetpu.basic.edgetpu_utils import GetRuntimeVersion, ListEdgeTpuPaths
from edgetpu.learn.imprinting import engine as imprinting
from edgetpu.learn.utils import AppendFullyConnectedAndSoftmaxLayerToModel

__all__ = ["AppendFullyConnectedAndSoftmaxLayerToModel", "BasicEnginePythonWrapper", "GetRuntimeVersion", "ImprintingEnginePythonWrapper",
           "ListEdgeTpuPaths"]

kEdgeTpuCppWrapperVersion = edgetpu.__version__
kSupportedRuntimeVersion = edgetpu_utils.SUPPORTED_RUNTIME_VERSION
EdgeTpuState_kNone = edgetpu_utils.EDGE_TPU_STATE_NONE
EdgeTpuState_kAssigned = edgetpu_utils.EDGE_TPU_STATE_ASSIGNED
EdgeTpuState_kUnassigned = edgetpu_utils.EDGE_TPU_STATE_UNASSIGNED


class BasicEnginePythonWrapper(basic_engine.BasicEngine):
    """An engine whose runs return the result alone; get_inference_time() tells how long the last one took."""

    @classmethod
    def CreateFromFile(cls, model_path, device_path=None):
        return cls(model_path, device_path)

    def RunInference(self, input):
        return self.run_inference(input)[1]

    def RunInferenceBytes(self, input):
        return self.run_inference(input)[1]

    def RunInferenceRaw(self, address, size):
        return self.run_inference(_buffers.at_address(address, size))[1]


class ImprintingEnginePythonWrapper(imprinting.ImprintingEngine):
    """Teaches classes; RunInference gives the scores of all of them."""

    @classmethod
    def CreateFromFile(cls, model_path, keep_classes=False):
        return cls(model_path, keep_classes)

    def RunInference(self, input):
        return self.scores(input)
