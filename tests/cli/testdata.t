The public Coral test set: what its models say of its pictures. Numbers are those of LiteRT's reference kernels.

#require testdata

  $ M=$TESTDATA/models I=$TESTDATA/images L=$TESTDATA/labels

  $ birds() { corallite classify --model "$M/mobilenet_v2_1.0_224_inat_bird_quant.tflite" --labels "$L/inat_bird_labels.txt" "$@"; }
  $ birds --resample nearest "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)                  0.652344
  Platycercus elegans (Crimson Rosella)      0.125
  Coracias caudatus (Lilac-breasted Roller)  0.0234375
  $ birds -k 1 "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)  0.722656
  $ birds -k 1 --resample lanczos "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)  0.816406
  $ birds -k 1 --resample bicubic "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)  0.773438
  $ birds -k 1 --resample nearest --backend reference --json "$I/parrot.jpg"
  [{"image": "$TESTDATA/images/parrot.jpg", "results": [{"index": 923, "label": "Ara macao (Scarlet Macaw)", "score": 0.65234375}]}]

What an Edge TPU says of the same picture, as published of devices:

  $ older() { corallite classify --model "$M/mobilenet_v2_1.0_224_inat_bird_quant_2019.tflite" --labels "$L/inat_bird_labels_2019.txt" "$@"; }
  $ older --resample nearest --arithmetic edgetpu -k 2 "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)              0.679688
  Platycercus elegans (Crimson Rosella)  0.121094
  $ older --resample nearest --arithmetic edgetpu -k 2 --backend reference "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)              0.679688
  Platycercus elegans (Crimson Rosella)  0.121094

Labels that the model brings along:

  $ corallite classify --model "$M/mobilenet_v2_1.0_224_inat_bird_quant.tflite" -k 1 "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)  0.722656
  $ corallite classify --model "$M/mobilenet_v1_0.25_128_quant.tflite" "$I/cat.bmp"
  Egyptian cat      0.125
  tiger cat         0.109375
  tabby, tabby cat  0.0742188
  $ corallite classify --model "$M/tf2_mobilenet_v2_1.0_224_ptq.tflite" "$I/cat.bmp"
  Egyptian cat      0.625
  tabby, tabby cat  0.121094
  tiger cat         0.0664062

Things and where they are:

  $ corallite detect --model "$M/coco_ssd_mobilenet_v1_1.0_quant.tflite" --labels "$L/coco_labels.txt" "$I/cat.bmp"
  what  score    left   top  right  bottom
  cat   0.71875  46.7  44.6  362.7   333.2
  $ corallite detect --model "$M/coco_ssd_mobilenet_v1_1.0_quant.tflite" --threshold 0.3 --json "$I/kite_and_cold.jpg"
  [{"image": "$TESTDATA/images/kite_and_cold.jpg", "results": [{"index": 0, "label": null, "score": 0.7578125, "box": [67.8137, 516.94464, 91.93254, 558.3902]}, {"index": 0, "label": null, "score": 0.65625, "box": [25.136036, 523.13464, 46.72871, 559.0847]}, {"index": 37, "label": null, "score": 0.64453125, "box": [597.69354, 74.43236, 668.346, 139.97781]}, {"index": 37, "label": null, "score": 0.6328125, "box": [281.40295, 236.08144, 306.29642, 283.86264]}, {"index": 0, "label": null, "score": 0.57421875, "box": [1074.4343, 389.48825, 1099.3279, 416.1126]}, {"index": 0, "label": null, "score": 0.55078125, "box": [131.96947, 535.1901, 152.89024, 564.92926]}, {"index": 0, "label": null, "score": 0.55078125, "box": [221.87218, 700.9823, 275.87723, 840.94995]}, {"index": 37, "label": null, "score": 0.5390625, "box": [574.60944, 342.40942, 598.3501, 360.62894]}, {"index": 0, "label": null, "score": 0.5234375, "box": [514.7448, 494.13354, 543.44354, 526.83105]}, {"index": 0, "label": null, "score": 0.5234375, "box": [106.309875, 585.80145, 233.57047, 837.3353]}]}]
  $ corallite detect --model "$M/traffic_model.tflite" "$I/traffic_frames"
  $TESTDATA/images/traffic_frames/0001.bmp
    nothing that scores 0.5 or more
  $TESTDATA/images/traffic_frames/0002.bmp
    nothing that scores 0.5 or more
  $TESTDATA/images/traffic_frames/0003.bmp
    nothing that scores 0.5 or more

