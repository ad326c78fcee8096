Changes of models, each proven before anything is written.

  $ S=$TREE/tests/data/tiny_s8.tflite U=$TREE/tests/data/tiny_u8.tflite D=$TREE/models/signs_detector.tflite
  $ corallite edit --batch 4 -o four.tflite "$U"
  four.tflite: batch of 4; 1 run of both agree in 20 bytes
  $ corallite inspect four.tflite | grep -A1 '^Inputs'
  Inputs
    0  image  UINT8 [4,16,16,3]  0.0078125 * (q - 128)
  $ corallite edit --keep-classes 3,0-1 -o three.tflite "$U"
  three.tflite: classes kept; 3 runs of both agree in 9 bytes
  $ corallite edit --keep-classes 0,7 -o x.tflite "$U"
  corallite: error: class 7; the model has 0 to 4
  [1]
  $ corallite edit --keep-classes a -o x.tflite "$U"
  corallite: error: --keep-classes a: numbers and ranges are expected, such as 0,3,10-19
  [2]
  $ corallite edit --quantised-io -o x.tflite "$U"
  corallite: error: no input is quantised first thing, and no output is made floats last: there is nothing to fold
  [1]
  $ corallite edit -o x.tflite "$U"
  corallite: error: nothing to change; give --batch, --quantised-io, --keep-classes, --postprocess or --drop-postprocess
  [2]
  $ corallite edit --batch 4 "$U"
  corallite: error: no file to write; name it with --output OUT.tflite
  [2]
  $ cp "$U" own.tflite && corallite edit --batch 4 -o own.tflite own.tflite
  corallite: error: --output own.tflite: this would replace the input own.tflite; name another file or folder
  [2]
  $ corallite edit --postprocess max_detections=5 --postprocess nms_score_threshold=0.5 -o five.tflite "$D"
  five.tflite: options of the post-process changed; 6 runs of both agree in 1.1 MiB
  $ corallite inspect five.tflite | grep -A2 '^Outputs'
  Outputs
    0  boxes    FLOAT32 [1,5,4]
    1  classes  FLOAT32 [1,5]
  $ corallite edit --postprocess most=5 -o x.tflite "$D"
  corallite: error: TFLite_Detection_PostProcess has no option "most"; it has max_detections, nms_score_threshold, nms_iou_threshold, use_regular_nms, detections_per_class, max_classes_per_detection and more
  [1]
  $ corallite edit --postprocess max_detections -o x.tflite "$D"
  corallite: error: --postprocess max_detections: NAME=NUMBER is expected
  [2]
  $ corallite edit --keep-classes 2,5 --drop-postprocess --json -o raw.tflite "$D"
  {"model": "$TREE/models/signs_detector.tflite", "output": "raw.tflite", "changes": "classes kept, post-process left out", "runs": 6, "bytes_compared": 196500}
  $ test ! -e x.tflite && echo nothing was written
  nothing was written

A model in two, and in one again:

  $ corallite split --at op:4 --head head.tflite --tail tail.tflite "$U"
  head.tflite, tail.tflite: 3 runs of the parts and the whole agree in 15 bytes
  $ corallite join -o whole.tflite head.tflite tail.tflite
  whole.tflite: 3 runs of the parts and the whole agree in 15 bytes
  $ corallite split --at op:1 --head head.tflite --tail tail.tflite "$U"
  head.tflite, tail.tflite: 3 runs of the parts and the whole agree in 15 bytes
  $ corallite split --at nowhere --head head.tflite --tail tail.tflite "$U"
  corallite: error: --at nowhere: no tensor has this name or number (0 to 17), and no operator is meant; corallite inspect lists them
  [2]
  $ corallite split --head head.tflite --tail tail.tflite "$U"
  corallite: error: --at TENSOR is expected
  [2]
  $ corallite join -o x.tflite tail.tflite head.tflite
  corallite: error: output "scores" is UINT8 [1,5], input "image" wants UINT8 [1,16,16,3]
  [1]

What check can mend:

  $ corallite check --fix x.tflite "$U"
  corallite: error: no change that corallite edit has brings more of $TREE/tests/data/tiny_u8.tflite to the Edge TPU
  [1]
  $ corallite check --fix fixed.tflite "$TREE/tests/data/tiny_open.tflite"
  corallite: 0 operators stay on the CPU, 0 did
  fixed.tflite: batch of 1; 1 run of both agree in 136 bytes
