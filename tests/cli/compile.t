Models for the Edge TPU, by rule and by templates. The template of these is no compiled model; testdata.t has real ones.

  $ cp "$TREE/tests/data/tiny_u8.tflite" mine.tflite
  $ corallite compile mine.tflite
  corallite: error: mine.tflite: op 1 DEPTHWISE_CONV_2D: without a template one layer is compiled, with a pool and an activation or a softmax behind it, or up to 8 convolutions in a row; name a compiled model of the same form with --template
  [1]
  $ cp "$TREE/fuzz/corpus/compile/dense" dense.tflite
  $ corallite compile dense.tflite
  corallite: error: dense.tflite: a dense layer of 128 to 128, uint8: no public compiled model confirms what would be written; the nearest that is proved is a dense layer of 256 to 256, uint8. Compile by a template, or, for a stick that may hang, with --unproved
  [1]
  $ corallite compile dense.tflite --unproved
  dense_edgetpu.tflite: 48.6 KiB for the Edge TPU
    form       a dense layer of 128 to 128, uint8, which no public compiled model confirms
    cached     17.0 KiB of parameters
    token      e0266607da110203
  $ corallite check dense_edgetpu.tflite
  dense_edgetpu.tflite: compiled for the Edge TPU, nothing wrong: chunks and numbers in order, transfers as hinted, parameters where nothing writes
    17.0 KiB of parameters cached, token e0266607da110203

The file beside a package has other scales of weights: its model follows the package, and gives what the package's instructions give.

  $ mkdir other && cp dense_edgetpu.tflite other/
  $ cat >scales.py <<'EOF'
  > import pathlib, struct
  > model = pathlib.Path("dense.tflite").read_bytes()
  > scales = struct.pack("<3f", 0.001, 0.00101, 0.00102)
  > at = model.index(scales[:8])
  > old = struct.unpack_from("<128f", model, at)
  > new = struct.pack("<128f", *(x * 1.25 for x in old))
  > pathlib.Path("other/dense.tflite").write_bytes(model[:at] + new + model[at + len(new):])
  > EOF
  $ "$PYTHON" scales.py && npy make in.npy '|u1' 1,128
  $ corallite inspect other/dense_edgetpu.tflite | grep -A 1 '^  made from'
    made from other/dense.tflite: weights of 1 of 1 layers equal, constants of 1 of 1 operators
      with the package's constants of 1 operator, whose scales are others in the file
  $ for backend in edgetpu:emulator auto; do corallite run --backend $backend --input 0=in.npy --output-dir $backend other/dense_edgetpu.tflite >/dev/null 2>&1; done
  $ corallite run --arithmetic edgetpu --input 0=in.npy --output-dir file other/dense.tflite >/dev/null
  $ cmp edgetpu:emulator/0.npy auto/0.npy; cmp -s auto/0.npy file/0.npy
  [1]
  $ rm -r other scales.py in.npy edgetpu:emulator auto file

