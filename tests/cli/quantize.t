A model of floats in 8 bits, and what that cost.

#require png

  $ F="$TREE/tests/data/detector_yolov5_f32.tflite"; mkdir photos few
  $ for n in 1 2 3 4 5 6 7 8; do picture png photos/$n.png $((n * 9 + 30)) $((90 - n * 7)); done; cp photos/1.png few/
  $ corallite quantize "$F" --data photos --layers 3 -o out.tflite
  out.tflite: 23 of 23 operators in 8 bits; 15.3 KiB of 26.8 KiB
  ranges of 6 pictures (min-max); compared on 2 held out
  
  output  signal to noise   cosine  relative error  largest difference
  t54             40.3 dB  0.99996          0.961%           0.0521209
  
  the layers that are farthest from the floats:
  op  operator  output  signal to noise   cosine  relative error  largest difference  its rounding alone
   9  CONV_2D   t27             36.4 dB  0.99989           1.51%           0.0160432             38.2 dB
  10  RESHAPE   t30             36.4 dB  0.99989           1.51%           0.0160432             38.2 dB
   4  CONV_2D   t14             39.2 dB  0.99995            1.1%          0.00552214             52.4 dB
  $ corallite inspect out.tflite | sed -n '/^Inputs/,/^Outputs/p'
  Inputs
    0  t0  INT8 [1,64,64,3]  0.00392157 * (q + 128)
  
  Outputs
  $ corallite check out.tflite | head -1
  out.tflite: 8-bit, 24 of 24 operators go to the Edge TPU
  $ corallite quantize "$F" --data photos --json --layers 3 -o out.tflite | sed 's/"layers".*"kept"/"kept"/; s/_ms": [0-9.]*/_ms": N/g'
  {"model": "$TREE/tests/data/detector_yolov5_f32.tflite", "output": "out.tflite", "bytes": [27412, 15640], "calibration": "min-max", "pictures": 6, "examined": 2, "held_out": true, "operators": 23, "quantised": 23, "same_top1": null, "right": null, "outputs": [{"name": "t54", "snr_db": 40.3115, "cosine": 0.99996, "relative_error": 0.00961332, "largest_difference": 0.0521209}], "kept": [], "observe_ms": N, "examine_ms": N}
  $ corallite quantize "$F" --data few --keep-float logistic,20-21 --input-type uint8 --output-type float32 --calibration mse --layers 0 | tail -n +2
  ranges of 1 picture (mse); compared on 1 of the same, for none is held out
  
  output  signal to noise   cosine  relative error  largest difference
  t54             42.2 dB  0.99997          0.773%           0.0394988
  
  as they were, in floats:
  LOGISTIC  12  as was asked for
  SLICE     13  it is between operators that stay as they are
  MUL       20  as was asked for
  SLICE     21  as was asked for
  $ corallite inspect detector_yolov5_f32_int8.tflite | sed -n '/^Inputs/,/^Operators/p'
  Inputs
    0  t0  UINT8 [1,64,64,3]  0.00392157 * q
  
  Outputs
    0  t54  FLOAT32 [1,252,8]
  
  Operators (30)
  $ corallite quantize --input-type float32 --calibration percentile --percentile 99 "$F" --data photos -o again.tflite --layers 0 | head -2
  again.tflite: 23 of 23 operators in 8 bits; 15.4 KiB of 26.8 KiB
  ranges of 6 pictures (percentile); compared on 2 held out
The report as a page has all layers, the worst before, and asks no other server for anything.
  $ corallite quantize "$F" --data photos --layers 3 --keep-float 20-21 --html page.html -o '<out>.tflite' >/dev/null && grep -o '<h1>.*</h1>\|<h2>[^<]*' page.html
  <h1>&lt;out&gt;.tflite</h1>
  <h2>Outputs
  <h2>The layers that are farthest from the floats
  <h2>All layers, in the order of the model
  <h2>As they were, in floats
  $ sed -n '/farthest/,/^<\/table/p' page.html | grep -c '^<tr><td>'; sed -n '/All layers/,/^<\/table/p' page.html | grep -c '^<tr><td>'
  3
  21
  $ grep -c 'http\|src=' page.html
  0
  [1]
The same pictures give the same bytes.
  $ corallite quantize "$F" --data photos -o twice.tflite >/dev/null && cmp out.tflite twice.tflite

Pictures that lie beside folders count, and a folder without any takes none away.
  $ mkdir -p beside/more beside/none && cp photos/[123].png beside && cp photos/[45].png beside/more && echo seven >beside/labels.txt
  $ corallite quantize "$F" --data beside --layers 0 --test-ratio 0 -o x.tflite | head -2; rm x.tflite
  corallite: error: beside/none: no picture in this folder: .jpg, .png, .webp, .gif, .bmp, .ppm, .pgm and .pbm are
  corallite: warning: beside: 1 file is no picture (a text file)
  x.tflite: 23 of 23 operators in 8 bits; 15.3 KiB of 26.8 KiB
  ranges of 5 pictures (min-max); compared on 5 of the same, for none is held out

