Pictures in, results out: files, folders, the standard input, and what is no picture.

  $ M=$TREE/tests/data/tiny_u8.tflite
  $ picture ppm a.ppm
  $ picture png b.png 32 9
  $ picture jpg c.jpg
  $ printf 'zero\none\ntwo\nthree\nfour\n' >labels.txt

  $ corallite classify --model "$M" --labels labels.txt a.ppm
  one   0.386719
  four  0.269531
  two   0.179688
  $ corallite classify --model="$M" --top-k=9 --threshold 0.1 a.ppm
  1  0.386719
  4  0.269531
  2  0.179688
  0  0.121094
  $ corallite classify --json --model "$M" --labels labels.txt a.ppm
  [{"image": "a.ppm", "results": [{"index": 1, "label": "one", "score": 0.38671875}, {"index": 4, "label": "four", "score": 0.26953125}, {"index": 2, "label": "two", "score": 0.1796875}]}]
  $ corallite classify --json --model "$M" a.ppm b.png c.jpg
  [{"image": "a.ppm", "results": [{"index": 1, "label": null, "score": 0.38671875}, {"index": 4, "label": null, "score": 0.26953125}, {"index": 2, "label": null, "score": 0.1796875}]},
   {"image": "b.png", "results": [{"index": 4, "label": null, "score": 0.34375}, {"index": 1, "label": null, "score": 0.25}, {"index": 0, "label": null, "score": 0.17578125}]},
   {"image": "c.jpg", "results": [{"index": 1, "label": null, "score": 0.37890625}, {"index": 4, "label": null, "score": 0.265625}, {"index": 2, "label": null, "score": 0.18359375}]}]
  $ corallite classify --model "$M" --labels labels.txt --top_k 1 a.ppm b.png c.jpg
  a.ppm
    one  0.386719
  b.png
    four  0.34375
  c.jpg
    one  0.378906

A model may say from which score on it means something; --threshold says otherwise.

  $ model unsure.tflite -uint8:1,8,8,3 int8:1,3:0.00390625:-128 least=0.75
  $ corallite classify -m unsure.tflite a.ppm
  unknown: nothing that scores 0.75 or more
  $ corallite classify -m unsure.tflite --json a.ppm
  [{"image": "a.ppm", "results": []}]
  $ corallite classify -m unsure.tflite -t 0 -k 1 a.ppm b.png
  a.ppm
    0  0.5
  b.png
    0  0.5
  $ corallite classify -m unsure.tflite -t 0.6 a.ppm b.png
  a.ppm
    unknown: nothing that scores 0.6 or more
  b.png
    unknown: nothing that scores 0.6 or more

As the old scripts called it:

  $ corallite classify --model "$M" --label labels.txt --image a.ppm
  one   0.386719
  four  0.269531
  two   0.179688
  $ corallite classify -m "$M" -l labels.txt -i a.ppm -k 1 -t 0.05
  one  0.386719
  $ corallite classify --model "$M" --label labels.txt --input a.ppm --input_mean 128 --input_std 128 -k1
  one  0.386719

