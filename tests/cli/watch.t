Watching: a scene that is drawn, raw frames, pictures as a film.

  $ corallite watch test --fps 0 --frames 40 --json >lines; wc -l <lines
  \(Playback\) [\d.]+ FPS  \(Detection\) [\d.]+ FPS, [\d.]+ ms (re)
  corallite: 40 frames, 40 looked at, on the picture [\d.]+ ms after capture \(median\); 0 more not shown, 0 not looked at (re)
  40
  $ "$PYTHON" -c 'import json
  > lines = [json.loads(line) for line in open("lines")]
  > print(*lines[7])
  > print(*lines[7]["results"][0])
  > print([line["frame"] for line in lines] == list(range(40)), lines[30]["time"])
  > print({(r["id"], r["label"]) for r in lines[9]["results"]} <= {(r["id"], r["label"]) for r in lines[39]["results"]})'
  frame time results gone detection_ms overlay_ms
  index label score box id
  True 1.0
  True

The numbers, over 15 frames each:

  $ corallite watch --source test --mode sync --frames 31 --fps 100 2>&1 | head -1
  \(Playback\) [\d.]+ FPS  \(Detection\) [\d.]+ FPS, [\d.]+ ms (re)
  $ corallite watch test --frames 20 --fps 0 --quiet

Pictures with what was found drawn into them:

  $ corallite watch test --fps 0 --frames 3 --width 64 --height 48 --quiet --output out/ --output png/.png && ls out && picture show png/000002.png
  000000.jpg
  000001.jpg
  000002.jpg
  64 48 RGB 8
  $ corallite watch test --fps 0 --frames 1 --quiet --output out/again/.png --output out/.bmp && ls out out/again | xargs
  out: 000000.bmp 000000.jpg 000001.jpg 000002.jpg again out/again: 000000.png
  $ corallite watch test --frames 1 --output other
  corallite: error: --output other: a film (.mp4, .mkv) or a folder is expected, the latter written with a slash at its end
  [2]
  $ corallite watch test --frames 1 --output new/.gif
  corallite: error: --output: .gif: cannot tell the format of a picture from this name; .jpg, .jpeg, .png, .bmp, .ppm and .pgm are written
  [2]