Which of several compiled models belong together: the second takes what the first makes, and has its token; the fourth has the token alone.

  $ cat >segments.py <<'EOF'
  > import pathlib
  > one = pathlib.Path("dense_edgetpu.tflite").read_bytes()
  > two = one.replace(b"layer_out", b"layer_end").replace(b"\x08\0\0\0layer_in\0\0", b"\x09\0\0\0layer_out\0")
  > assert two.count(b"layer_out") == one.count(b"layer_in"), "the names have room to grow"
  > pathlib.Path("two_edgetpu.tflite").write_bytes(two)
  > token = bytes.fromhex("e0266607da110203")[::-1]
  > pathlib.Path("other_edgetpu.tflite").write_bytes(one.replace(token, bytes(7) + b"1"))
  > pathlib.Path("with_edgetpu.tflite").write_bytes(one)
  > EOF
  $ "$PYTHON" segments.py
  $ corallite inspect two_edgetpu.tflite dense.tflite dense_edgetpu.tflite other_edgetpu.tflite | sed -n '/^Which/,$p'
  Which of the compiled models belong together
    token e0266607da110203: segments of one model, each for a device of its own, in this order
      dense_edgetpu.tflite: 17.0 KiB cached
      two_edgetpu.tflite: 17.0 KiB cached
    token 3100000000000000: by itself
      other_edgetpu.tflite: 17.0 KiB cached
  $ corallite inspect dense_edgetpu.tflite with_edgetpu.tflite | tail -n 3
    token e0266607da110203: compiled together; each other's cached parameters are written over
      dense_edgetpu.tflite: 17.0 KiB cached
      with_edgetpu.tflite: 17.0 KiB cached
  $ corallite inspect --json two_edgetpu.tflite none.tflite dense.tflite dense_edgetpu.tflite | "$PYTHON" -c 'import json, sys; o = json.load(sys.stdin); print(len(o["models"]), *o["groups"])'
  corallite: error: none.tflite: no such file
  3 {'kind': 'segments', 'token': 'e0266607da110203', 'models': ['dense_edgetpu.tflite', 'two_edgetpu.tflite'], 'parameters_stay': False}
  $ corallite inspect --instructions dense_edgetpu.tflite two_edgetpu.tflite
  corallite: error: --instructions: 2 models; one is expected
  [2]
  $ rm segments.py two_edgetpu.tflite other_edgetpu.tflite with_edgetpu.tflite
  $ corallite compile dense.tflite --unproved --json
  {"output": "dense_edgetpu.tflite", "log": "dense_edgetpu.log", "bytes": 49728, "operators": 3, "token": "e0266607da110203", "form": "a dense layer of 128 to 128, uint8", "proved": false, "parameter_bytes": 17408}
  $ corallite compile dense.tflite --unproved --templates .
  corallite: error: --unproved: what is made of a template is proved by it; one of them
  [2]
  $ cat dense_edgetpu.log
  Edge TPU Compiler version 16.0.384591198 (foretold by corallite 0.1.0)
  Input: dense.tflite
  Output: dense_edgetpu.tflite
  
  Operator                       Count      Status
  
  QUANTIZE                       2          Mapped to Edge TPU
  FULLY_CONNECTED                1          Mapped to Edge TPU
  $ rm dense_edgetpu.*
  $ corallite compile dense.tflite --unproved -o - 2>said | wc -c; cat said; corallite compile dense.tflite --unproved --json -o - 2>said | wc -c; rm said
  49728
  -: 48.6 KiB for the Edge TPU
    form       a dense layer of 128 to 128, uint8, which no public compiled model confirms
    cached     17.0 KiB of parameters
    token      e0266607da110203
  49728
  $ mkdir to; corallite compile dense.tflite --unproved -o to/ | head -1; corallite compile dense.tflite --unproved -o one.tflite | head -1; ls to one*
  to/dense_edgetpu.tflite: 48.6 KiB for the Edge TPU
  one.tflite: 48.6 KiB for the Edge TPU
  one.tflite
  
  to:
  dense_edgetpu.log
  dense_edgetpu.tflite
  $ rm -r to one.tflite
  $ mkdir dense_edgetpu.log; corallite compile dense.tflite --unproved; ls dense*; rmdir dense_edgetpu.log
  corallite: error: --output dense_edgetpu.log: a folder, where a file is to be written
  dense.tflite
  
  dense_edgetpu.log:
  $ corallite compile
  corallite: error: no model given; name one, or give --serve
  [2]
  $ corallite compile --serve dense.tflite
  corallite: error: --serve: models are dropped on its page, and saved there; name neither a model nor an output
  [2]
  $ rm dense.tflite
  $ corallite compile mine.tflite --template a_edgetpu.tflite --templates .
  corallite: error: --template and --templates: one of them
  [2]
  $ corallite compile mine.tflite --templates . --template-model mine.tflite
  corallite: error: --template-model: it goes with --template
  [2]
  $ corallite compile mine.tflite --template other.tflite
  corallite: error: other.tflite: the model that it was compiled from is not known by the name; give it with --template-model
  [1]
  $ corallite compile mine.tflite --template gone_edgetpu.tflite
  corallite: error: gone_edgetpu.tflite: no such file
  [1]
  $ cp mine.tflite a_edgetpu.tflite; cp mine.tflite a.tflite
  $ corallite compile mine.tflite --template a_edgetpu.tflite
  corallite: error: template a_edgetpu.tflite: the template has no compiled operator; it is a file whose name ends in _edgetpu.tflite
  [1]
  $ corallite compile mine.tflite --templates .
  corallite: error: none of 1 templates in . fits; of the last: template ./a_edgetpu.tflite: the template has no compiled operator; it is a file whose name ends in _edgetpu.tflite
  [1]
  $ mkdir empty; corallite compile mine.tflite --templates empty
  corallite: error: empty: no compiled model (NAME_edgetpu.tflite) with its model (NAME.tflite) beside it
  [1]
  $ corallite compile mine.tflite --templates nowhere
  corallite: error: nowhere: it cannot be read
  [1]

Nothing that is read is written over, and nothing was written:

  $ corallite compile a.tflite --template a_edgetpu.tflite
  corallite: error: --output a_edgetpu.tflite: this would replace the input a_edgetpu.tflite; name another file or folder
  [2]
  $ ls
  a.tflite
  a_edgetpu.tflite
  empty
  mine.tflite
