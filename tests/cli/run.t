Raw arrays in and out. The model has three inputs, five outputs and no arithmetic.

#require testdata

  $ M=$TESTDATA/models/split_concat.tflite
  $ npy make a.npy '|u1' 1,8,8,3
  $ npy make b.npy '|u1' 1,8,8,1 100
  $ npy make c.npy '|u1' 1,8,8,2 200
  $ corallite run --input 0=a.npy --input inputs/rnn1=b.npy --input 2=c.npy --output-dir out/deep "$M"
  0  concat/split0  UINT8  [1,8,8,1]
  1  concat/split2  UINT8  [1,8,8,1]
  2  concat/split4  UINT8  [1,8,8,1]
  3  outputs/rnn1   UINT8  [1,8,8,1]
  4  outputs/rnn2   UINT8  [1,8,8,2]
  $ npy show out/deep/0.npy
  |u1 (1, 8, 8, 1) aligned 0 3 6 9 12 15 18 21 24 27 30 33
  $ npy show out/deep/4.npy
  |u1 (1, 8, 8, 2) aligned 100 201 101 203 102 205 103 207 104 209 105 211
  $ ls out/deep
  0.npy
  1.npy
  2.npy
  3.npy
  4.npy
  $ corallite run --json -i 0=a.npy -i 1=b.npy -i 2=c.npy "$M"
  [{"index": 0, "name": "concat/split0", "type": "UINT8", "shape": [1, 8, 8, 1], "file": null}, {"index": 1, "name": "concat/split2", "type": "UINT8", "shape": [1, 8, 8, 1], "file": null}, {"index": 2, "name": "concat/split4", "type": "UINT8", "shape": [1, 8, 8, 1], "file": null}, {"index": 3, "name": "outputs/rnn1", "type": "UINT8", "shape": [1, 8, 8, 1], "file": null}, {"index": 4, "name": "outputs/rnn2", "type": "UINT8", "shape": [1, 8, 8, 2], "file": null}]
  $ corallite run --backend reference --threads 1 --cpu ref -i 0=a.npy -i 1=b.npy -i 2=c.npy --output_dir=out2 "$M" >text
  $ cmp out/deep/4.npy out2/4.npy

From a pipe:

  $ cat b.npy | corallite run -i 0=a.npy -i 1=/dev/stdin -i 2=c.npy -o out3 "$M" >text && cmp out/deep/4.npy out3/4.npy

Inputs that are missing, unknown, or not what the tensor takes:

  $ corallite run "$M"
  corallite: error: no array for input 0 "input1", UINT8 [1,8,8,3]; add --input 0=FILE.npy
  [2]
  $ corallite run -i 0=a.npy -i 1=b.npy "$M"
  corallite: error: no array for input 2 "inputs/rnn2", UINT8 [1,8,8,2]; add --input 2=FILE.npy
  [2]
  $ corallite run -i 7=a.npy "$M"
  corallite: error: --input 7=a.npy: no such input; the model has 0 "input1", UINT8 [1,8,8,3]; 1 "inputs/rnn1", UINT8 [1,8,8,1]; 2 "inputs/rnn2", UINT8 [1,8,8,2]
  [2]
  $ corallite run -i a.npy "$M"
  corallite: error: --input a.npy: NUMBER=FILE or NAME=FILE is expected
  [2]
  $ corallite run -i 0=a.npy -i 0=b.npy "$M"
  corallite: error: --input 0=b.npy: this input has an array already
  [2]
  $ corallite run -i 0= "$M"
  corallite: error: --input 0=: an empty FILE
  [2]
  $ corallite run -i 1=a.npy "$M"
  corallite: error: input 1: a.npy: UINT8 [1,8,8,3], but the model takes UINT8 [1,8,8,1]
  [1]
  $ npy make f.npy '<f4' 1,8,8,1
  $ corallite run -i 1=f.npy "$M"
  corallite: error: input 1: f.npy: FLOAT32 [1,8,8,1], but the model takes UINT8 [1,8,8,1]
  [1]
  $ corallite run -i 1=nothing.npy "$M"
  corallite: error: input 1: nothing.npy: No such file or directory
  [1]
  $ corallite run -i 1=. "$M"
  corallite: error: input 1: .: Is a directory
  [1]

