Compiled models without a stick, their instructions executed in software. What `compile` writes is checked so, against the model itself.

  $ cp "$TREE/fuzz/corpus/compile/dense" dense.tflite; cp "$TREE/fuzz/corpus/compile/conv" conv.tflite; cp "$TREE/fuzz/corpus/compile/int8" int8.tflite
  $ npy make flat.npy '|u1' 1,128
  $ npy make flat8.npy '|i1' 1,128
  $ npy make map.npy '|u1' 1,12,32,16
  $ corallite compile dense.tflite --unproved | head -1; corallite compile conv.tflite --unproved | head -1; corallite compile int8.tflite --unproved | head -1
  dense_edgetpu.tflite: 48.6 KiB for the Edge TPU
  conv_edgetpu.tflite: 36.6 KiB for the Edge TPU
  int8_edgetpu.tflite: 48.6 KiB for the Edge TPU
  $ corallite run --arithmetic edgetpu -i 0=flat.npy -o cpu dense.tflite
  0  layer_out  UINT8  [1,128]
  $ rm dense.tflite
  $ corallite run --backend edgetpu:emulator -i 0=flat.npy -o chip dense_edgetpu.tflite && cmp cpu/0.npy chip/0.npy
  0  layer_out  UINT8  [1,128]
  $ corallite run --arithmetic edgetpu -i 0=map.npy -o cpu conv.tflite >text && corallite run --backend edgetpu:emulator -i 0=map.npy -o chip conv_edgetpu.tflite && cmp cpu/0.npy chip/0.npy
  0  layer_out  UINT8  [1,12,32,16]
  $ corallite run --arithmetic edgetpu -i 0=flat8.npy -o cpu int8.tflite >text && corallite run --backend edgetpu:emulator -i 0=flat8.npy -o chip int8_edgetpu.tflite && cmp cpu/0.npy chip/0.npy
  0  layer_out  INT8  [1,128]
  $ corallite bench --backend edgetpu:emulator --runs 1 --json dense_edgetpu.tflite | grep -o '"backend": "[a-z]*"'
  "backend": "edgetpu"
  $ corallite run --backend edgetpu:emulator -i 0=map.npy conv.tflite
  corallite: error: conv.tflite: an Edge TPU runs compiled models only, and this one is not: `corallite check` tells whether it can be, and `corallite compile` may do it
  [1]