Every list of labels beside the models that it belongs to, or does not; COCO's gaps are no fault.

  $ corallite classify --model "$M/tf2_mobilenet_v2_1.0_224_ptq.tflite" -l "$L/imagenet_labels.txt" -k 1 "$I/cat.bmp"
  Egyptian cat  0.625
  $ corallite classify --model "$M/mobilenet_v1_0.25_128_quant.tflite" -l "$L/imagenet_labels.txt" -k 1 "$I/cat.bmp"
  Egyptian cat  0.125
  $ tail -n +2 "$L/imagenet_labels.txt" >1000.txt
  $ corallite classify --model "$M/mobilenet_v1_0.25_128_quant.tflite" -l 1000.txt -k 1 "$I/cat.bmp"
  corallite: warning: 1000.txt: 1000 labels, but the model has 1001 classes; its first is taken for the background, and the labels for those that follow
  Egyptian cat  0.125
  $ corallite classify --model "$M/mobilenet_v2_1.0_224_inat_bird_quant.tflite" -l "$L/inat_bird_labels_2019.txt" -k 1 "$I/parrot.jpg"
  Ara macao (Scarlet Macaw)  0.722656
  $ SSD="$M/coco_ssd_mobilenet_v1_1.0_quant.tflite"
  $ nl -b a -v 0 "$L/coco_labels.txt" | grep -v n/a >gaps.txt && corallite detect --model "$SSD" -l gaps.txt "$I/cat.bmp"
  what  score    left   top  right  bottom
  cat   0.71875  46.7  44.6  362.7   333.2
  $ (echo '???'; cat "$L/coco_labels.txt") >labelmap.txt && corallite detect --model "$SSD" -l labelmap.txt "$I/cat.bmp"
  what  score    left   top  right  bottom
  cat   0.71875  46.7  44.6  362.7   333.2
  $ grep -v n/a "$L/coco_labels.txt" >80.txt && corallite detect --model "$SSD" -l 80.txt "$I/cat.bmp"
  corallite: warning: 80.txt: 80 labels, but the model has 90 classes; give the list of COCO's 90 numbers with its gaps; numbers stand in from 11 on
  what  score    left   top  right  bottom
  16    0.71875  46.7  44.6  362.7   333.2
  $ nl -b a "$L/coco_labels.txt" >from-one.txt && corallite detect --model "$SSD" -l from-one.txt "$I/cat.bmp"
  corallite: warning: from-one.txt: labels numbered 1 to 90, but the model's 90 classes start at 0; each number is taken for one less
  what  score    left   top  right  bottom
  cat   0.71875  46.7  44.6  362.7   333.2
  $ corallite detect --model "$SSD" -l "$L/imagenet_labels.txt" "$I/cat.bmp"
  corallite: warning: $TESTDATA/labels/imagenet_labels.txt: 1001 labels, but the model has 90 classes; they are probably another model's
  what                                       score    left   top  right  bottom
  robin, American robin, Turdus migratorius  0.71875  46.7  44.6  362.7   333.2

A mask, against the one that belongs to the picture:

  $ corallite segment --model "$M/deeplabv3_mnv2_pascal_quant.tflite" --labels "$L/pascal_voc_segmentation_labels.txt" --output mask.png --overlay look.png "$I/bird_segmentation.bmp"
  background  207192 pixels  78.7%
  bird         55977 pixels  21.3%
  $ picture show mask.png
  513 513 palette 8
  0:207192 3:55977

