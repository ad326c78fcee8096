Models of every kind to every command: only those that are for them take them.

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

  $ for m in *.tflite; do
  >   for verb in classify detect segment pose embed; do
  >     corallite $verb -m $m a.png >out 2>err && ! test -s err && echo "$m: $verb"
  >     case $? in 0) : ;; *) test $(wc -l <err) = 1 && grep -q "^corallite: error: $m: " err || echo "$m: $verb: $(cat err)" ;; esac
  >   done
  >   cat err
  > done
  classes.tflite: classify
  classes.tflite: embed
  classes_s8.tflite: classify
  classes_s8.tflite: embed
  depth.tflite: embed
  effdet.tflite: detect
  corallite: error: effdet.tflite: this is a detector (outputs [1,25] [1,25,4] [1] [1,25]); use 'corallite detect'
  corallite: error: face.tflite: this is a face detector of MediaPipe (outputs [1,896,16] [1,896,1]); use 'corallite detect'
  features.tflite: embed
  corallite: error: heads.tflite: the model gives the heat maps of PoseNet without its decoder (outputs [1,5,5,17] [1,5,5,34] [1,5,5,64]), which this version cannot decode; 'corallite run' writes the bare arrays
  imagenet.tflite: classify
  imagenet.tflite: embed
  larger.tflite: embed
  matte.tflite: embed
  movenet.tflite: pose
  corallite: error: movenet.tflite: this is a pose model (output [1,1,17,3]); use 'corallite pose'
  multipose.tflite: pose
  corallite: error: multipose.tflite: this is a pose model (output [1,6,56]); use 'corallite pose'
  odd.tflite: embed
  corallite: error: raw.tflite: this is a detector that leaves its boxes to be chosen (outputs [1,1917,4] [1,1917,91]); use 'corallite detect'
  scores.tflite: segment
  corallite: error: scores.tflite: this is a segmentation model (output [1,64,64,21]); use 'corallite segment'
  segments.tflite: segment
  corallite: error: segments.tflite: this is a segmentation model (output [1,64,64]); use 'corallite segment'
  split.tflite: detect
  corallite: error: split.tflite: this is a YOLO detector with boxes and scores apart (outputs [1,84,80] [1,84,64]); use 'corallite detect'
  ssd.tflite: detect
  corallite: error: ssd.tflite: this is a detector (outputs [1,10,4] [1,10] [1,10] [1]); use 'corallite detect'
  three.tflite: segment
  corallite: error: three.tflite: the model gives a picture, or three classes of pixels (output [1,64,64,3]); use 'corallite segment', or 'corallite run' for the bare array
  vector.tflite: classify
  vector.tflite: embed
  yolo10.tflite: detect
  corallite: error: yolo10.tflite: this is a YOLO detector that chooses its boxes itself (output [1,300,6]); use 'corallite detect'
  corallite: error: yolo3.tflite: the model gives the raw grids of a YOLO detector (outputs [1,2,2,255] [1,4,4,255] [1,8,8,255]), which this version cannot decode; 'corallite run' writes the bare arrays
  corallite: error: yolo3_tiny.tflite: the model gives the raw grids of a YOLO detector (outputs [1,4,4,255] [1,2,2,255]), which this version cannot decode; 'corallite run' writes the bare arrays
  yolo5.tflite: detect
  corallite: error: yolo5.tflite: this is a YOLO detector (output [1,252,85]); use 'corallite detect'
  yolo8.tflite: detect
  corallite: error: yolo8.tflite: this is a YOLO detector (output [1,84,84]); use 'corallite detect'
  yolo8_wide.tflite: detect
  corallite: error: yolo8_wide.tflite: this is a YOLO detector (output [1,7,126]); use 'corallite detect'
  yolo_pose.tflite: pose
  corallite: error: yolo_pose.tflite: this is a YOLO pose model (output [1,56,84]); use 'corallite pose'
  yolo_seg.tflite: detect
  corallite: error: yolo_seg.tflite: this is a YOLO segmenter, of which boxes are read and masks are not (outputs [1,116,84] [1,16,16,32]); use 'corallite detect'
