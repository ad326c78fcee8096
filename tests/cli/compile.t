Models for the Edge TPU, by templates. The template of these is no compiled model; testdata.t has real ones.

  $ cp "$TREE/tests/data/tiny_u8.tflite" mine.tflite
  $ corallite compile mine.tflite
  corallite: error: no template; name a compiled model of the same form with --template, or a folder of them with --templates
  [2]
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