A folder is read by name, hidden pictures passed over, other files counted; - is the standard input.

  $ mkdir folder && cp b.png folder/2.png && cp a.ppm folder/1.PPM && cp a.ppm folder/.3.ppm && echo x >folder/readme
  $ corallite classify -m "$M" -k 1 folder
  corallite: warning: folder: 1 file is no picture (a text file)
  folder/1.PPM
    1  0.386719
  folder/2.png
    4  0.34375
  $ corallite classify -m "$M" -k 1 folder/ - <c.jpg
  corallite: warning: folder/: 1 file is no picture (a text file)
  folder/1.PPM
    1  0.386719
  folder/2.png
    4  0.34375
  -
    1  0.378906
  $ mkdir mixed && cp a.ppm mixed && printf '\0\0\0\030ftypheic' >mixed/b.heic && printf '\0\0\0\030ftypmif1' >mixed/c.jpg
  $ echo 'version https://git-lfs.github.com/spec/v1' | tee mixed/d.png >mixed/e.webp
  $ printf '\0\001\002\003' >mixed/.DS_Store; cp labels.txt mixed; cp c.jpg mixed/f; : >mixed/g.jpg; echo '<svg/>' >mixed/h.svg
  $ corallite classify -m "$M" -k 1 mixed
  corallite: error: mixed: 9 files are no pictures that can be read (one of another kind, 2 HEIC pictures, 2 Git LFS pointers, a picture by another name, an empty file, an SVG drawing, a text file); convert them to JPEG or PNG
  mixed/a.ppm
    1  0.386719
  [1]
  $ rm mixed/[bcdegh]* && corallite classify --json -m "$M" -k 1 mixed
  corallite: warning: mixed: 3 files are no pictures (one of another kind, a picture by another name, a text file)
  [{"image": "mixed/a.ppm", "results": [{"index": 1, "label": null, "score": 0.38671875}]}]
  $ rm mixed/a.ppm && corallite classify -m "$M" -k 1 mixed
  corallite: error: mixed: no picture in this folder: 3 files are no pictures (one of another kind, a picture by another name, a text file)
  [1]
  $ mkdir empty
  $ corallite classify -m "$M" empty
  corallite: error: empty: no picture in this folder: .jpg, .png, .webp, .gif, .bmp, .ppm, .pgm and .pbm are
  [1]
  $ corallite classify -m "$M" - </dev/null
  corallite: error: standard input: the file is empty
  [1]

Both backends, any number of threads, any level: the same.

  $ corallite classify -m "$M" a.ppm b.png c.jpg >one
  $ corallite classify -m "$M" --backend reference --threads 3 a.ppm b.png c.jpg | diff one -
  $ corallite classify -m "$M" --backend cpu --cpu ref a.ppm b.png c.jpg | diff one -
  $ for how in nearest bilinear bicubic lanczos; do corallite classify -m "$M" -k 1 --resample $how a.ppm; done
  1  0.386719
  1  0.386719
  1  0.386719
  1  0.378906
  $ corallite classify -m "$M" --resample best a.ppm
  corallite: error: --resample best: bilinear, nearest, bicubic or lanczos is expected
  [2]

A photograph is turned upright, and so is what is drawn on it; as it is stored on demand.

  $ picture turned turned.jpg 6
  $ corallite detect -o upright.png turned.jpg >table && picture show upright.png
  16 24 RGB 8
  $ corallite detect --exif_orientation -o upright.png turned.jpg >table && picture show upright.png
  16 24 RGB 8
  $ corallite detect --no-exif-orientation -o stored.png turned.jpg >table && picture show stored.png
  24 16 RGB 8
  $ corallite embed -m "$M" --no_exif_orientation turned.jpg >stored && corallite embed -m "$M" c.jpg | diff stored -

Labels that are too few, or no labels:

  $ head -2 labels.txt >few.txt
  $ corallite classify -m "$M" -k 5 -l few.txt a.ppm b.png
  corallite: warning: few.txt: 2 labels, but the model has 5 classes; numbers stand in for the rest
  a.ppm
    one   0.386719
    4     0.269531
    2     0.179688
    zero  0.121094
    3     0.0390625
  b.png
    4     0.34375
    one   0.25
    zero  0.175781
    2     0.167969
    3     0.0625
  $ for heading in background "???"; do (echo "$heading"; cat labels.txt) >more.txt; corallite classify -k 1 -m "$M" -l more.txt a.ppm; done
  corallite: warning: more.txt: 6 labels, but the model has 5 classes; the first, "background", is left out
  one  0.386719
  one  0.386719
  $ (cat labels.txt; echo five) >more.txt && corallite classify -k 1 -m "$M" -l more.txt a.ppm
  corallite: warning: more.txt: 6 labels, but the model has 5 classes; is the first a heading, or a background that the model does not have? then remove it
  one  0.386719
  $ nl labels.txt >one-based.txt && corallite classify -k 1 -m "$M" -l one-based.txt a.ppm
  corallite: warning: one-based.txt: labels numbered 1 to 5, but the model's 5 classes start at 0; each number is taken for one less
  one  0.386719
  $ echo '{"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4}' >labels.json && corallite classify -k 1 -m "$M" -l labels.json a.ppm
  one  0.386719
  $ (echo '<!doctype html>'; cat labels.txt) >page.txt && corallite classify -m "$M" -l page.txt a.ppm
  corallite: error: page.txt: no labels: this is a web page: the download went wrong
  [1]
  $ corallite classify -m "$M" -l nothing.txt a.ppm
  corallite: error: nothing.txt: cannot open: No such file or directory
  [1]
  $ corallite classify -m "$M" -l c.jpg a.ppm
  corallite: error: c.jpg: no labels: this is a JPEG picture
  [1]