Poses, in fractions of the picture as the set has them:

  $ cat >compare.py <<END
  > import csv, json, sys
  > width, height, scores = float(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "scores"
  > poses, n = json.load(sys.stdin)[0]["poses"], 0
  > for row in csv.DictReader(open(sys.argv[1])):
  >     pose = poses[int(row["pose_id"])]
  >     point = pose["keypoints"][int(row["keypoint_id"])]
  >     got = [point["score"], point["x"] / width, point["y"] / height] + [pose["score"]] * scores
  >     want = [float(row[c]) for c in ["keypoint_score", "keypoint_x", "keypoint_y"] + ["pose_score"] * scores]
  >     n += all(abs(g - w) < 2e-6 for g, w in zip(got, want))
  > print(len(poses), "poses,", n, "points agree")
  > END
  $ R=$TESTDATA/reference
  $ corallite pose --json --model "$M/posenet_mobilenet_v1_075_481_641_16_quant_decoder.tflite" "$I/test_image_641x481.png" |
  >   "$PYTHON" compare.py "$R/posenet_mobilenet_v1_075_481_641_16_quant_decoder_reference.csv" 641 481 scores
  2 poses, 34 points agree

One person, as the model's kernels have it (the set's own table is of another preparation of the picture):

  $ corallite pose --model "$M/movenet_single_pose_lightning_ptq.tflite" --output drawn.png "$I/squat.bmp"
  person 1, score 0.597177
    nose            292.9  199.9  0.43017
    left_eye        295.0  192.4  0.700562
    right_eye       284.7  189.9  0.569463
    left_ear        288.8  192.4  0.36462
    right_ear       254.0  189.9  0.499816
    left_shoulder   276.5  257.4  0.499816
    right_shoulder  215.1  252.4  0.635012
    left_elbow      350.3  309.9  0.29907
    right_elbow     262.2  312.4  0.802983
    left_wrist      348.2  254.9  0.753821
    right_wrist     317.5  257.4  0.499816
    left_hip        192.6  372.4  0.843952
    right_hip       145.4  367.4  0.802983
    left_knee       288.8  402.4  0.499816
    right_knee      215.1  417.3  0.880824
    left_ankle      256.1  509.8  0.569463
    right_ankle     163.9  544.8  0.499816
  $ picture show drawn.png
  500 610 RGB 8

A grey picture for a grey input, and a vector:

  $ corallite classify --model "$M/keras_lstm_mnist_ptq.tflite" "$I/mnist_nine.bmp"
  9  0.996094
  0  0
  1  0
  $ corallite embed --model "$M/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite" --output cat.npy "$I/cat.bmp"
  $ npy show cat.npy
  <f4 (1024,) aligned 1.3175947666168213 0.23528477549552917 0.47056955099105835 0.023528477177023888 3.0351736545562744 0.28234171867370605 1.4822940826416016 1.388180136680603 1.0823099613189697 1.0352530479431152 0.964667558670044 0.5882119536399841

