What the Edge TPU's compiler would make of a model.

  $ M=$TREE/tests/data
  $ corallite check "$M/tiny_u8.tflite" | grep -v ms
  $TREE/tests/data/tiny_u8.tflite: 8-bit, 8 of 8 operators go to the Edge TPU
    100.0% of the work, which is 22568 multiply-accumulates
  
  Requirements
    8-bit data           yes  every operator computes with 8 bits
    fixed sizes          yes  the size of every input is fixed
    constant parameters  yes  weights, shapes and axes are constants
    three dimensions     yes  no tensor has more than three dimensions larger than 1
    supported operators  yes  the compiler takes every operator, within its limits
  
  Memory of the Edge TPU
    parameters, cached      1.8 KiB
    parameters, streamed    0 bytes
    activations, at most  228 bytes  of 192.0 KiB on each of 16 tiles
  
  Time of a run, without what stays on the CPU

A part that stays is 4, with the reason and the cure; nothing at all is 1:

  $ corallite check "$M/detector_yolov8_s8.tflite" | sed -n '/On the CPU/,/^$/p'
  On the CPU
    op 30 SOFTMAX: Operation is otherwise supported, but not mapped due to some unspecified limitation
        why   it works on [1,4,84,16]; one row is what the Edge TPU does
        cure  leave its input as an output of the model, and do the softmax on the CPU
        with  14 operators behind it: op 31-43, 45
  
  $ corallite check "$M/detector_yolov8_s8.tflite" > out; echo $?
  4
  $ corallite check "$M/detector_yolov5_f32.tflite" | head -4
  $TREE/tests/data/detector_yolov5_f32.tflite: float, 0 of 23 operators go to the Edge TPU
    0.0% of the work, which is 442560 multiply-accumulates
    first: it computes with floats: convert it with full integer quantisation (8-bit integers, with representative data), then check again
  
  $ corallite check "$M/detector_yolov5_f32.tflite" > out; echo $?
  1
  $ sed -n '/On the CPU/,/^$/p' out
  On the CPU
    op 0 CONV_2D: Operation is working on an unsupported data type
        why   it writes FLOAT32; the Edge TPU computes with 8-bit integers
        cure  convert again with full integer quantisation: all operators int8, with representative data
        also  22 operators after it: op 1-22
  $ corallite check --runtime 10 "$M/tiny_s8.tflite" | grep -A2 'op 0 '
    first: op 0 QUANTIZE: choose a newer runtime (--runtime 14, which all devices run)
  
  Requirements
    8-bit data           no   9 operators do not, first op 0 QUANTIZE: it writes INT8; before runtime 12 the Edge TPU knows UINT8 only
    fixed sizes          yes  the size of every input is fixed
    constant parameters  yes  weights, shapes and axes are constants
  --
    op 0 QUANTIZE: Operation is working on an unsupported data type
        why   it writes INT8; before runtime 12 the Edge TPU knows UINT8 only
        cure  choose a newer runtime (--runtime 14, which all devices run)
  $ corallite check --runtime 9 "$M/tiny_s8.tflite"
  corallite: error: --runtime 9: a whole number from 10 to 14 is expected
  [2]

The table of the compiler's log:

  $ corallite check --log "$M/detector_yolov8_s8.tflite"
  Edge TPU Compiler version 16.0.384591198 (foretold by corallite 0.1.0)
  Input: $TREE/tests/data/detector_yolov8_s8.tflite
  Output: $TREE/tests/data/detector_yolov8_s8_edgetpu.tflite
  
  Operator                       Count      Status
  
  CONV_2D                        11         Mapped to Edge TPU
  RESHAPE                        7          Mapped to Edge TPU
  QUANTIZE                       7          Mapped to Edge TPU
  CONCATENATION                  2          Mapped to Edge TPU
  TRANSPOSE                      3          Mapped to Edge TPU
  LOGISTIC                       1          Mapped to Edge TPU
  SOFTMAX                        1          Operation is otherwise supported, but not mapped due to some unspecified limitation
  MUL                            3          More than one subgraph is not supported
  SUM                            1          More than one subgraph is not supported
  RESHAPE                        1          More than one subgraph is not supported
  SLICE                          2          More than one subgraph is not supported
  SUB                            2          More than one subgraph is not supported
  ADD                            2          More than one subgraph is not supported
  QUANTIZE                       2          More than one subgraph is not supported
  CONCATENATION                  1          More than one subgraph is not supported
  [4]

Compilers differ in what they take and count:

  $ corallite check --compiler 2.1 --log "$M/tiny_u8.tflite" | head -1
  Edge TPU Compiler version 2.1.302470888 (foretold by corallite 0.1.0)
  $ corallite check --compiler 2.1 --all "$M/tiny_u8.tflite" | grep SOFTMAX
    7  SOFTMAX            TPU  [1,5]
  $ corallite check --all "$M/tiny_u8.tflite" | grep SOFTMAX
    7  SOFTMAX            TPU  [1,5]      448 bytes

For programs:

  $ cat >look.py <<END
  > import json, sys
  > o = json.load(sys.stdin)
  > print(*o)
  > print(*o["ops"][0])
  > print(*[x["index"] for x in o["ops"] if not x["mapped"]])
  > print(o["parameter_bytes"], o["cached_bytes"], o["streamed_bytes"])
  > print(o["ops"][-1]["status"], "/", o["ops"][-1]["reason"])
  > END
  $ corallite check --json "$M/detector_yolov8_s8.tflite" | python3 look.py
  model kind mapped advice first_cpu requirements ops parameter_bytes cached_bytes streamed_bytes near_limit tile_bytes tile_limit inputs outputs latency_ms
  index op mapped status reason cure parameter_bytes streamed tile_bytes macs
  30 31 32 33 34 35 36 37 38 39 40 41 42 43 45
  11456 11456 0
  More than one subgraph is not supported / it lies behind op 30 SOFTMAX, which stays on the CPU

Without a model there is nothing to check:

  $ corallite check
  corallite: error: no model given; name one, or give --serve
  [2]