One that cannot be read among several: the others are done.

  $ corallite classify -m "$M" -k 1 a.ppm nothing.png c.jpg
  a.ppm
    1  0.386719
  corallite: error: nothing.png: cannot open: No such file or directory
  c.jpg
    1  0.378906
  [1]
  $ corallite classify --json -m "$M" -k 1 nothing.png a.ppm
  corallite: error: nothing.png: cannot open: No such file or directory
  [{"image": "a.ppm", "results": [{"index": 1, "label": null, "score": 0.38671875}]}]
  [1]
  $ corallite classify --json -m "$M" nothing.png
  corallite: error: nothing.png: cannot open: No such file or directory
  [1]

What is no picture, or not a whole one: one line each, quickly.

  $ : >zero.jpg
  $ corallite classify -m "$M" zero.jpg
  corallite: error: zero.jpg: the file is empty
  [1]
  $ head -c 200 c.jpg >short.jpg
  $ corallite classify -m "$M" short.jpg
  corallite: error: short.jpg: the JPEG file is truncated
  [1]
  $ head -c 70 b.png >short.png
  $ corallite classify -m "$M" short.png
  corallite: error: short.png: the PNG file is truncated
  [1]
  $ picture header large.png 20000 20000
  $ corallite classify -m "$M" large.png
  corallite: error: large.png: picture of 20000 x 20000 pixels; at most 134217728 pixels are accepted
  [1]
  $ picture header larger.png 200000 200000
  $ corallite classify -m "$M" larger.png
  corallite: error: larger.png: picture of 200000 x 200000 pixels; a side of at most 65535 is accepted
  [1]
  $ picture header largest.png 2000000000 2000000000
  $ corallite classify -m "$M" largest.png
  corallite: error: largest.png: .* (re)
  [1]
  $ head -c 100 a.ppm >short.ppm
  $ corallite classify -m "$M" short.ppm
  corallite: error: short.ppm: the PNM file is truncated
  [1]
  $ corallite classify -m "$M" labels.txt
  corallite: error: labels.txt: no picture: this is a text file
  [1]
  $ corallite classify -m "$M" "$M"
  corallite: error: $TREE/tests/data/tiny_u8.tflite: no picture: this is a TensorFlow Lite model
  [1]
  $ printf '\0\0\0\030ftypheic' >photo.jpg; printf '\0\0\0\030ftypavif' >photo.avif; printf 'MM\0*\0\0\0\010' >scan.tif
  $ echo '<html>' >page.jpg; echo '%PDF-1.7' >paper.pdf; printf '\0\0\0\030ftypmp42' >clip.mp4
  $ echo 'version https://git-lfs.github.com/spec/v1' >pointer.png
  $ corallite classify -m "$M" photo.jpg photo.avif scan.tif page.jpg paper.pdf clip.mp4 pointer.png
  corallite: error: photo.jpg: a HEIC picture cannot be read; convert it to JPEG or PNG
  corallite: error: photo.avif: an AVIF picture cannot be read; convert it to JPEG or PNG
  corallite: error: scan.tif: a TIFF picture or a camera's raw file cannot be read; convert it to JPEG or PNG
  corallite: error: page.jpg: no picture: this is a web page: the download went wrong
  corallite: error: paper.pdf: no picture: this is a PDF document
  corallite: error: clip.mp4: no picture: this is an MP4 or QuickTime video: take single pictures out of it, with ffmpeg for one
  corallite: error: pointer.png: no picture: this is a Git LFS pointer, not the file itself: run "git lfs pull"
  [1]
  $ I=$TREE/tests/data/images
  $ corallite classify -k 1 -m "$M" "$I/animated.gif" "$I/animated.webp" "$I/lossy_alpha.webp"
  $TREE/tests/data/images/animated.gif
    1  0.269531
  $TREE/tests/data/images/animated.webp
    1  0.332031
  $TREE/tests/data/images/lossy_alpha.webp
    1  0.332031
  $ picture png wide.png 40000 10 && corallite classify -k 1 -m "$M" wide.png
  0  0.242188
  $ picture ppm dot.ppm 1 1
  $ corallite classify -m "$M" -k 1 dot.ppm
  0  0.265625

