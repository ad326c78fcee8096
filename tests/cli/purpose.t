Which command a model is for: told by its outputs, and said when it is another one.

  $ picture png a.png
  $ model ssd.tflite -uint8:1,64,64,3 float32:1,10,4 float32:1,10 float32:1,10 float32:1
  $ model effdet.tflite -uint8:1,64,64,3 float32:1,25 float32:1,25,4 float32:1 float32:1,25
  $ model classes.tflite -uint8:1,64,64,3 uint8:1,7:0.00390625:0
  $ model classes_s8.tflite -int8:1,64,64,3 int8:1,7:0.00390625:-128
  $ model imagenet.tflite -float32:1,64,64,3 float32:1,1000
  $ model features.tflite -uint8:1,64,64,3 uint8:1,1,1,64:0.0078125:128
  $ model vector.tflite -float32:1,64,64,3 float32:1,128
  $ model segments.tflite -uint8:1,64,64,3 int64:1,64,64
  $ model scores.tflite -uint8:1,64,64,3 float32:1,64,64,21
  $ model three.tflite -float32:1,64,64,3 float32:1,64,64,3
  $ model larger.tflite -float32:1,64,64,3 float32:1,256,256,3
  $ model depth.tflite -float32:1,64,64,3 float32:1,64,64,1
  $ model matte.tflite -uint8:1,64,64,3 uint8:1,64,64,1:0.00390625:0
  $ model movenet.tflite -uint8:1,64,64,3 float32:1,1,17,3
  $ model multipose.tflite -uint8:1,64,64,3 float32:1,6,56
  $ model heads.tflite -uint8:1,65,65,3 float32:1,5,5,17 float32:1,5,5,34 float32:1,5,5,64
  $ model yolo8.tflite -float32:1,64,64,3 float32:1,84,84
  $ model yolo8_wide.tflite -float32:1,64,96,3 float32:1,7,126
  $ model split.tflite -uint8:1,64,64,3 uint8:1,84,80:0.03125:128 uint8:1,84,64:0.0625:128
  $ model yolo_pose.tflite -float32:1,64,64,3 float32:1,56,84
  $ model yolo5.tflite -uint8:1,64,64,3 uint8:1,252,85:0.005:3
  $ model yolo3.tflite -float32:1,64,64,3 float32:1,2,2,255 float32:1,4,4,255 float32:1,8,8,255
  $ model yolo3_tiny.tflite -float32:1,64,64,3 float32:1,4,4,255 float32:1,2,2,255
  $ model yolo_seg.tflite -float32:1,64,64,3 float32:1,116,84 float32:1,16,16,32
  $ model yolo10.tflite -float32:1,64,64,3 float32:1,300,6
  $ model raw.tflite -uint8:1,64,64,3 uint8:1,1917,4:0.1:3 uint8:1,1917,91:0.1:3
  $ model face.tflite -float32:1,64,64,3 float32:1,896,16 float32:1,896,1
  $ model odd.tflite -float32:1,64,64,3 float32:1,5,6,7,8 float32:3,2

The model first, and no command: it is picked.

  $ corallite ssd.tflite a.png
  nothing that scores 0.5 or more
  $ corallite ./effdet.tflite --json a.png
  [{"image": "a.png", "results": []}]
  $ corallite classes.tflite -k 1 a.png a.png
  a.png
    0  0
  a.png
    0  0
  $ corallite features.tflite --output features.npy a.png && ls features.npy
  features.npy
  $ corallite segments.tflite a.png
  0  384 pixels  100.0%
  $ corallite movenet.tflite a.png
  nobody who scores 0.25 or more
  $ cp ssd.tflite model && corallite model a.png
  nothing that scores 0.5 or more
  $ corallite vector.tflite a.png
  corallite: error: vector.tflite: the model gives one vector, scores of classes or features (output [1,128]); use 'corallite classify' or 'corallite embed', or 'corallite run' for the bare array
  [1]
  $ corallite vector.tflite --labels labels.txt a.png
  corallite: error: labels.txt: cannot open: No such file or directory
  [1]
  $ seq 128 >labels.txt && corallite vector.tflite --labels labels.txt -k 1 a.png
  1  0
  $ corallite three.tflite a.png
  corallite: error: three.tflite: the model gives a picture, or three classes of pixels (output [1,64,64,3]); use 'corallite segment', or 'corallite run' for the bare array
  [1]
  $ corallite yolo8.tflite a.png
  nothing that scores 0.5 or more
  $ corallite yolo3.tflite a.png
  corallite: error: yolo3.tflite: the model gives the raw grids of a YOLO detector (outputs [1,2,2,255] [1,4,4,255] [1,8,8,255]), which this version cannot decode; 'corallite run' writes the bare arrays
  [1]
  $ corallite raw.tflite a.png
  corallite: error: raw.tflite: 1917 boxes before any are chosen need the anchors that they were trained with, and there is no table of them; export the model with TFLite_Detection_PostProcess, or with metadata
  [1]
  $ corallite yolo_pose.tflite --decoder yolov8 --boxes pixels --scores probabilities --iou=0.5 --agnostic-nms a.png
  nothing that scores 0.5 or more
  $ corallite detect -m yolo_pose.tflite --decoder yolo-chosen a.png
  corallite: error: yolo_pose.tflite: 1 outputs [1,56,84] are not those of yolo-chosen, which has [1,n,6]
  [1]
  $ corallite detect -m yolo8.tflite --boxes cells a.png
  corallite: error: yolo8.tflite: boxes of yolov8 do not count from cells, those of yolox do
  [1]
  $ corallite detect --decoder yolo8 -m yolo8.tflite a.png
  corallite: error: --decoder yolo8: auto, ssd, ssd-raw, yolov5, yolov8, yolo-split, yolo-corners, yolo-chosen, yolox or mediapipe is expected
  [2]
  $ corallite yolo8.tflite --fit stretch --channels bgr --padding 0 a.png
  nothing that scores 0.5 or more
  $ corallite yolo8.tflite --fit middle a.png
  corallite: error: --fit middle: auto, stretch, corner or centre is expected
  [2]
  $ corallite yolo8.tflite --padding 256 a.png
  corallite: error: --padding 256: a number from 0 to 255 is expected
  [2]
  $ corallite odd.tflite a.png
  corallite: error: odd.tflite: the model's outputs [1,5,6,7,8] [3,2] are none that a command for pictures reads; 'corallite run' writes the bare arrays
  [1]
  $ corallite ssd.tflite
  corallite: error: no IMAGE given; 'corallite ssd.tflite IMAGE' runs the model on one, 'corallite inspect ssd.tflite' shows what is in it
  [2]
  $ corallite ssd.tflite --help | head -1
  Usage: corallite detect [options] IMAGE...
  $ corallite ssd.tflite -m classes.tflite a.png
  corallite: error: two models, ssd.tflite and --model classes.tflite; one is expected
  [2]
  $ corallite ssd.tflite --thresh 0.1 --lables x a.png
  corallite: error: unknown option --lables; did you mean --labels?
  [2]
  $ corallite nothing.tflite a.png
  corallite: error: nothing.tflite: no such file
  [1]
  $ corallite ssd.tflite@usb:0 a.png
  corallite: error: ssd.tflite: an Edge TPU runs compiled models only, and this one is not: `corallite check` tells whether it can be, and `corallite compile` may do it
  [1]
  $ corallite a.png
  corallite: error: a.png is a file, not a command; 'corallite detect a.png' says what is in a picture, 'corallite MODEL a.png' runs a model on it
  [2]
  $ corallite detect ssd.tflite a.png
  corallite: error: ssd.tflite is a model, not a picture; name it with --model ssd.tflite
  [2]