Folders that are named as classes say how often the model is right.
  $ model f.tflite -float32:1,2,2,3 chain=2:14; mkdir -p classes/seven classes/nine
  $ for n in 20 30 40; do picture png classes/seven/$n.png $n 20; picture png classes/nine/$n.png $n 20; done
  $ printf '%s\n' zero one two three four five six seven eight nine ten eleven >labels.txt
  $ corallite quantize f.tflite --data classes --labels labels.txt --test-ratio 0.5 --layers 0 | head -4
  f_int8.tflite: 2 of 2 operators in 8 bits; 624 bytes of 516 bytes
  ranges of 3 pictures (min-max); compared on 3 held out
  the same best class on 3 of 3
  recognises 1 of 3, and in floats 1
  $ corallite quantize f.tflite --data classes --labels labels.txt --test-ratio 0.5 --json | grep -o '"same_top1.*"outputs"'
  "same_top1": 3, "right": {"of": 3, "before": 1, "after": 1}, "outputs"

Models of anything else get arrays: each a sample, or several along the first dimension.
  $ model v.tflite -float32:1,3 chain=2:14 && mkdir arrays && npy make arrays/a.npy '<f4' 1,3 && npy make arrays/b.npy '<f4' 7,3 3
  $ corallite quantize v.tflite --data arrays --test-ratio 0 --html v.html
  v_int8.tflite: 2 of 2 operators in 8 bits; 616 bytes of 508 bytes
  ranges of 8 samples (min-max); compared on 8 of the same, for none is held out
  
  output  signal to noise   cosine  relative error  largest difference
  link 1          49.4 dB  1.00000           0.34%          0.00390625
  
  the layers that are farthest from the floats:
  op  operator  output  signal to noise   cosine  relative error  largest difference  its rounding alone
   1  LOGISTIC  link 1          49.4 dB  1.00000           0.34%          0.00390625             49.4 dB
   0  RESHAPE   link 0          54.4 dB  1.00000           0.19%           0.0431374             54.4 dB
  $ corallite inspect v_int8.tflite | sed -n '/^Inputs/,/^$/p'; grep -o '8 samples' v.html
  Inputs
    0  tensor 0  INT8 [1,3]  0.0901961 * (q + 128)
  
  8 samples
  $ corallite quantize v.tflite --data arrays --pictures 4 --seed 3 --input-type float32 -o x.tflite | sed -n 2p; rm x.tflite
  corallite: 8 samples, of which 4 are taken (--pictures)
  ranges of 3 samples (min-max); compared on 1 held out
Of several inputs each has its file, by number or name.
  $ model several.tflite -float32:1,2 -float32:1,2 chain=2:14 && mkdir pairs && npy make pairs/0.npy '<f4' 4,2 && npy make "pairs/tensor 1.npy" '<f4' 4,2
  $ corallite quantize several.tflite --data pairs | sed -n 2p
  ranges of 3 samples (min-max); compared on 1 held out
  $ npy make pairs/1.npy '<f4' 3,2; corallite quantize several.tflite --data pairs -o x.tflite
  corallite: error: pairs/1.npy has 3 samples, and pairs/0.npy 4; all inputs are to have as many
  [1]
  $ rm pairs/1.npy; corallite quantize several.tflite --data pairs -o "pairs/tensor 1.npy"
  corallite: error: --output pairs/tensor 1.npy: this would replace the input pairs/tensor 1.npy; name another file or folder
  [2]
  $ corallite quantize several.tflite --data arrays -o x.tflite
  corallite: error: --data arrays: the model has several inputs, and there is no array for input 0 "tensor 0": 0.npy or NAME.npy is expected
  [1]
  $ mkdir others && npy make others/a.npy '<i4' 1,3 && corallite quantize v.tflite --data others -o x.tflite
  corallite: error: others/a.npy: INT32 [1,3]; input "tensor 0" is FLOAT32 [1,3], and an array has that shape, or N of it where the first number is 1
  [1]
  $ npy make others/a.npy '<f4' 0,3; corallite quantize v.tflite --data others -o x.tflite 2>&1 | cut -c1-50
  corallite: error: others/a.npy: FLOAT32 [0,3]; inp
  $ rm others/a.npy; mkfifo others/a.npy; timeout 60 corallite quantize v.tflite --data others -o x.tflite
  corallite: error: others/a.npy: a pipe or a device, where a file is expected
  [1]
  $ rm others/a.npy; head -c 140 arrays/b.npy >others/a.npy; corallite quantize v.tflite --data others -o x.tflite 2>&1 | cut -c1-32
  corallite: error: others/a.npy: 

