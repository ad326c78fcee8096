What the program says about itself, and to those who mistype.

  $ corallite --version
  corallite 0.1.0
  $ corallite inspect --version
  corallite 0.1.0

  $ corallite
  corallite: error: no command given; 'corallite --help' lists the commands
  [2]
  $ corallite instect x.tflite
  corallite: error: unknown command "instect"; did you mean inspect?
  [2]
  $ corallite classification x.jpg
  corallite: error: unknown command "classification"; did you mean classify?
  [2]
  $ corallite dtect x.jpg
  corallite: error: unknown command "dtect"; did you mean detect?
  [2]
  $ corallite version
  corallite: error: unknown command "version"; did you mean --version?
  [2]
  $ corallite man
  corallite: error: unknown command "man"; did you mean --man?
  [2]
  $ corallite hlep
  corallite: error: unknown command "hlep"; did you mean help?
  [2]
  $ corallite frobnicate
  corallite: error: unknown command "frobnicate"; 'corallite --help' lists the commands
  [2]
  $ corallite --frobnicate
  corallite: error: unknown option --frobnicate; 'corallite --help' lists what there is
  [2]
  $ corallite inspect
  corallite: error: no MODEL given; 'corallite inspect --help' shows how
  [2]
  $ corallite inspect --html page.html a.tflite b.tflite
  corallite: error: --html: 2 models; one is expected
  [2]
  $ corallite inspect --jsn a.tflite
  corallite: error: unknown option --jsn; did you mean --json?
  [2]
  $ corallite inspect --json=yes a.tflite
  corallite: error: option --json takes no value
  [2]
  $ corallite inspect -x
  corallite: error: unknown option -x; 'corallite inspect --help' lists what there is
  [2]
  $ corallite --completion fish
  corallite: error: --completion fish: bash or zsh is expected
  [2]
  $ corallite --completion
  corallite: error: option --completion needs a value: --completion SHELL
  [2]

  $ corallite help | head -1
  Usage: corallite COMMAND [options] [files]
  $ corallite help bench | head -1
  Usage: corallite bench [options] MODEL
  $ corallite help bnch
  corallite: error: unknown command "bnch"; did you mean bench?
  [2]
  $ corallite inspect ''
  corallite: error: an empty MODEL
  [2]
  $ corallite detect --model= x.jpg
  corallite: error: option --model: an empty FILE
  [2]
  $ corallite detect x.jpg --output
  corallite: error: option --output needs a value: --output FILE
  [2]
  $ corallite detect --threshold high x.jpg
  corallite: error: --threshold high: a number is expected
  [2]
  $ corallite detect --threshold nan x.jpg
  corallite: error: --threshold nan: a number is expected
  [2]
  $ corallite detect -k0 x.jpg
  corallite: error: --top-k 0: a whole number from 1 to 1000000 is expected
  [2]
  $ corallite detect --top-k 99999999999 x.jpg
  corallite: error: --top-k 99999999999: a whole number from 1 to 1000000 is expected
  [2]
  $ corallite detect --resample=best x.jpg
  corallite: error: --resample best: bilinear, nearest, bicubic or lanczos is expected
  [2]
  $ corallite detect
  corallite: error: no IMAGE given; 'corallite detect --help' shows how
  [2]

What is mistyped, written with one dash, or belongs to another command:

  $ corallite detect --threshhold 0.5 x.jpg
  corallite: error: unknown option --threshhold; did you mean --threshold?
  [2]
  $ corallite detect --lable x.txt x.jpg
  corallite: error: unknown option --lable; did you mean --labels?
  [2]
  $ corallite detect --label-path x.txt x.jpg
  corallite: error: unknown option --label-path; did you mean --labels?
  [2]
  $ corallite detect --output-file=x.png x.jpg
  corallite: error: unknown option --output-file; did you mean --output?
  [2]
  $ corallite detect --resampling nearest x.jpg
  corallite: error: unknown option --resampling; did you mean --resample?
  [2]
  $ corallite detect -threshold 0.5 x.jpg
  corallite: error: unknown option -threshold; did you mean --threshold?
  [2]
  $ corallite detect -keep_aspect_ratio x.jpg
  corallite: error: unknown option -keep_aspect_ratio; did you mean --keep-aspect-ratio?
  [2]
  $ corallite detect -model=x.tflite x.jpg
  corallite: error: unknown option -model=x.tflite; did you mean --model?
  [2]
  $ corallite classify --output x.png x.jpg
  corallite: error: classify has no option --output; it belongs to detect, watch, segment, pose, embed, compile, edit, quantize, join, learn, learn imprint or learn softmax
  [2]
  $ corallite run --labels x.txt x.tflite
  corallite: error: run has no option --labels; it belongs to classify, detect, watch, serve, segment, compare, quantize, models add, learn or learn imprint
  [2]
  $ corallite --model x.tflite x.jpg
  corallite: error: option --model stands behind a command that has it: classify, detect, watch, serve, segment, pose, embed, learn, learn imprint or learn softmax
  [2]
  $ corallite detect --xyz x.jpg
  corallite: error: unknown option --xyz; 'corallite detect --help' lists what there is
  [2]