Pictures laid out otherwise than here are called by name, whatever the command, and before any operator is:

  $ model nchw.tflite -float32:1,3,224,224 float32:1,1000
  $ corallite classify -m nchw.tflite a.png
  corallite: error: nchw.tflite: input "tensor 0": the model takes its picture as [1,3,224,224] (channels first); [1,h,w,3], [1,h,w,1] and [1,h,w] are filled here: convert the model to channels last; 'corallite run' gives it any array
  [1]
  $ corallite nchw.tflite a.png
  corallite: error: nchw.tflite: input "tensor 0": the model takes its picture as [1,3,224,224] (channels first); [1,h,w,3], [1,h,w,1] and [1,h,w] are filled here: convert the model to channels last; 'corallite run' gives it any array
  [1]
  $ model rgba.tflite -uint8:1,64,64,4 float32:1,10,4 float32:1,10 float32:1,10 float32:1
  $ corallite detect -m rgba.tflite a.png
  corallite: error: rgba.tflite: input "tensor 0": the model takes its picture as [1,64,64,4] (four channels, as RGBA has); [1,h,w,3], [1,h,w,1] and [1,h,w] are filled here: export the model for 1 or 3 of them; 'corallite run' gives it any array
  [1]
  $ model batch.tflite -uint8:2,64,64,3 uint8:2,7:0.00390625:0
  $ corallite classify -m batch.tflite a.png
  corallite: error: batch.tflite: input "tensor 0": the model takes its picture as [2,64,64,3] (several pictures at once); [1,h,w,3], [1,h,w,1] and [1,h,w] are filled here: export the model for one picture at a time; 'corallite run' gives it any array
  [1]
  $ model flat.tflite -uint8:64,64,3 uint8:1,7:0.00390625:0
  $ corallite classify -m flat.tflite a.png
  corallite: error: flat.tflite: input "tensor 0": the model takes its picture as [64,64,3] (no batch); [1,h,w,3], [1,h,w,1] and [1,h,w] are filled here: export the model with a first dimension of 1; 'corallite run' gives it any array
  [1]
  $ model open.tflite -float32:1,-1,-1,3 float32:1,5
  $ corallite embed -m open.tflite a.png
  corallite: error: open.tflite: input "tensor 0" leaves the size of the picture open: [1,-1,-1,3]; 'corallite run' gives it any array
  [1]
  $ model sound.tflite -float32:1,16000 float32:1,521
  $ corallite sound.tflite a.png
  corallite: error: sound.tflite: input "tensor 0" is FLOAT32 [1,16000], no picture; [1,h,w,3], [1,h,w,1] and [1,h,w] of UINT8, INT8, INT16 or FLOAT32 are; 'corallite run' gives it any array
  [1]

Names of classes as Ultralytics puts them behind its models; another file of that name says nothing:

  $ behind() { "$PYTHON" -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "a", zipfile.ZIP_DEFLATED).writestr("metadata.json", sys.argv[2])' "$@"; }
  $ model named.tflite -uint8:1,64,64,3 uint8:1,3:0.00390625:0 && cp named.tflite other.tflite
  $ behind named.tflite '{"author": "Ultralytics", "stride": 32, "names": {"0": "person", "1": "bicycle", "2": "car"}, "args": {"nms": false}}'
  $ corallite named.tflite -k 2 a.png
  person   0
  bicycle  0
  $ behind other.tflite '{"author": "somebody"}'
  $ corallite classify -m other.tflite -k 2 a.png
  0  0
  1  0
