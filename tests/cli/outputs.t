What is written never replaces what is read, and what cannot be written is said before any work.

  $ M=$TREE/tests/data/tiny_u8.tflite
  $ mkdir photos && picture ppm photos/a.ppm && picture png photos/b.png && cp -r photos kept
  $ picture png s.png && cp s.png kept/s.png

Onto the pictures themselves:

  $ corallite detect --output photos photos
  corallite: error: --output photos/a.ppm: this would replace the input photos/a.ppm; name another file or folder
  [2]
  $ corallite detect --output . s.png photos/b.png
  corallite: error: --output ./s.png: this would replace the input s.png; name another file or folder
  [2]
  $ corallite detect --output s.png s.png
  corallite: error: --output s.png: this would replace the input s.png; name another file or folder
  [2]
  $ corallite detect -o photos/../s.png s.png
  corallite: error: --output photos/../s.png: this would replace the input s.png; name another file or folder
  [2]
  $ corallite detect -o s.png - <s.png
  corallite: error: --output s.png: this would replace the input -; name another file or folder
  [2]

Through links of both kinds:

  $ ln -s s.png soft.png && ln s.png hard.png && ln -s photos album
  $ corallite detect -o soft.png s.png
  corallite: error: --output soft.png: this would replace the input s.png; name another file or folder
  [2]
  $ corallite detect -o hard.png s.png
  corallite: error: --output hard.png: this would replace the input s.png; name another file or folder
  [2]
  $ corallite detect -o s.png soft.png
  corallite: error: --output s.png: this would replace the input soft.png; name another file or folder
  [2]
  $ corallite detect -o album photos/a.ppm photos/b.png
  corallite: error: --output album/a.ppm: this would replace the input photos/a.ppm; name another file or folder
  [2]

Onto a model, labels, arrays:

  $ cp "$M" 0.npy && printf 'one\n' >labels.png
  $ corallite embed -m 0.npy -o 0.npy s.png
  corallite: error: --output 0.npy: this would replace the input 0.npy; name another file or folder
  [2]
  $ corallite detect -l labels.png -o labels.png s.png
  corallite: error: --output labels.png: this would replace the input labels.png; name another file or folder
  [2]
  $ mkdir arrays && npy make arrays/0.npy '|u1' 1,16,16,3 && cp arrays/0.npy kept
  $ corallite run -i 0=arrays/0.npy -o arrays "$M"
  corallite: error: --output-dir arrays/0.npy: this would replace the input arrays/0.npy; name another file or folder
  [2]
  $ corallite run -i image=arrays/0.npy -o arrays/ "$M"
  corallite: error: --output-dir arrays/0.npy: this would replace the input arrays/0.npy; name another file or folder
  [2]
  $ corallite run -i 0=arrays/0.npy -o . 0.npy
  corallite: error: --output-dir ./0.npy: this would replace the input 0.npy; name another file or folder
  [2]
  $ cmp 0.npy "$M" && cmp arrays/0.npy kept/0.npy && cmp s.png kept/s.png && ! diff -r photos kept | grep -v 'Only in kept'

A folder beside them, or below, is welcome; one that ends in a slash is made for one picture also.

  $ corallite detect -o photos/drawn photos >table && ls photos/drawn
  a.ppm
  b.png
  $ corallite detect -o drawn/ photos/b.png >table && ls drawn
  b.png
  $ corallite run -i 0=arrays/0.npy -o arrays/out/ --json "$M"
  [{"index": 0, "name": "scores", "type": "UINT8", "shape": [1, 5], "file": "arrays/out/0.npy"}]