An option cut short is understood as long as only one begins so, and - is _.

  $ corallite --vers
  corallite 0.1.0
  $ corallite inspect --js nothing.tflite
  corallite: error: nothing.tflite: no such file
  [1]
  $ corallite inspect --j --v
  corallite 0.1.0
  $ corallite detect --m x.tflite a.jpg
  corallite: error: option --m could be --model or --mean
  [2]
  $ corallite detect --keep_aspect_ratio --exif_orientation --js nothing.jpg
  corallite: error: nothing.jpg: cannot open: No such file or directory
  [1]
  $ corallite inspect -- --json
  corallite: error: --json: no such file
  [1]

Every failure is one line, whatever stands in it.

  $ corallite inspect "$(printf 'a\nb\033[31m.tflite')"
  corallite: error: a?b?[31m.tflite: no such file
  [1]

What would turn the text around is no part of it, and a name of any length pads no table to its own width:

  $ corallite inspect "$(printf 'a\342\200\256b\342\201\247.tflite')"
  corallite: error: a?b?.tflite: no such file
  [1]
  $ { head -c 100000 /dev/zero | tr '\0' x; printf '\none\ntwo\nthree\nfour\n'; } >long.txt
  $ "$PYTHON" "$TREE/tests/cli/picture.py" ppm a.ppm && corallite classify -k 5 -m "$TREE/tests/data/tiny_u8.tflite" -l long.txt a.ppm | wc -c
  100076

What the help of a command lists is in the manual page and in both completions.

  $ corallite --man >man
  $ options() { grep -o -e '--[a-z][a-z-]*' | sort -u; }
  $ sed 's/\\-/-/g' man | options >man.options
  $ for shell in bash zsh; do corallite --completion $shell | options >$shell.options; done
  $ corallite --help | sed -n '/^Commands:/,/^$/s/^  \([a-z ]*[a-z]\)  .*/\1/p' >verbs && grep -c -x -e classify -e 'learn imprint' -e 'models get' verbs
  3
  $ for verb in '' $(tr ' ' @ <verbs); do
  >   verb=$(echo $verb | tr @ ' ')
  >   corallite $verb --help >help || echo "$verb --help failed"
  >   awk 'length($0) > 80' help
  >   sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' help | sort -u >wanted
  >   test -s wanted || echo "$verb --help lists no options"
  >   for place in man bash zsh; do comm -23 wanted $place.options | sed "s/\$/ of $verb: not in $place/"; done
  > done
  $ corallite --completion bash | bash -n
  $ ! command -v zsh >zsh || corallite --completion zsh | zsh -n
  $ ! command -v mandoc >mandoc || ! mandoc -T lint man | grep -v 'manual not found'

The manual page has the day of its version, or the one that a reproducible build sets.

  $ env -u SOURCE_DATE_EPOCH corallite --man | head -1
  .TH CORALLITE 1 "20[0-9][0-9]-[01][0-9]-[0-3][0-9]" "corallite [0-9.]*" "User Commands" (re)
  $ SOURCE_DATE_EPOCH=1700000000 corallite --man | grep -o '"2023-11-14"'
  "2023-11-14"
  $ SOURCE_DATE_EPOCH=yesterday corallite --man | head -1
  .TH CORALLITE 1 "20[0-9][0-9]-[01][0-9]-[0-3][0-9]" "corallite [0-9.]*" "User Commands" (re)
