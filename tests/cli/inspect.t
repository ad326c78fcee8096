What is in a model, for people and for programs.

  $ M=$TREE/tests/data/tiny_u8.tflite
  $ corallite inspect "$M" | grep .
  $TREE/tests/data/tiny_u8.tflite: TensorFlow Lite model, 3.2 KiB, schema version 3
    "Drawn weights, of no use but for tests"
  Inputs
    0  image  UINT8 [1,16,16,3]  0.0078125 * (q - 128)
  Outputs
    0  scores  UINT8 [1,5]  0.00390625 * q
  Operators (8)
    0  CONV_2D            UINT8 [1,8,8,8]  248 bytes  SAME, stride_w 2, stride_h 2, RELU6
    1  DEPTHWISE_CONV_2D  UINT8 [1,8,8,8]  104 bytes  SAME, RELU6
    2  CONV_2D            UINT8 [1,8,8,8]   96 bytes  VALID
    3  ADD                UINT8 [1,8,8,8]
    4  AVERAGE_POOL_2D    UINT8 [1,1,1,8]             VALID, stride_w 8, stride_h 8, filter_width 8, filter_height 8
    5  RESHAPE            UINT8 [1,8]        8 bytes  new_shape [1, 8]
    6  FULLY_CONNECTED    UINT8 [1,5]       60 bytes
    7  SOFTMAX            UINT8 [1,5]                 beta 1
  Totals
    operators  2 CONV_2D, 1 ADD, 1 AVERAGE_POOL_2D, 1 DEPTHWISE_CONV_2D, 1 FULLY_CONNECTED, 1 RESHAPE, 1 SOFTMAX
    weights    516 bytes
    work       22568 multiply-accumulates a run
    memory     2.3 KiB
  $ cat >look.py <<END
  > import json, sys
  > o = json.load(sys.stdin)
  > g = o["subgraphs"][0]
  > print(*o)
  > print(*g)
  > print(*g["tensors"][0])
  > print(o["operator_counts"], o["weight_bytes"], o["runnable"], o["reason"], o["macs"])
  > print([g["tensors"][i]["name"] for i in g["inputs"] + g["outputs"]])
  > print(g["operators"][0])
  > END
  $ corallite inspect --json "$M" | "$PYTHON" look.py
  model bytes version description operator_counts weight_bytes runnable reason macs arena_bytes signatures metadata subgraphs packages
  name inputs outputs tensors operators
  index name type shape shape_signature quantization constant_bytes variable
  {'CONV_2D': 2, 'ADD': 1, 'AVERAGE_POOL_2D': 1, 'DEPTHWISE_CONV_2D': 1, 'FULLY_CONNECTED': 1, 'RESHAPE': 1, 'SOFTMAX': 1} 516 True None 22568
  ['image', 'scores']
  {'index': 0, 'name': 'CONV_2D', 'custom': False, 'version': 1, 'inputs': [0, 2, 3], 'outputs': [1], 'options': {'padding': 'SAME', 'stride_w': 2, 'stride_h': 2, 'fused_activation_function': 'RELU6', 'dilation_w_factor': 1, 'dilation_h_factor': 1, 'quantized_bias_type': 'FLOAT32'}, 'custom_bytes': 0}

Subgraphs, a variable, an output without a fixed size; a signature:

  $ corallite inspect "$TREE/tests/data/tiny_flow.tflite" | sed -n "/^Subgraph 0/,/^Subgraph 1/p" | grep .
  Subgraph 0: main
  Inputs
    0  x  FLOAT32 [6]
  Outputs
    0  an eighth  FLOAT32 [6]
    1  where      INT64 []       a size that each run finds
  Operators (8)
    0  CALL_ONCE                              init_subgraph_index 1
    1  VAR_HANDLE       RESOURCE []           shared_name "sum"
    2  READ_VARIABLE    FLOAT32 [6]
    3  ADD              FLOAT32 [6]
    4  ASSIGN_VARIABLE
    5  WHILE            INT32 []     4 bytes  cond_subgraph_index 2, body_subgraph_index 3
    6  GREATER          BOOL [6]     4 bytes
    7  WHERE            INT64 []
  Subgraph 1: begin
  $ corallite inspect "$TREE/tests/data/tiny_open.tflite" | sed -n -e /^Inputs/,/^$/p -e /^Signatures/,/^$/p | grep .
  Inputs
    0  image  UINT8 [1,8,8,3]  0.0078125 * (q - 128)  any size at -1 of [-1,-1,-1,3]
  Signatures
    describe  input picture       image
              output description  means
              output maps         maps

The models that are built in:

  $ corallite inspect "$TREE/models/signs_detector.tflite" | grep -A 4 Outputs
  Outputs
    0  boxes    FLOAT32 [1,25,4]
    1  classes  FLOAT32 [1,25]
    2  scores   FLOAT32 [1,25]
    3  count    FLOAT32 [1]
  $ corallite inspect --json "$TREE/models/signs_detector.tflite" | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["runnable"])'
  True

What is no model, or a broken one:

  $ printf 'nothing much' >text.tflite
  $ corallite inspect text.tflite
  corallite: error: text.tflite: no TensorFlow Lite model (the bytes "TFL3" are missing at 4); this is a text file
  [1]
  $ head -c 1500 "$M" >short.tflite
  $ corallite inspect --json short.tflite
  corallite: error: short.tflite: .* (re)
  [1]
  $ corallite inspect .
  corallite: error: .: this is a directory, a model is one file
  [1]