What cannot be:
  $ corallite quantize "$TREE/models/signs_detector.tflite" --data photos -o x.tflite
  corallite: error: $TREE/models/signs_detector.tflite: tensor 0 "image" is UINT8 with a scale: the model is quantised already; one of floats is expected
  [1]
  $ corallite quantize "$F" -o x.tflite
  corallite: error: no pictures to find ranges by; name a folder of them, or of arrays, with --data FOLDER
  [2]
  $ corallite quantize "$F" --data none -o x.tflite
  corallite: error: --data none: no folder; one with pictures, or arrays, is expected, such as the model will see
  [1]
  $ mkdir empty && corallite quantize "$F" --data empty -o x.tflite
  corallite: error: empty: no picture in this folder: .jpg, .png, .webp, .gif, .bmp, .ppm, .pgm and .pbm are
  [1]
  $ cp "$F" own.tflite && corallite quantize own.tflite --data photos -o own.tflite
  corallite: error: --output own.tflite: this would replace the input own.tflite; name another file or folder
  [2]
  $ corallite quantize "$F" --data photos -o photos
  corallite: error: --output photos: that is a folder; name a file
  [2]
  $ corallite quantize "$F" --data photos -o photos/1.png
  corallite: error: --output photos/1.png: this would replace the input photos/1.png; name another file or folder
  [2]
  $ for n in 2 3; do corallite quantize "$F" --data photos --pictures 1 -o photos/$n.png; done
  corallite: error: --output photos/2.png: this would replace the input photos/2.png; name another file or folder
  corallite: error: --output photos/3.png: this would replace the input photos/3.png; name another file or folder
  [2]
  $ echo one >names.txt; corallite quantize "$F" --data photos --labels names.txt -o names.txt
  corallite: error: --output names.txt: this would replace the input names.txt; name another file or folder
  [2]
  $ corallite quantize "$F" --data photos --html - -o x.tflite
  corallite: error: --html -: the standard output has the report; name a file
  [2]
  $ corallite quantize "$F" --data photos --html photos/1.png -o x.tflite
  corallite: error: --html photos/1.png: this would replace the input photos/1.png; name another file or folder
  [2]
  $ corallite quantize "$F" --data photos --html nowhere/p.html -o x.tflite; test -e x.tflite
  corallite: error: --html nowhere/p.html: there is no folder nowhere; make it first
  [1]
  $ corallite quantize "$F" --data photos -o -
  corallite: error: --output -: the standard output has the report; name a file
  [2]
  $ corallite quantize "$F" --data photos --keep-float softmax -o x.tflite
  corallite: error: --keep-float softmax: no operator is called so; 'corallite inspect' lists them
  [1]
  $ corallite quantize "$F" --data photos --keep-float 9-99 -o x.tflite
  corallite: error: --keep-float 9-99: the model has operators 0 to 22; 'corallite inspect' lists them
  [1]
  $ corallite quantize "$F" --data photos --keep-float 5-3 -o x.tflite
  corallite: error: --keep-float 5-3: a range begins with its lower number
  [2]
  $ corallite quantize "$F" --data photos --keep-float , -o x.tflite
  corallite: error: --keep-float ,: no operator is named; 'corallite inspect' lists them
  [2]
  $ corallite quantize "$F" --data photos --keep-float 0-22 -o x.tflite
  corallite: error: $TREE/tests/data/detector_yolov5_f32.tflite: no operator that reads floats can be quantised, or all are to stay as they are
  [1]
  $ corallite quantize "$F" --data photos --percentile 20 -o x.tflite
  corallite: error: --percentile 20: a number from 50.1 to 100 is expected
  [2]
  $ corallite quantize "$F" --data photos --calibration mse --percentile 99 -o x.tflite
  corallite: error: --percentile 99: only the ranges of --calibration percentile have it; give both
  [2]
  $ corallite quantize "$F" --data photos --std 1e-38 -o x.tflite
  corallite: error: $TREE/tests/data/detector_yolov5_f32.tflite: by its mean and std pixels become numbers from 0 to inf; give others with --mean and --std
  [1]
  $ corallite quantize "$F" --data photos --input-type int16 -o x.tflite
  corallite: error: --input-type int16: int8, uint8 or float32 is expected
  [2]
  $ echo no >photos/9.png; corallite quantize "$F" --data photos --layers 0 -o y.tflite | head -2
  corallite: error: photos: 1 file is no picture (a text file)
  y.tflite: 23 of 23 operators in 8 bits; 15.3 KiB of 26.8 KiB
  ranges of 6 pictures (min-max); compared on 2 held out
  $ cp "$TREE/tests/data/detector_yolox_f32.tflite" inf.tflite && printf '\000\000\200\377' | dd of=inf.tflite bs=1 seek=15268 conv=notrunc 2>/dev/null
  $ corallite quantize inf.tflite --data few -o x.tflite
  corallite: error: inf.tflite: constant 3 "t3" holds a number that is not finite
  [1]
  $ mkdir broken; echo no >broken/9.png; corallite quantize "$F" --data broken -o x.tflite
  corallite: error: broken: no picture in this folder: 1 file is no picture (a text file)
  [1]
  $ model sound.tflite -float32:1,100 float32:1,10 && corallite quantize sound.tflite --data photos -o x.tflite
  corallite: error: photos: 1 file is no picture (a text file)
  corallite: error: sound.tflite: input "tensor 0" is FLOAT32 [1,100], no picture; [1,h,w,3], [1,h,w,1] and [1,h,w] of UINT8, INT8, INT16 or FLOAT32 are; 'corallite run' gives it any array
  corallite: for such a model --data names a folder of arrays (.npy)
  [1]
  $ ls x.tflite
  ls: cannot access 'x.tflite': No such file or directory
  [2]