What is no model:

  $ corallite classify -m labels.txt a.ppm
  corallite: error: labels.txt: no TensorFlow Lite model (the bytes "TFL3" are missing at 4); this is a text file
  [1]
  $ corallite classify -m zero.jpg a.ppm
  corallite: error: zero.jpg: the file is empty
  [1]
  $ head -c 1500 "$M" >short.tflite
  $ corallite classify -m short.tflite a.ppm
  corallite: error: short.tflite: .* (re)
  [1]
  $ corallite classify -m nothing.tflite a.ppm
  corallite: error: nothing.tflite: no such file
  [1]
  $ corallite classify -m . a.ppm
  corallite: error: .: this is a directory, a model is one file
  [1]
  $ corallite segment a.ppm
  corallite: error: no model given; name one with --model FILE
  [2]

A model of another kind:

  $ corallite detect -m "$M" a.ppm
  corallite: error: $TREE/tests/data/tiny_u8.tflite: this is a classifier (output [1,5]); use 'corallite classify'
  [1]
  $ corallite pose -m "$M" a.ppm b.png
  corallite: error: $TREE/tests/data/tiny_u8.tflite: this is a classifier (output [1,5]); use 'corallite classify'
  [1]
  $ corallite segment -m "$M" a.ppm
  corallite: error: $TREE/tests/data/tiny_u8.tflite: this is a classifier (output [1,5]); use 'corallite classify'
  [1]

The vector of a picture:

  $ corallite embed -m "$M" a.ppm
  0.121094 0.386719 0.179688 0.0390625 0.269531
  $ corallite embed -m "$M" --json a.ppm
  [{"image": "a.ppm", "embedding": [0.12109375, 0.38671875, 0.1796875, 0.0390625, 0.26953125]}]
  $ corallite embed -m "$M" --output a.npy a.ppm && npy show a.npy
  <f4 (5,) aligned 0.12109375 0.38671875 0.1796875 0.0390625 0.26953125
  $ corallite embed -m "$M" --output vectors folder a.ppm c.jpg folder/1.PPM && ls vectors
  corallite: warning: folder: 1 file is no picture (a text file)
  1-2.npy
  1.npy
  2.npy
  a.npy
  c.npy

Where the result cannot go:

  $ corallite classify -m "$M" a.ppm >/dev/full
  corallite: error: standard output: No space left on device
  [1]
  $ corallite embed -m "$M" --output /dev/full a.ppm
  corallite: error: /dev/full: No space left on device
  [1]
  $ corallite embed -m "$M" --output a.ppm a.ppm c.jpg
  corallite: error: --output: a.ppm: a file, where a folder is to be made
  [1]
  $ corallite detect -m "$M" --output drawn.gif a.ppm
  corallite: error: --output: drawn.gif: cannot tell the format of a picture from this name; .jpg, .jpeg, .png, .bmp, .ppm and .pgm are written
  [2]
  $ corallite detect -m "$M" --output drawn.png a.ppm b.png
  corallite: error: --output drawn.png: with several pictures this is a folder, not a file
  [2]
  $ ! ls | grep part

What would let the program wait for ever does not: a file of the system's that has nothing to say, and a pipe in a folder.

  $ timeout 20 corallite classify /proc/kmsg 2>&1 | grep -c '^corallite: error: /proc/kmsg: '
  1
  $ mkdir pipes && mkfifo pipes/a.jpg && timeout 20 corallite classify pipes
  corallite: error: pipes: no picture in this folder: 1 file is no picture (a pipe or a device); name each by itself
  [1]

Scores that are no numbers are not below a threshold that nobody gave.

  $ model nan.tflite -float32:1,2,2,3 chain=2:73 && picture ppm dark.ppm 1 1
  $ corallite classify -m nan.tflite dark.ppm
  unknown: the model's scores are no numbers (nan)
