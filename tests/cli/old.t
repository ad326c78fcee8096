As the scripts of pycoral and of the demos before it were called: their flags are taken, and mean the same.

  $ M=$TREE/tests/data/tiny_u8.tflite
  $ picture png a.png && printf 'zero\none\ntwo\nthree\nfour\n' >labels.txt
  $ model ssd.tflite -uint8:1,64,64,3 float32:1,10,4 float32:1,10 float32:1,10 float32:1
  $ model mask.tflite -uint8:1,64,64,3 uint8:1,64,64
  $ model pose.tflite -uint8:1,64,64,3 float32:1,1,17,3

classify_image.py and detect_image.py:

  $ corallite classify -m "$M" -i a.png -l labels.txt -k 1 -t 0.0 -c 3 -a 127 -s 128 2>times
  one  0.386719
  $ sed 's/[0-9][0-9.]* ms/N ms/' times
  corallite: a.png: run 1 of 3 took N ms
  corallite: a.png: run 2 of 3 took N ms
  corallite: a.png: run 3 of 3 took N ms
  $ corallite classify --model "$M" --input a.png --labels labels.txt --top_k 1 --threshold 0.0 --count 1 2>times
  one  0.386719
  $ corallite detect -m ssd.tflite -i a.png -l labels.txt -t 0.4 -c 2 -o out.png 2>&1 | sed 's/[0-9][0-9.]* ms/N ms/'
  corallite: a.png: run 1 of 2 took N ms
  corallite: a.png: run 2 of 2 took N ms
  nothing that scores 0.4 or more

Runs know nothing of each other:

  $ corallite classify -m "$M" -c 5 a.png 2>times >five && corallite classify -m "$M" a.png | diff - five
  $ corallite classify -m "$M" -c 0 a.png
  corallite: error: --count 0: a whole number from 1 to 1000000 is expected
  [2]

semantic_segmentation.py, movenet_pose_estimation.py, object_detection.py, label_image.py:

  $ corallite segment --model mask.tflite --input a.png --keep_aspect_ratio --output mask.png
  0  384 pixels  100.0%
  $ corallite pose -m pose.tflite -i a.png --output pose.png
  nobody who scores 0.25 or more
  $ corallite detect --model ssd.tflite --label labels.txt --input a.png --output drawn.png
  nothing that scores 0.5 or more
  $ corallite classify --image a.png --model_file "$M" --label_file labels.txt --input_mean 127 --input_std 128 --num_threads 1 -k1
  one  0.386719