Files that are broken or of another kind:

  $ echo 'no array' >text.npy
  $ corallite run -i 1=text.npy "$M"
  corallite: error: input 1: text.npy: not a .npy file
  [1]
  $ : >empty.npy
  $ corallite run -i 1=empty.npy "$M"
  corallite: error: input 1: empty.npy: not a .npy file
  [1]
  $ head -c 60 b.npy >short.npy
  $ corallite run -i 1=short.npy "$M"
  corallite: error: input 1: short.npy: broken .npy file: it ends within its header
  [1]
  $ head -c 100 b.npy >short.npy
  $ corallite run -i 1=short.npy "$M"
  corallite: error: input 1: short.npy: it ends too early: 22 bytes of elements where its shape asks for 64
  [1]
  $ cat b.npy a.npy >long.npy
  $ corallite run -i 1=long.npy "$M"
  corallite: error: input 1: long.npy: more bytes follow the 64 that its shape asks for
  [1]
  $ npy make big.npy '>f4' 1,8,8,1
  $ corallite run -i 1=big.npy "$M"
  corallite: error: input 1: big.npy: type '>f4' is big-endian; only little-endian is read
  [1]
  $ try() { npy raw h.npy "$@" && corallite run -i 1=h.npy "$M"; }
  $ try "{'descr': '|u1', 'fortran_order': True, 'shape': (1, 8, 8, 1), }"
  corallite: error: input 1: h.npy: the array is in Fortran order; save numpy.ascontiguousarray(a)
  [1]
  $ try "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }"
  corallite: error: input 1: h.npy: elements are records; an array of plain numbers is expected
  [1]
  $ try "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
  corallite: error: input 1: h.npy: type '|O' is not one that a tensor can have
  [1]
  $ try "{'descr': '|u1', 'fortran_order': Maybe, 'shape': (1,), }"
  corallite: error: input 1: h.npy: broken .npy file: its 'fortran_order' is neither True nor False
  [1]
  $ try "{'descr': '|u1', 'shape': (1,), }"
  corallite: error: input 1: h.npy: broken .npy file: its header is incomplete
  [1]
  $ try "{'descr': '|u1', 'descr': '|u1', 'shape': (1,), }"
  corallite: error: input 1: h.npy: broken .npy file: its header has a key that does not belong there
  [1]
  $ try "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }"
  corallite: error: input 1: h.npy: broken .npy file: a dimension is no number
  [1]
  $ try "{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }"
  corallite: error: input 1: h.npy: more than 8 dimensions
  [1]
  $ try "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,), }"
  corallite: error: input 1: h.npy: a dimension is larger than 2147483647
  [1]
  $ try "{'descr': '<c16', 'fortran_order': False, 'shape': (2147483647,2147483647,2147483647), }"
  corallite: error: input 1: h.npy: the array is larger than memory can be
  [1]
  $ try "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 8, 8, 1), } and more"
  corallite: error: input 1: h.npy: broken .npy file: its header is incomplete
  [1]
  $ try "{'descr': '|u1'"
  corallite: error: input 1: h.npy: broken .npy file: its header is no dictionary
  [1]
  $ try "{"
  corallite: error: input 1: h.npy: broken .npy file: its header is no dictionary
  [1]
  $ try ""
  corallite: error: input 1: h.npy: broken .npy file: its header is no dictionary
  [1]
  $ try "$(head -c 65000 /dev/zero | tr '\0' ' ')"
  corallite: error: input 1: h.npy: broken .npy file: its header is no dictionary
  [1]
  $ try "$(head -c 66000 /dev/zero | tr '\0' ' ')" 0 2
  corallite: error: input 1: h.npy: a header of 66000 bytes; at most 65536 are read
  [1]
  $ try "{}" 0 9
  corallite: error: input 1: h.npy: .npy format 9.0; 1.0 to 3.0 are read
  [1]

