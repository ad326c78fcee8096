#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names the first tensor of a model in which we and LiteRT's reference kernels differ.

    oracle/bin/python tools/oracle/first_difference.py MODEL.tflite [SOURCE [BACKEND]]

SOURCE is an input of tools/oracle/gen_models.py ("noise:0" by default, "smooth:0", a picture of the test set
that MODEL lies in); BACKEND is reference (default) or cpu. Needs build/tests/check.
"""
import pathlib
import subprocess
import sys

from ai_edge_litert.interpreter import Interpreter, OpResolverType

import gen_models


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    path = pathlib.Path(sys.argv[1])
    source = sys.argv[2] if len(sys.argv) > 2 else "noise:0"
    backend = sys.argv[3] if len(sys.argv) > 3 else "reference"
    root = path.parent.parent
    ours = subprocess.run([gen_models.ROOT / "build/tests/check", "trace_model", path, source, backend, root], check=True,
                          capture_output=True, text=True).stdout.splitlines()
    interpreter = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                              experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    for i, d in enumerate(interpreter.get_input_details()):
        interpreter.set_tensor(d["index"], gen_models.draw(root, path.name, source, i, d["shape"], d["dtype"]))
    interpreter.invoke()
    names = {d["index"]: d for d in interpreter.get_tensor_details()}
    same = 0
    for line in ours:
        operator, kind, tensor, digest, head = line.split("\t")
        value = interpreter.get_tensor(int(tensor))
        if gen_models.sha256(value.tobytes()) == digest:
            same += 1
            continue
        d = names[int(tensor)]
        print(f"{same} tensors agree; the first that does not is written by operator {operator}, {kind}:")
        print(f"  tensor {tensor} \"{d['name']}\" {d['dtype'].__name__} {list(d['shape'])} {d['quantization']}")
        print(f"  oracle {' '.join(map(str, value.ravel()[:8]))}")
        print(f"  ours  {head}")
        return 1
    print(f"all {same} tensors agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
