New classes for a model that is trained already, from a folder of pictures for each.

  $ mkdir -p shapes/wide shapes/high shapes/.hidden
  $ for i in 1 2 3 4 5 6 7 8; do picture ppm shapes/wide/$i.ppm 3$i 9; picture png shapes/high/$i.png 9 3$i; done
  $ corallite learn imprint -o shapes.tflite shapes >report
  $ sed '$d' report
  class  name  learnt   right  mistaken for
      0  high       6  2 of 2
      1  wide       6  2 of 2
  
  Of 4 pictures held out, 4 were recognised: 100.0 %; with many more it would be 51 to 100 % (95 % confidence).
  
  2 of them are nearly the same as one that was learnt, so that the marks are better than the model:
    shapes/high/3.png  shapes/high/2.png
    shapes/high/6.png  shapes/high/7.png
  
  $ sed -n '$s/:.*//p' report
  shapes.tflite, labels in shapes.txt
  $ cat shapes.txt
  0  high
  1  wide
  $ corallite classify -k 1 -m shapes.tflite shapes/wide/1.ppm shapes/high/1.png | sed 's/  0.*//'
  shapes/wide/1.ppm
    wide
  shapes/high/1.png
    high

The same pictures and the same seed give the same bytes, however many threads look.

  $ corallite learn imprint -o again.tflite --threads 3 shapes >out && cmp shapes.tflite again.tflite
  $ corallite learn softmax -o soft.tflite shapes >out && corallite learn softmax --threads 1 -o soft2.tflite shapes >out && cmp soft.tflite soft2.tflite
  $ corallite classify -k 1 -m soft.tflite shapes/wide/1.ppm | sed 's/  0.*//'
  wide

