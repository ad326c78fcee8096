How far two arithmetics, or two models, are apart. Numbers are exact, and the same on every machine.

#require png

  $ S="$TREE/docs/signs.png"; M="$TREE/models/signs_classifier.tflite"
  $ picture png a.png
  $ corallite compare --layers 3 "$M" a.png
  picture  tflite            edgetpu           largest difference
  a.png    no sign 0.953125  no sign 0.953125          0.00390625
  
  another best class on 0 of 1 pictures
  
  output  changed  largest difference  relative error
  scores    7.69%          0.00390625           0.41%
  
  29 of 29 layers that both have differ; the 3 that are farthest apart:
  op  operator  output  changed  largest difference  relative error
  24  ADD       t72       52.9%            0.392234           10.9%
  23  CONV_2D   t71       42.3%            0.294175           9.69%
  20  CONV_2D   t68       35.5%            0.153246           9.09%
  $ corallite compare --layers 0 "$M" "$M" a.png "$TREE/docs/signs.png"
  picture                                   signs_classifier.tflite  signs_classifier.tflite  largest difference
  a.png                                     no sign 0.953125         no sign 0.953125                          0
  $TREE/docs/signs.png  turn left 0.507812       turn left 0.507812                        0
  
  another best class on 0 of 2 pictures
  
  output  changed  largest difference  relative error
  scores       0%                   0              0%
  
  0 of 29 layers that both have differ
  $ corallite compare --json --layers 1 "$M" a.png
  {"compared": ["tflite", "edgetpu"], "pictures": 1, "changed_top1": 0, "images": [{"image": "a.png", "top1": [{"index": 12, "label": "no sign", "score": 0.953125}, {"index": 12, "label": "no sign", "score": 0.953125}], "changed": false, "largest_difference": 0.00390625}], "outputs": [{"name": "scores", "elements": 13, "changed": 1, "largest_difference": 0.00390625, "relative_error": 0.00409764}], "layers_compared": 29, "layers": [{"op": 24, "name": "ADD", "output": "t72", "elements": 1024, "changed": 542, "largest_difference": 0.392234, "relative_error": 0.108639}]}
  $ corallite compare "$M" "$TREE/models/signs_detector.tflite" a.png
  corallite: error: signs_classifier.tflite has 1 output and signs_detector.tflite 4: models to be compared have the same
  [1]
  $ corallite compare a.png a.png
  corallite: error: the first argument is no model; a model is expected, or two, and then pictures
  [2]
  $ corallite compare --arithmetic edgetpu "$M" a.png
  corallite: error: --arithmetic: with one model both are compared; leave it out, or name two models
  [2]
  $ corallite compare --count 2 "$M" a.png
  corallite: error: --count: every picture is looked at once here; 'corallite bench' takes times
  [2]
  $ corallite compare "$M"
  corallite: error: no MODEL [MODEL] IMAGE given; 'corallite compare --help' shows how
  [2]
  $ corallite compare "$M" "$M"
  corallite: error: no picture is given; a model is expected, or two, and then pictures
  [2]
  $ model half.tflite -uint8:1,64,64,3 uint8:1,7:0.00390625:0
  $ corallite compare "$M" half.tflite a.png
  corallite: error: output 0 of signs_classifier.tflite is [1,13], and [1,7] of half.tflite: models to be compared have the same
  [1]
  $ corallite compare half.tflite --json a.png | grep -o '"changed_top1": [^,]*'
  "changed_top1": 0
  $ corallite compare "$M" a.png none.png
  corallite: error: none.png: cannot open: No such file or directory
  picture  tflite            edgetpu           largest difference
  a.png    no sign 0.953125  no sign 0.953125          0.00390625
  
  another best class on 0 of 1 pictures
  
  output  changed  largest difference  relative error
  scores    7.69%          0.00390625           0.41%
  
  29 of 29 layers that both have differ; the 10 that are farthest apart:
  op  operator           output  changed  largest difference  relative error
  24  ADD                t72       52.9%            0.392234           10.9%
  23  CONV_2D            t71       42.3%            0.294175           9.69%
  20  CONV_2D            t68       35.5%            0.153246           9.09%
  21  CONV_2D            t69         27%            0.164706           8.84%
  16  CONV_2D            t64       39.2%            0.302583           8.51%
  25  CONV_2D            t73       45.4%            0.211765           8.13%
  22  DEPTHWISE_CONV_2D  t70       24.6%            0.282353           7.14%
  19  DEPTHWISE_CONV_2D  t67       24.3%            0.235294           6.96%
  18  CONV_2D            t66         32%            0.211765           6.89%
  17  ADD                t65       50.2%            0.403444           6.83%
  [1]