What is compiled for a device is shown; what it was compiled from runs without it, when it is there or was named, and computes what the device would:

  $ corallite classify -k 1 --model "$M/mobilenet_v1_0.25_128_quant_edgetpu.tflite" "$I/cat.bmp"
  corallite: warning: $TESTDATA/models/mobilenet_v1_0.25_128_quant_edgetpu.tflite is compiled for an Edge TPU; $TESTDATA/models/mobilenet_v1_0.25_128_quant.tflite runs on the processor instead
  Egyptian cat  0.132812
  $ corallite classify -k 1 --arithmetic tflite --model "$M/mobilenet_v1_0.25_128_quant_edgetpu.tflite" "$I/cat.bmp" 2>/dev/null
  Egyptian cat  0.125
  $ cp "$M/mobilenet_v1_0.25_128_quant_edgetpu.tflite" odd.tflite
  $ corallite classify --model odd.tflite "$I/cat.bmp"
  corallite: error: odd.tflite is compiled for an Edge TPU, and none is here: name the model that it was compiled from with CRL_CPU_TWIN=FILE
  [3]
  $ CRL_CPU_TWIN="$M/mobilenet_v1_0.25_128_quant.tflite" corallite classify -k 1 --model odd.tflite "$I/cat.bmp" 2>/dev/null
  Egyptian cat  0.132812
  $ CRL_CPU_TWIN="$M/split_concat.tflite" corallite classify --model odd.tflite "$I/cat.bmp" 2>&1 | sed 's/.*split/split/'
  split_concat.tflite is not what odd.tflite was compiled from: 3 inputs instead of 1
  $ corallite inspect "$M/split_concat_edgetpu.tflite" | grep .
  $TESTDATA/models/split_concat_edgetpu.tflite: TensorFlow Lite model, 57.1 KiB, schema version 3
    "Exported from Subgraph."
  Inputs
    0  input1       UINT8 [1,8,8,3]  0.0078125 * (q - 128)
    1  inputs/rnn1  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    2  inputs/rnn2  UINT8 [1,8,8,2]  0.0078125 * (q - 128)
  Outputs
    0  concat/split0  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    1  concat/split2  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    2  concat/split4  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    3  outputs/rnn1   UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    4  outputs/rnn2   UINT8 [1,8,8,2]  0.0078125 * (q - 128)
  Operators (1)
    0  edgetpu-custom-op  UINT8 [1,8,8,1]    56.0 KiB of its own options
  Package of op 0: 56.0 KiB for the Edge TPU, runtime 13 or newer
      chip      beagle
      token     0f5daf073fcc3811: models with the same one were compiled together, or are segments of one
      compiler  cl/343520747
      cached    192 bytes
      streamed  0 bytes
    Program "model", which computes with what is cached
      instructions                 1 chunk                  23.1 KiB
      activations                                          832 bytes  of each tile's 192 KiB
      inputs        input1         UINT8 8x8x3             192 bytes  0.0078125 * (q - 128)
                    inputs/rnn1    UINT8 8x8x1              64 bytes  0.0078125 * (q - 128)
                    inputs/rnn2    UINT8 8x8x2             128 bytes  0.0078125 * (q - 128)
      outputs       concat/split0  UINT8 8x8x1             256 bytes  0.0078125 * (q - 128)
                    outputs/rnn1   UINT8 8x8x1             256 bytes  0.0078125 * (q - 128)
                    concat/split2  UINT8 8x8x1             256 bytes  0.0078125 * (q - 128)
                    concat/split4  UINT8 8x8x1             256 bytes  0.0078125 * (q - 128)
                    outputs/rnn2   UINT8 8x8x2             256 bytes  0.0078125 * (q - 128)
      transfers     to the chip    chunk 0 of the program   23.1 KiB
                    to the chip    input input1            192 bytes
                    to the chip    input inputs/rnn1        64 bytes
                    to the chip    input inputs/rnn2       128 bytes
                    from the chip  output outputs/rnn1     256 bytes
                    from the chip  output concat/split2    256 bytes
                    from the chip  output concat/split0    256 bytes
                    from the chip  output concat/split4    256 bytes
                    from the chip  output outputs/rnn2     256 bytes
                    from the chip  interrupt 0: done
    Program "Unknown", which brings the parameters into the chip, once
      instructions                 1 chunk                   1.2 KiB
      parameters                                           192 bytes
      transfers     to the chip    chunk 0 of the program    1.2 KiB
                    to the chip    parameters              192 bytes
                    from the chip  interrupt 0: done
    made from $TESTDATA/models/split_concat.tflite: it has no weights or scales by which that could be seen
  Nothing stays on the processor
  Totals
    operators  1 edgetpu-custom-op
    weights    0 bytes
  Without an Edge TPU the model that it was made from runs in its place
  $ corallite compile "$M/mobilenet_v1_0.25_128_quant.tflite" --template "$M/mobilenet_v1_0.25_128_quant_edgetpu.tflite" -o again.tflite
  again.tflite: 782.7 KiB for the Edge TPU
    template   $TESTDATA/models/mobilenet_v1_0.25_128_quant_edgetpu.tflite, which its own model gives byte for byte
    operators  31 on the chip, 28 of them with weights
    changed    0 instructions, 0 bytes of parameters
    token      6d146c3f97d6648c
  $ corallite check again.tflite
  again.tflite: compiled for the Edge TPU, nothing wrong: chunks and numbers in order, transfers as hinted, parameters where nothing writes
    553.6 KiB of parameters cached, token 6d146c3f97d6648c
  $ corallite check again.tflite "$M/split_concat_edgetpu.tflite" | grep they
    they are written over when $TESTDATA/models/split_concat_edgetpu.tflite runs
    they are written over when again.tflite runs
  $ corallite check --json again.tflite | "$PYTHON" -c 'import json, sys; o = json.load(sys.stdin); print(*o); print(o["sound"])'
  model kind sound faults token cached_bytes streamed_bytes others
  True
  $ corallite check "$M/split_concat.tflite" again.tflite
  corallite: error: $TESTDATA/models/split_concat.tflite: it is not compiled; models are checked together only where all are
  [2]
  $ cmp again.tflite "$M/mobilenet_v1_0.25_128_quant_edgetpu.tflite"
  $ corallite inspect --json "$M/split_concat.tflite" | "$PYTHON" -c 'import json, sys; print(*json.load(sys.stdin))'
  model bytes version description operator_counts weight_bytes runnable reason macs arena_bytes signatures metadata subgraphs packages
  $ corallite inspect "$M/split_concat.tflite" | grep .
  $TESTDATA/models/split_concat.tflite: TensorFlow Lite model, 1.8 KiB, schema version 3
  Inputs
    0  input1       UINT8 [1,8,8,3]  0.0078125 * (q - 128)
    1  inputs/rnn1  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    2  inputs/rnn2  UINT8 [1,8,8,2]  0.0078125 * (q - 128)
  Outputs
    0  concat/split0  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    1  concat/split2  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    2  concat/split4  UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    3  outputs/rnn1   UINT8 [1,8,8,1]  0.0078125 * (q - 128)
    4  outputs/rnn2   UINT8 [1,8,8,2]  0.0078125 * (q - 128)
  Operators (3)
    0  CONCATENATION  UINT8 [1,8,8,6]           axis 3
    1  SPLIT          UINT8 [1,8,8,1]  4 bytes  num_splits 6
    2  CONCATENATION  UINT8 [1,8,8,2]           axis 3
  Totals
    operators  2 CONCATENATION, 1 SPLIT
    weights    4 bytes
    memory     1.2 KiB
  $ for model in "$M"/*; do corallite inspect "$model" >text && corallite inspect --json "$model" >json || echo "$model"; done

A picture each is enough to tell cats, dogs and hot dogs, with the extractor that was made for it; compiled for a device, it stays so, and
a twin of what was learnt runs here.

  $ L="$TESTDATA/images/imprinting" && for c in cat dog hotdog; do mkdir -p pets/$c && cp "$L/${c}_train_0.bmp" pets/$c; done
  $ corallite learn imprint --test-ratio 0 -m "$M/mobilenet_v1_1.0_224_quant_embedding_extractor_edgetpu.tflite" -o pets_edgetpu.tflite pets | tail -n 1 | sed 's/:.*//'
  pets_edgetpu.tflite, for processors pets.tflite, labels in pets_edgetpu.txt
  $ corallite learn imprint --test-ratio 0 -m "$M/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite" -o same.tflite pets >out && cmp same.tflite pets.tflite
  $ corallite classify -k 1 -m pets_edgetpu.tflite "$L/cat_test_0.bmp" "$L/dog_test_0.bmp" "$L/hotdog_test_0.bmp" | sed 's/  0.*//'
  corallite: warning: pets_edgetpu.tflite is compiled for an Edge TPU; pets.tflite runs on the processor instead
  $TESTDATA/images/imprinting/cat_test_0.bmp
    cat
  $TESTDATA/images/imprinting/dog_test_0.bmp
    dog
  $TESTDATA/images/imprinting/hotdog_test_0.bmp
    hotdog
  $ corallite inspect pets_edgetpu.tflite | grep operators
    made from pets.tflite: weights of 27 of 27 layers equal, constants of 28 of 28 operators
    operators  1 CONV_2D, 1 L2_NORMALIZATION, 1 RESHAPE, 1 SOFTMAX, 1 edgetpu-custom-op

A compiled model beside the one that it was made from:

  $ for m in mobilenet_v1_0.25_128_quant mobilenet_v1_1.0_224_quant_embedding_extractor posenet_mobilenet_v1_075_353_481_16_quant_decoder; do
  >   corallite inspect "$M/${m}_edgetpu.tflite" | grep -o 'weights of.*'; done
  weights of 28 of 28 layers equal, constants of 29 of 29 operators
  weights of 27 of 27 layers equal, constants of 28 of 28 operators
  weights of 31 of 31 layers equal, constants of 31 of 31 operators
  $ corallite inspect --json "$M/mobilenet_v1_0.25_128_quant_edgetpu.tflite" | grep -o '"layers": .*"first_constant": [a-z]*'
  "layers": 28, "layers_equal": 28, "constants": 29, "constants_equal": 29, "first_layer": null, "first_constant": null