Without a method both are tried, and that is taken which recognises more of the pictures held out; of equals, the surer one.

  $ corallite learn -o auto.tflite shapes | sed -n '/^Of/p;/^Impr/p'
  Of 4 pictures held out, 4 were recognised: 100.0 %; with many more it would be 51 to 100 % (95 % confidence).
  Imprinting recognises 4 of these, softmax regression 4: softmax regression, which is the surer one, is taken.
  $ cmp auto.tflite soft.tflite
  $ corallite learn --method softmax -o auto.tflite shapes >out && cmp auto.tflite soft.tflite
  $ corallite learn --json -o auto.tflite shapes | tr -d '\n ' | grep -o '^{"method":.*"output"'
  {"method":"softmax","tried":[{"method":"imprint","right":4,"of":4},{"method":"softmax","right":4,"of":4}],"output"
  $ corallite learn --test-ratio 0 -o auto.tflite shapes | sed '2,$d'
  corallite: no picture is held out that could say which method is better; imprint is taken
  class  name  learnt  right  mistaken for
  $ corallite learn --keep-classes --method softmax -o x.tflite shapes
  corallite: error: --keep-classes: softmax regression starts from nothing and keeps none; take --method imprint
  [2]

As the old scripts called it, even with nearly all pictures held out; new classes stand behind those that the model has.

  $ corallite learn imprint --extractor shapes.tflite --data shapes --output old.tflite --test_ratio 0.95 | sed '6,$d'
  class  name  learnt   right  mistaken for
      0  high       1  7 of 7
      1  wide       1  7 of 7
  
  Of 14 pictures held out, 14 were recognised: 100.0 %; with many more it would be 78 to 100 % (95 % confidence).
  $ mkdir -p more/square && for i in 1 2 3 4; do picture ppm more/square/$i.ppm 2$i 2$i; done
  $ corallite learn imprint -m shapes.tflite --keep_classes -o three.tflite more >out && cat three.txt
  0  high
  1  wide
  2  square
  $ corallite classify -k 1 -m three.tflite shapes/wide/1.ppm more/square/1.ppm | sed 's/  0.*//'
  shapes/wide/1.ppm
    wide
  more/square/1.ppm
    square

What is more than --max-per-class is left out, which is said; what cannot be read is named, and the rest is done.

  $ corallite learn imprint --max-per-class 4 -o few.tflite shapes | sed '6,$d'
  corallite: high: 8 pictures, of which 4 are taken (--max-per-class)
  corallite: wide: 8 pictures, of which 4 are taken (--max-per-class)
  class  name  learnt   right  mistaken for
      0  high       3  1 of 1
      1  wide       3  1 of 1
  
  Of 2 pictures held out, 2 were recognised: 100.0 %; with many more it would be 34 to 100 % (95 % confidence).
  $ printf 'P6 9 9 255 cut' >shapes/wide/0.ppm
  $ corallite learn imprint --test-ratio 0 -o rest.tflite shapes | sed '$d'
  corallite: error: shapes/wide/0.ppm: the PNM file is truncated
  class  name  learnt  right  mistaken for
      0  high       8      -
      1  wide       8      -
  
  No picture was held out: how good this is, nobody knows.
  $ rm shapes/wide/0.ppm

The report is also a page, and JSON; a threshold goes into the model.

  $ corallite learn imprint --threshold 0.999 --html page.html -o unsure.tflite shapes | sed -n '/unknown/p'
  Below a score of 0.999, 'classify' says unknown.
  $ corallite classify -m unsure.tflite shapes/wide/1.ppm
  unknown: nothing that scores 0.999 or more
  $ grep -o '<figure>' page.html | wc -l
  4
  $ corallite learn imprint --threshold 0 --json -o sure.tflite shapes | grep -o '"twins": .{"image": "[^"]*"'
  "twins": [{"image": "shapes/high/3.png"
  $ corallite learn imprint --html nowhere/p.html -o x.tflite shapes
  corallite: error: --html nowhere/p.html: there is no folder nowhere; make it first
  [1]

A picture in the folder of another class is a mistake, which is shown with what it is like.

  $ cp shapes/wide/4.ppm more/square/5.ppm && mkdir three && cp -r shapes/wide shapes/high more/square three
  $ corallite learn imprint --test-ratio 0.5 -o x3.tflite three | sed -n '/^What/,/^$/p;/^Not/,/^$/p' | sed 's/  0[.][0-9]*/  0.9../'
  What is of the class of a row was taken for that of a column:
             0     1     2
       0     4     0     0
       1     0     2     1
       2     0     0     4
  
  Not recognised, the surest first:
    picture             taken for  score  most alike of those learnt
    three/square/5.ppm  wide       0.9..  three/wide/4.ppm
  

A list does as well as folders; paths count from where it is.

  $ { echo Image,Label; for i in 1 2 3 4 5 6 7 8; do printf '"wide/%s.ppm","wide"\r\nhigh/%s.png,high,more\n' $i $i; done; } >shapes/list.csv
  $ corallite learn imprint -o list.tflite shapes/list.csv >out && cat list.txt && cmp list.tflite shapes.tflite
  0  high
  1  wide
  $ printf 'wide/1.ppm,wide\n\nhigh/1.png\n' >shapes/bad.csv
  $ corallite learn imprint -o x.tflite shapes/bad.csv
  corallite: error: shapes/bad.csv: line 3: there is no comma; path,label is expected
  [1]
  $ echo wide/none.ppm,wide >shapes/bad.csv && echo high/1.png,high >>shapes/bad.csv
  $ corallite learn imprint -o x.tflite shapes/bad.csv
  corallite: error: shapes/wide/none.ppm: No such file or directory
  corallite: error: shapes/bad.csv: no picture of wide could be read
  [1]
  $ : >shapes/bad.csv && corallite learn imprint -o x.tflite shapes/bad.csv
  corallite: error: shapes/bad.csv: 0 classes; 1 to 65536 are accepted, in lines of path,label
  [1]
  $ rm shapes/*.csv

What was seen is remembered: nothing is looked at twice, and classes and pictures add up. A class can be forgotten.

  $ rm more/square/5.ppm && mkdir first && cp -r shapes/high shapes/wide first
  $ corallite learn imprint --state seen -o state.tflite first >out && cp state.tflite before.tflite
  $ corallite learn imprint --state seen -o state.tflite first >out && cmp state.tflite before.tflite
  $ corallite learn imprint --state seen -o state.tflite >out && cmp state.tflite before.tflite
  corallite: seen: 16 more pictures are known
  $ corallite learn imprint --state seen -o state.tflite more | sed -n '1,/^$/p'
  corallite: seen: 16 more pictures are known
  class  name    learnt   right  mistaken for
      0  high         6  2 of 2
      1  wide         6  2 of 2
      2  square       3  1 of 1
  
  $ corallite learn imprint --state seen --forget wide -o state.tflite >out && cat state.txt
  corallite: seen: 12 more pictures are known
  0  high
  1  square
  $ corallite learn imprint --state seen --forget wide -o state.tflite
  corallite: error: --forget wide: seen knows no such class
  [2]
  $ corallite learn imprint --forget wide -o state.tflite shapes
  corallite: error: --forget wide: name the file that knows it with --state
  [2]
  $ corallite learn imprint -m state.tflite --embedding input --state seen -o x.tflite shapes 2>&1 | cut -c 1-26
  corallite: error: state.tf
  $ head -c 900 seen >cut && corallite learn imprint --state cut -o x.tflite shapes
  corallite: error: cut: no state of 'corallite learn', or a broken one: pictures are missing
  [1]
  $ corallite learn imprint --state nowhere/seen -o x.tflite shapes
  corallite: error: --state nowhere/seen: there is no folder nowhere; make it first
  [1]

  $ corallite learn softmax --rate 0 --seed -1 -o x.tflite shapes
  corallite: error: --rate 0: a number from 1e-06 to 100 is expected
  [2]
  $ corallite learn softmax --seed -1 -o x.tflite shapes
  corallite: error: --seed -1: a whole number from 0 to 2147483647 is expected
  [2]

What is wrong is said before the pictures are looked at, and nothing is written.

  $ corallite learn imprint shapes
  corallite: error: --output names the model to write
  [2]
  $ corallite learn imprint -o x.tflite
  corallite: error: no folder to learn from; it has a folder of pictures for each class
  [2]
  $ corallite learn imprint -o nowhere/x.tflite shapes
  corallite: error: --output nowhere/x.tflite: there is no folder nowhere; make it first
  [1]
  $ corallite learn imprint -o shapes/wide/1.ppm shapes
  corallite: error: --output shapes/wide/1.ppm: this would replace the input shapes/wide/1.ppm; name another file or folder
  [2]
  $ corallite learn imprint -m shapes.tflite -o shapes.tflite shapes
  corallite: error: --output shapes.tflite: this would replace the input shapes.tflite; name another file or folder
  [2]
  $ corallite learn imprint -o x.tflite nosuch
  corallite: error: nosuch: No such file or directory; a folder with one folder for each class is expected
  [1]
  $ corallite learn imprint -o x.tflite shapes/wide
  corallite: error: shapes/wide: no folder in it; each class is a folder with its pictures, named as the class
  [1]
  $ corallite learn imprint -o x.tflite more
  corallite: error: more: one class, square; there is nothing to tell it from. Add a folder of other pictures
  [1]
  $ mkdir -p "$(printf 'lines/a\nb')" && cp shapes/wide/1.ppm "$(printf 'lines/a\nb')"
  $ corallite learn imprint -o x.tflite lines
  corallite: error: lines/a?b: the name of a class has a line break; rename the folder
  [1]
  $ corallite learn imprint --embedding nothing -m shapes.tflite -o x.tflite shapes 2>&1 | sed 's/reads ".*"/reads .../'
  corallite: error: shapes.tflite: no tensor is called "nothing"; the last layer reads ...
  $ model two.tflite -uint8:1,8,8,3 uint8:1,7:0.00390625:0 uint8:1,7:0.00390625:0
  $ corallite learn imprint -m two.tflite -o x.tflite shapes
  corallite: error: two.tflite: the model has 2 outputs, a classifier has one; name the tensor with the vector: --embedding TENSOR
  [1]
  $ corallite learn imprint -o /dev/full shapes
  corallite: error: /dev/full: No space left on device
  [1]
  $ ls x.*
  ls: cannot access 'x.*': No such file or directory
  [2]

An output never replaces what is read: the list, or a picture that is only remembered.

  $ { for i in 1 2 3 4; do echo "shapes/wide/$i.ppm,wide"; echo "shapes/high/$i.png, high "; done; } >list.csv && cp list.csv list.txt
  $ corallite learn imprint -o list.csv list.csv
  corallite: error: --output list.csv: this would replace the input list.csv; name another file or folder
  [2]
  $ corallite learn imprint -o x.tflite --html list.csv list.csv
  corallite: error: --html list.csv: this would replace the input list.csv; name another file or folder
  [2]
  $ ln -s list.txt link.csv && corallite learn imprint -o list.tflite link.csv
  corallite: error: --output list.txt: this would replace the input link.csv; name another file or folder
  [2]
  $ corallite learn imprint --state listed -o y.tflite list.csv >out && cat y.txt
  0  high
  1  wide
  $ corallite learn imprint --state listed -o shapes/wide/1.ppm
  corallite: error: --output shapes/wide/1.ppm: this would replace the input shapes/wide/1.ppm; name another file or folder
  [2]
  $ corallite learn imprint --state listed -o shapes/high/1.png more
  corallite: error: --output shapes/high/1.png: this would replace the input shapes/high/1.png; name another file or folder
  [2]

What is no file is not waited for, and two outputs do not go into one stream.

  $ mkfifo pipe && { echo pipe,wide; cat list.csv; } >piped.csv && corallite learn imprint --test-ratio 0 -o y.tflite piped.csv 2>&1 | head -n 1
  corallite: error: pipe: a pipe or a device, where a file is expected
  $ corallite learn imprint --state pipe -o x.tflite shapes
  corallite: error: --state: pipe: a pipe or a device, where a file is expected
  [1]
  $ corallite learn imprint --state - -o x.tflite shapes
  corallite: error: --state -: the standard output has the report; name a file
  [2]
  $ corallite learn imprint --html - -o x.tflite shapes
  corallite: error: --html -: the standard output has the report; name a file
  [2]
  $ corallite learn imprint -o /dev/null shapes | tail -n 1 | sed 's/:.*//' && test ! -e /dev/null.txt
  /dev/null

A file that is there and empty, as mktemp makes it, is a state in which nothing is known. One run at a time has it.

  $ : >fresh && corallite learn imprint --state fresh -o y.tflite shapes | tail -n 1 | sed 's/:.*//'
  y.tflite, labels in y.txt
  $ "$PYTHON" -c 'import fcntl, subprocess
  > with open(".fresh.lock", "w") as f:
  >     fcntl.flock(f, fcntl.LOCK_EX)
  >     subprocess.run(["corallite", "learn", "imprint", "--state", "fresh", "-o", "x.tflite", "shapes"])'
  corallite: error: --state: fresh: another corallite is using it; wait for its end, or name another file
  $ corallite learn imprint --state fresh -o y.tflite shapes >out && ls -A | grep lock
  [1]

With --draft, vectors are of smaller pictures, and a state is of one kind of them.

  $ corallite learn imprint --draft --state fresh -o x.tflite shapes
  corallite: error: fresh: it was made with another model, another vector of it, or with another --draft; name another file
  [1]
  $ for i in 1 2; do picture jpg shapes/high/j$i.jpg; done && corallite learn imprint --draft --state drafts -o y.tflite shapes >out && cat y.txt && rm shapes/high/*.jpg
  0  high
  1  wide

No file of ours takes the place of a stream that is closed.

  $ corallite learn imprint --state fresh -o y.tflite shapes >&-
  corallite: error: standard output: Bad file descriptor
  [1]

Labels that look like numbers, remarks and the like are what they are; what no list can hold is refused.

  $ for n in '5 cat' '7 dog' '# c' 'names:' '[x'; do mkdir -p "odd/$n" && cp shapes/wide/1.ppm shapes/high/2.png "odd/$n"; done
  $ corallite learn imprint --test-ratio 0 --threshold 0 -o odd.tflite odd >out && cat odd.txt
  0  # c
  1  5 cat
  2  7 dog
  3  [x
  4  names:
  $ corallite classify -k 9 -m odd.tflite shapes/wide/1.ppm | sed 's/ *  0.*//' | LC_ALL=C sort
  # c
  5 cat
  7 dog
  [x
  names:
  $ corallite classify -k 9 -m odd.tflite -l odd.txt shapes/wide/1.ppm | sed 's/ *  0.*//' | LC_ALL=C sort
  # c
  5 cat
  7 dog
  [x
  names:
  $ printf 'shapes/wide/1.ppm,"cat "\nshapes/wide/2.ppm,dog\n' >odd.csv && corallite learn imprint -o x.tflite odd.csv
  corallite: error: odd.csv: the class "cat " has a name that lists of labels cannot hold; rename it: .* (re)
  [1]
  $ mkdir -p "$(printf 'latin/caf\351')" latin/tea && cp shapes/wide/1.ppm latin/tea && cp shapes/wide/1.ppm latin/caf*
  $ corallite learn imprint -o x.tflite latin
  corallite: error: latin: the class "caf.*" has a name that lists of labels cannot hold; rename it: UTF-8 of .* (re)
  [1]

A model that gives no numbers is no model to learn from, and nothing of it is remembered.

  $ model nan.tflite -float32:1,8,8,3 chain=2:73
  $ corallite learn imprint -m nan.tflite --state logs -o x.tflite shapes 2>&1 | sed 's/number [0-9]*/number N/;s/high.*: nan/high: nan/'
  corallite: error: shapes/high: nan.tflite: number N of the vector to learn from is -?(nan|inf); another model, or another --embedding, is needed (re)
  $ ls logs
  ls: cannot access 'logs': No such file or directory
  [2]

Many classes take no longer than their pictures; where all is emulated, or has plain kernels, fewer do.

  $ mkdir many && for i in 0 1 2 3; do picture ppm many/$i.ppm 3$i 9; done
  $ n=500; [ -z "${MESON_EXE_WRAPPER-}" ] || n=100
  $ i=0; while [ $i -lt $n ]; do echo "$((i % 4)).ppm,class $i"; echo "$(((i + 1) % 4)).ppm,class $i"; i=$((i + 1)); done >many/list.csv
  $ (ulimit -t 15 && corallite learn imprint --test-ratio 0.5 -o y.tflite many/list.csv >out) && test $(wc -l <y.txt) = $n
  $ ls x.*
  ls: cannot access 'x.*': No such file or directory
  [2]

Pictures from a camera, of which none is given to a class; what makes no sense.

  $ corallite learn imprint --from-watch test --display none --frames 3 --names cup,pen -o x.tflite things
  corallite: error: --display none: nobody can give pictures to classes then; window or web, or a folder of pictures without --from-watch
  [2]
  $ ls -d things
  ls: cannot access 'things': No such file or directory
  [2]
  $ corallite learn imprint --from-watch test --display none --frames 3 -o x.tflite
  corallite: error: --from-watch test: name the folder that pictures are to go to
  [2]
  $ corallite learn imprint --from-watch test --names cup,../pen -o x.tflite things
  corallite: error: --names cup,../pen: "../pen" can be no folder's name
  [2]
  $ corallite learn imprint --from-watch test --names 1,2,3,4,5,6,7,8,9,10 -o x.tflite things
  corallite: error: --from-watch: 10 is class number 10; there are keys for 9
  [2]
  $ corallite learn imprint --from-watch test -o x.tflite odd.csv
  corallite: error: --from-watch: pictures go into a folder, and odd.csv is a file
  [2]
  $ corallite learn imprint --from-watch nowhere.mp4 -o x.tflite things 2>&1 | cut -c1-29
  corallite: error: (nowhere.mp4|cameras and) (re)
  $ ls things