Frames from another program: their boxes are those of the pictures.

  $ for f in 1 2 3; do corallite watch test --fps 0 --frames 1 --plain --quiet --threshold 1 --output one/.ppm && tail -c 230400 one/000000.ppm; done >raw
  $ corallite watch - --format rgb --mode sync --json --quiet --fps 10 <raw | sed 's/, "gone.*//'
  \{"frame": 0, "time": 0.000, "results": \[\{.*"id": 1\}, .* (re)
  \{"frame": 1, "time": 0.100, "results": \[\{.*"id": 1\}, .* (re)
  \{"frame": 2, "time": 0.200, "results": \[\{.*"id": 1\}, .* (re)
  $ corallite watch - --mode sync --quiet <raw
  $ corallite watch - --format rgb --width 100 --mode sync --quiet <raw
  corallite: error: standard input: ends after 9 whole frames and 43200 bytes of another; a frame of 100 x 240 rgb has 72000: size and pixels have to be those that come in
  [1]
  $ corallite watch - --quiet </dev/null
  corallite: error: standard input: it ended before the first frame; what was to give frames has to say why
  [1]

Pictures of a folder, of which one is broken:

  $ mkdir film && cp "$TREE/examples/scene_1.jpg" film/1.jpg && cp film/1.jpg film/3.jpg && head -c 300 film/1.jpg >film/2.jpg
  $ corallite watch --source film --json --quiet | sed 's/, "gone.*//' >lines
  corallite: warning: film/2.jpg: the JPEG file is truncated
  $ wc -l <lines
  2
  $ corallite detect --json film/1.jpg | sed 's/.*"results": \[{\([^}]*\)}.*/\1/' >still; sed -n '1s/.*"results": \[{\([^}]*\), "id": 1}.*/\1/p' lines | diff still -

Zones and lines are counted in:

  $ echo '{"lines": [{"name": "gate", "points": [[0.5, 0], [0.5, 1]]}], "zones": [{"name": "left", "points": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}]}' >areas.json
  $ corallite watch test --fps 0 --frames 120 --areas areas.json --json --quiet >lines && tail -1 lines | sed 's/.*"areas": \(.*}}\), "det.*/\1/'
  {"gate": {"in": \d+, "out": \d+}, "left": {"in": \d+, "out": \d+, "now": \d+}} (re)
  $ head -1 lines | grep -c '"zones": \["left"\]'
  1
  $ areas() { echo "$1" >wrong.json; corallite watch test --frames 1 --areas wrong.json; }
  $ areas '{"zones": [}'
  corallite: error: wrong.json: line 1: no JSON: .* (re)
  [1]
  $ areas '{"zones": [{"name": "a", "points": [[0, 0], [1, 0], [5, 1]]}]}'
  corallite: error: wrong.json: zone a: point 2 is 5, 1; fractions of the picture are expected, from 0 to 1
  [1]
  $ areas '{"zone": []}'
  corallite: error: wrong.json: "zone" is not known; "zones", "lines" and "masks" are
  [1]
  $ areas '{"lines": [{"name": "a", "points": [[0, 0], [1, "x"]]}]}'
  corallite: error: wrong.json: lines[0]: point 1 is no [x, y]
  [1]
  $ areas '{"masks": [{"polygon": []}]}'
  corallite: error: wrong.json: masks[0]: "polygon" is not known; "name" and "points" are
  [1]

A classifier tells the best classes:

  $ corallite watch test --frames 2 --fps 0 --json --quiet -m "$TREE/models/signs_classifier.tflite" | sed 's/[0-9.]*}.*//'
  {"frame": 0, "time": 0.000, "results": [{"index": 7, "label": "first aid", "score": 
  {"frame": 1, "time": 0.033, "results": [{"index": 7, "label": "first aid", "score": 

  $ corallite watch test --task classify --frames 1 --fps 0 --json --quiet | sed 's/[0-9.]*}.*//'
  {"frame": 0, "time": 0.000, "results": [{"index": 7, "label": "first aid", "score": 
  $ corallite watch test --task classify --top-k 1 --frames 1 --fps 0 --json --quiet --mode sync | grep -o label
  label
  $ corallite watch test --task classify --model "$TREE/models/signs_detector.tflite" 2>&1 | sed 's/ .*models/ models/'
  corallite: models/signs_detector.tflite is a detector; without --task it is watched as that
  $ corallite watch test --task pose
  corallite: error: --task pose: there is no pose model built in; name one with --model
  [2]
  $ corallite watch test --task segment
  corallite: error: --task segment: detect, classify or pose is expected
  [2]

Two detectors, a classifier on their boxes, and tiles:

  $ detector="$TREE/models/signs_detector.tflite" classifier="$TREE/models/signs_classifier.tflite"
  $ corallite watch test --frames 1 --fps 0 --json --quiet --model "$detector" --model "$detector" --classify "$classifier" >line
  $ sed 's/}}, .*//; s/"score": [0-9.]*/"score": x/g; s/"box": [^]]*/"box": [x/' line
  {"frame": 0, "time": 0.000, "results": [{"index": 7, "label": "first aid", "score": x, "box": [x], "id": 1, "model": 1, "class": {"index": 7, "label": "first aid", "score": x
  $ grep -o '"model": [12]' line | sort | uniq -c
   *2 "model": 1 (re)
   *2 "model": 2 (re)
  $ mkdir scene && cp "$TREE/examples/scene_1.jpg" scene
  $ for tiles in 1x1 3x3; do corallite watch scene --json --quiet --tiles $tiles | grep -o '"label": "[^"]*"' | sort | uniq -c; done
   *1 "label": "exit" (re)
   *1 "label": "fire" (re)
   *1 "label": "no entry" (re)
   *1 "label": "warning" (re)
   *2 "label": "exit" (re)
   *1 "label": "fire" (re)
   *1 "label": "no entry" (re)
   *1 "label": "warning" (re)
  $ for a in '--tiles 9x9' '--tiles 2x2 --task classify' '--classify-labels x' '--labels a --labels b' '--model a --model b --model c'; do corallite watch test $a; done
  corallite: error: --tiles 9x9: columns and rows are expected, as in 2x2, up to 8x8
  corallite: error: --tiles goes with detectors, not with another --task
  corallite: error: --classify-labels x: there is no --classify
  corallite: error: --labels is given 2 times, for 1 model
  corallite: error: 3 models; up to two detectors look at the same frames
  [2]
  $ corallite watch test --tiles 2x2 --model "$classifier" 2>&1 | sed 's/and .*models/and models/'
  corallite: error: --tiles goes with a detector, and models/signs_classifier.tflite is a classifier
  $ corallite watch test --model "$detector" --model "$classifier" 2>&1 | sed 's/--model .*models/--model models/'
  corallite: error: --model models/signs_classifier.tflite: this is a classifier, and a second detector is expected
  $ corallite watch test --classify "$detector" 2>&1 | sed 's/--classify .*models/--classify models/'
  corallite: error: --classify models/signs_detector.tflite: this is a detector, and a classifier is expected

What makes no sense:

  $ corallite watch test --display screen
  corallite: error: --display screen: window, web, terminal or none is expected
  [2]
  $ corallite watch test --display terminal:vt52
  corallite: error: --display terminal:vt52: terminal:blocks, terminal:kitty and terminal:sixel are known
  [2]
  $ corallite watch test --display terminal --json
  corallite: error: --display terminal: --json goes to the standard output already
  [2]

  $ corallite watch test --source test
  corallite: error: two sources, --source test and test; one is expected
  [2]
  $ corallite watch test --width 70000
  corallite: error: --width 70000: a whole number from 1 to 65535 is expected
  [2]
  $ mkdir empty && corallite watch empty
  corallite: error: empty: no picture in this folder: .jpg, .png, .webp, .gif, .bmp, .ppm, .pgm and .pbm are
  [1]

A reader who has enough, and an end by signal, with files whole:

  $ corallite watch test --fps 0 --json --quiet | head -1 | cut -c1-12
  {"frame": 0,
  $ cat >end.py <<'END'
  > import signal, subprocess, sys, time
  > for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
  >     with open(s.name + ".lines", "w") as lines:
  >         run = subprocess.Popen(["corallite", "watch", "test", "--json", "--quiet", "--output", s.name + "/.png"], stdout=lines,
  >                                preexec_fn=lambda: signal.signal(s, signal.SIG_DFL))  # nohup ignores SIGHUP
  >         while not open(s.name + ".lines").read():
  >             time.sleep(0.05)
  >         run.send_signal(s)
  >         begun = time.monotonic()
  >         print(s.name, run.wait(), time.monotonic() - begun < 5, open(s.name + ".lines").read()[-2:] == "}\n")
  > END
  $ "$PYTHON" end.py
  SIGINT 0 True True
  SIGTERM 0 True True
  SIGHUP 0 True True
  $ for f in SIG*/*.png; do picture show $f; done | sort -u
  320 240 RGB 8
