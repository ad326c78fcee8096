Inputs take the shape of their arrays, where the model leaves it open.

  $ M=$TREE/tests/data/tiny_open.tflite
  $ npy make a.npy '|u1' 1,8,8,3
  $ npy make b.npy '|u1' 2,5,12,3
  $ corallite run -i 0=a.npy -o out "$M"
  0  means  UINT8  [1,8]
  1  maps   UINT8  [1,4,4,8]
  $ corallite run -i 0=b.npy -o out "$M"
  0  means  UINT8  [2,8]
  1  maps   UINT8  [2,3,6,8]
  $ npy show out/0.npy
  |u1 (2, 8) aligned 1 6 7 4 5 7 3 1 22 12 12 23
  $ corallite run -i 0=b.npy -o slow --backend reference --json "$M"
  [{"index": 0, "name": "means", "type": "UINT8", "shape": [2, 8], "file": "slow/0.npy"}, {"index": 1, "name": "maps", "type": "UINT8", "shape": [2, 3, 6, 8], "file": "slow/1.npy"}]
  $ cmp out/0.npy slow/0.npy && cmp out/1.npy slow/1.npy

Not where it is fixed, and not of another type:

  $ npy make c.npy '|u1' 1,8,8,4
  $ corallite run -i 0=c.npy "$M"
  corallite: error: input 0: c.npy: UINT8 [1,8,8,4], but the model takes UINT8 [1,8,8,3]
  [1]
  $ npy make d.npy '|u1' 8,8,3
  $ corallite run -i 0=d.npy "$M"
  corallite: error: input 0: d.npy: UINT8 [8,8,3], but the model takes UINT8 [1,8,8,3]
  [1]
  $ npy make e.npy '<f4' 2,5,12,3
  $ corallite run -i 0=e.npy "$M"
  corallite: error: input 0: e.npy: FLOAT32 [2,5,12,3], but the model takes UINT8 [2,5,12,3]
  [1]

Sizes that no memory holds, and arrays that are shorter than they say:

  $ npy raw f.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2147483647, 2147483647, 3), }" 64
  $ corallite run -i 0=f.npy "$M"
  corallite: error: input 0: f.npy: (an array of 13835058042397261827 bytes; at most 268435456 are read where the model leaves the size open|the array is larger than memory can be) (re)
  [1]
  $ npy raw h.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 20000, 10000, 3), }" 64
  $ corallite run -i 0=h.npy "$M"
  corallite: error: input 0: h.npy: an array of 600000000 bytes; at most 268435456 are read where the model leaves the size open
  [1]
  $ npy raw g.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (9, 8, 8, 3), }" 64
  $ corallite run -i 0=g.npy "$M"
  corallite: error: input 0: g.npy: it ends too early: 64 bytes of elements where its shape asks for 1728
  [1]
  $ npy make h.npy '|u1' 0,8,8,3
  $ corallite run -i 0=h.npy "$M"
  0  means  UINT8  [0,8]
  1  maps   UINT8  [0,4,4,8]
