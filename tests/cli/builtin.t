The models that are built in: the same as those of the tree, with no file at hand.

  $ S=$TREE/examples/scene_1.jpg
  $ corallite detect "$S" >built-in
  $ head -1 built-in
  what +score +left +top +right +bottom (re)
  $ test "$(wc -l <built-in)" -gt 1
  $ corallite detect --model "$TREE/models/signs_detector.tflite" "$S" | diff built-in -
  $ corallite classify "$S" >built-in
  $ corallite classify --model "$TREE/models/signs_classifier.tflite" --labels "$TREE/models/signs_labels.txt" "$S" | diff built-in -

A limit of work: what would need more does not begin.

  $ corallite classify --work-limit 1 "$S"
  corallite: error: the built-in sign classifier: op \d+ \w+: the model needs \d+ million units of work up to here, 1 million are allowed: raise the limit \(work_limit, of commands --work-limit\) to run it (re)
  [1]
  $ corallite classify --work_limit 1000 "$S" | diff built-in -
  $ corallite classify --work-limit 0 "$S"
  corallite: error: --work-limit 0: a whole number of at least 1 is expected
  [2]

Boxes drawn: one picture, a folder of them, and names that would meet.

  $ show() { picture show "$1"; }
  $ corallite detect --output drawn.png "$S" >table && show drawn.png
  640 480 RGB 8
  $ mkdir one two && cp "$S" one/a.jpg && cp "$S" one/b.jpg && cp "$S" two/a.jpg
  $ corallite detect --output out/drawn one two/a.jpg >table && ls out/drawn
  a-2.jpg
  a.jpg
  b.jpg
  $ cp one/a.jpg one/c.pbm && corallite detect --output out/again one/c.pbm one/b.jpg >table && ls out/again
  b.jpg
  c.png
  $ corallite detect --output out two/a.jpg >table && ls out
  a.jpg
  again
  drawn
  $ corallite detect --json --threshold 0.999 "$S"
  [{"image": "$TREE/examples/scene_1.jpg", "results": []}]
  $ corallite detect --threshold 0.999 "$S"
  nothing that scores 0.999 or more
  $ corallite detect --json "$S" | "$PYTHON" -c 'import json, sys; [r] = json.load(sys.stdin); print(*r, *r["results"][0])'
  image results index label score box
  $ corallite detect --json --top-k 1 --keep-aspect-ratio - <"$S" | "$PYTHON" -c 'import json, sys; [r] = json.load(sys.stdin); print(r["image"], len(r["results"]))'
  - 1

A label in letters that no font has, with a word for people:

  $ sed 's/^no entry$/\xf3\xb0\x80\x80/' "$TREE/models/signs_labels.txt" >private.txt
  $ corallite detect --labels private.txt --output private.ppm "$S" >table
  corallite: warning: private\.txt: .*install .*fonts-noto-core; it is drawn without them (re)
  $ sed 's/^no entry$/\xf3\xb0\x80\x80/; s/^exit$/\xf3\xb0\x80\x81/; s/^stop$/\xf3\xb0\x80\x82/' "$TREE/models/signs_labels.txt" >several.txt
  $ corallite detect --labels several.txt --output private.ppm "$S" >table
  corallite: warning: several\.txt: .*install .*fonts-noto-core; it is drawn without them, and so are 2 other labels (re)

A program that nobody listens to any more, and one that cannot write:

  $ corallite detect "$S" "$S" "$S" | head -1
  $TREE/examples/scene_1.jpg
  $ corallite detect --output /dev/null/x.png "$S" >table
  corallite: error: --output /dev/null/x.png: /dev/null is a file, not a folder
  [1]