The later formats of the file, and a header in other clothes:

  $ npy raw b2.npy '{"shape":(1,8,8,1),"fortran_order":False,"descr":"|u1"}   ' 64 2
  $ npy raw b3.npy "{ 'fortran_order' : False , 'descr':'<u1','shape': ( 1 , 8 , 8 , 1 ) }" 64 3
  $ corallite run -i 0=a.npy -i 1=b2.npy -i 2=c.npy -o out4 "$M" >text && npy show out4/3.npy
  |u1 (1, 8, 8, 1) aligned 1 4 7 10 13 16 19 22 25 28 31 34
  $ corallite run -i 0=a.npy -i 1=b3.npy -i 2=c.npy -o out5 "$M" >text && cmp out4/3.npy out5/3.npy

Places that cannot be written, and nothing half written:

  $ corallite run -i 0=a.npy -i 1=b.npy -i 2=c.npy -o a.npy "$M"
  corallite: error: --output-dir: a.npy: a file, where a folder is to be made
  [1]
  $ corallite run -i 0=a.npy -i 1=b.npy -i 2=c.npy -o /dev/null/x "$M"
  corallite: error: --output-dir: /dev/null/x: Not a directory
  [1]
  $ ! ls | grep part

Devices that are not there, and models that cannot be run:

  $ corallite run --backend edgetpu "$M"
  corallite: error: $TESTDATA/models/split_concat.tflite: an Edge TPU runs compiled models only, and this one is not: `corallite check` tells whether it can be, and `corallite compile` may do it
  [1]
  $ corallite run "$M@usb:0"
  corallite: error: $TESTDATA/models/split_concat.tflite: an Edge TPU runs compiled models only, and this one is not: `corallite check` tells whether it can be, and `corallite compile` may do it
  [1]
  $ corallite run "$M@usb:x"
  corallite: error: $TESTDATA/models/split_concat.tflite@usb:x: no such file
  [1]
  $ cp "$TESTDATA/models/split_concat_edgetpu.tflite" alone_edgetpu.tflite
  $ corallite run alone_edgetpu.tflite
  corallite: error: alone_edgetpu.tflite is compiled for an Edge TPU, and none is here: put what it was compiled from beside it as alone.tflite, or name it with CRL_CPU_TWIN=FILE
  [3]
  $ corallite run "$TESTDATA/models/model_invoking_error.tflite"
  corallite: error: $TESTDATA/models/model_invoking_error.tflite: op 0 fake-op-double: a custom operator that is not known here (version 1): its maker's runtime has it; docs/operators.md lists those that are known: export the model without it
  [1]
  $ corallite run --threads 0 "$M"
  corallite: error: --threads 0: a whole number from 1 to 1024 is expected
  [2]
  $ corallite run --threads 1025 "$M"
  corallite: error: --threads 1025: a whole number from 1 to 1024 is expected
  [2]
  $ corallite run --threads two "$M"
  corallite: error: --threads two: a whole number from 1 to 1024 is expected
  [2]
  $ corallite run --cpu mmx "$M"
  corallite: error: instruction level "mmx" is not one of this machine's: ref.* (re)
  [2]
  $ CRL_CPU=mmx corallite run "$M"
  corallite: error: CRL_CPU: instruction level "mmx" is not one of this machine's: ref.* (re)
  [2]
  $ corallite run --backend gpu "$M"
  corallite: error: --backend gpu: auto, cpu, reference, edgetpu, edgetpu:vendor or edgetpu:emulator is expected
  [2]