What cannot be written is said before any work:

  $ corallite detect -o nowhere/x.png s.png
  corallite: error: --output nowhere/x.png: there is no folder nowhere; make it first
  [1]
  $ corallite detect -o s.png/x.png photos/b.png
  corallite: error: --output s.png/x.png: s.png is a file, not a folder
  [1]
  $ mkdir x.png && corallite detect -o x.png/ s.png >table && ls x.png
  s.png
  $ mkdir -p deep/s.png && corallite detect -o deep s.png
  corallite: error: --output deep/s.png: a folder, where a file is to be written
  [1]
  $ corallite detect -o "$(printf 'x%0300d' 0).png" s.png 2>&1 | sed 's/x0*/x/'
  corallite: error: --output x.png: File name too long
  $ corallite run -i 0=arrays/0.npy -o s.png "$M"
  corallite: error: --output-dir: s.png: a file, where a folder is to be made
  [1]
  $ model mask.tflite -uint8:1,8,8,3 uint8:1,8,8
  $ corallite segment -m mask.tflite -o both.png --overlay ./both.png s.png
  corallite: error: --overlay ./both.png: --output writes there too; name another file
  [2]
  $ : >plain.png && ln -s plain.png other.png && corallite segment -m mask.tflite -o plain.png --overlay other.png s.png
  corallite: error: --overlay other.png: --output writes there too; name another file
  [2]
  $ ln -s nothing.png dangling.png && corallite detect -o dangling.png s.png
  corallite: error: --output dangling.png: a link to a file that is not there; remove it, or name another file
  [1]
  $ test -L dangling.png && rm dangling.png
  $ test "$(id -u)" = 0 || { mkdir shut && chmod 555 shut && corallite detect -o shut/x.png s.png 2>&1 | grep -c 'shut: Permission denied'; } | grep -q 1
  $ test "$(id -u)" = 0 || { cp s.png fixed.png && chmod 444 fixed.png && corallite detect -o fixed.png s.png 2>&1 | grep -c 'Permission denied'; } | grep -q 1

A file that is mounted by itself, and one of someone else's in a folder like /tmp:

  $ test "$(id -u)" != 0 || { : >mounted.png && unshare -m sh -c 'mount --bind s.png mounted.png && corallite detect -o mounted.png photos/b.png' 2>&1 | grep -c 'mounted.png: a file that is mounted there\|unshare\|mount:'; } | grep -q 1
  $ test "$(id -u)" != 0 || ! command -v setpriv >/dev/null || { mkdir sticky && chmod 1777 sticky && chmod 755 . && : >sticky/x.png && chmod 666 sticky/x.png && setpriv --reuid 65534 --clear-groups corallite detect -o sticky/x.png s.png 2>&1 | grep -c 'only its owner\|denied\|not permitted\|not found'; } | grep -q 1

One name twice gets a number, whatever way the folder is written:

  $ mkdir two && cp s.png two/s.png && cp s.png two/s-2.png
  $ corallite detect -o numbered s.png two/s.png two/s-2.png ./two/../s.png >table && ls numbered
  s-2-2.png
  s-2.png
  s-3.png
  s.png

The standard output takes one file, and no text with it:

  $ corallite detect -o - s.png | picture show /dev/stdin
  24 16 RGB 8
  $ corallite detect -o - s.png photos/b.png
  corallite: error: --output -: the standard output takes one file and nothing else; name a folder
  [2]
  $ corallite detect --json -o - s.png
  corallite: error: --output -: the standard output takes one file and nothing else; name a file
  [2]
  $ corallite segment -m mask.tflite -o - --overlay - s.png
  corallite: error: --overlay -: --output goes to the standard output already; name a file
  [2]
  $ corallite embed -m "$M" -o - s.png | npy show /dev/stdin
  <f4 (5,) aligned 0.12109375 0.38671875 0.1796875 0.0390625 0.26953125
  $ corallite embed -m "$M" -o /dev/stdout s.png | npy show /dev/stdin
  <f4 (5,) aligned 0.12109375 0.38671875 0.1796875 0.0390625 0.26953125
  $ corallite detect -o /dev/stdout s.png
  corallite: error: --output: /dev/stdout: cannot tell the format of a picture from this name; .jpg, .jpeg, .png, .bmp, .ppm and .pgm are written
  [2]
  $ corallite run -i 0=arrays/0.npy -o - "$M"
  corallite: error: --output-dir -: arrays go into a folder, one file each; name one
  [2]

What is replaced passes on its permissions, and a link stays one:

  $ : >old.png && chmod 640 old.png && ln -s old.png link.png
  $ corallite detect -o link.png s.png >table && stat -c %a old.png && picture show link.png && test -L link.png
  640
  24 16 RGB 8
  $ : >old.npy && chmod 604 old.npy && corallite embed -m "$M" -o old.npy s.png && stat -c %a old.npy
  604

A limit on the size of files is an error, and leaves nothing:

  $ (ulimit -f 0; corallite embed -m "$M" -o large.npy s.png)
  corallite: error: large.npy: File too large
  [1]
  $ cp s.png before.png; (ulimit -f 0; corallite detect -o before.png photos/b.png >/dev/null); cmp s.png before.png
  corallite: error: before.png: File too large
  $ ! ls -A | grep part
