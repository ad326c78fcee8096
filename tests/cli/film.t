Films: recorded and watched again.

  $ corallite watch test --frames 45 --quiet --output film.mp4 --output film.mkv && ls
  film.mkv
  film.mp4
  $ for f in film.mp4 film.mkv; do corallite watch $f --fps 0 --json --quiet >$f.lines; wc -l <$f.lines; done
  4\d (re)
  4\d (re)
  $ "$PYTHON" -c 'import json
  > for name in ("film.mp4", "film.mkv"):
  >     lines = [json.loads(line) for line in open(name + ".lines")]
  >     labels = {(r["id"], r["label"]) for line in lines for r in line["results"]}
  >     print([line["frame"] for line in lines] == list(range(len(lines))), 1.2 < lines[-1]["time"] < 9, {(1, "first aid"), (2, "stop")} <= labels)'
  True True True
  True True True

The same by another name: things and their boxes are the same, whenever it is watched.

  $ corallite watch --replay film.mkv --json --quiet | sed 's/, "detection_ms.*//' >replay && sed 's/, "detection_ms.*//' film.mkv.lines | diff - replay
  $ corallite watch --replay film.mkv test
  corallite: error: two sources, --replay film.mkv and test; one is expected
  [2]

At its own speed it takes as long as it is; a newer frame takes the place of one that nobody took.

  $ begun=$(date +%s%3N); corallite watch film.mkv --quiet; test $(($(date +%s%3N) - begun)) -ge 1200
  $ corallite watch film.mkv --frames 5 --mode sync --json --quiet | wc -l
  5

One so damaged that what takes it apart is lost in it, and neither ends nor fails:

  $ "$PYTHON" -c 'import random
  > film = open("film.mkv", "rb").read()
  > film = bytearray(film[: len(film) // 5])
  > random.seed(0)
  > for _ in range(20):
  >     film[random.randrange(len(film))] = random.randrange(256)
  > open("lost.mkv", "wb").write(film)'
  $ timeout 90 corallite watch lost.mkv --fps 0 --quiet 2>said; echo $(($? < 2)) $(($(wc -l <said) < 2))
  1 1

A disk that is full is said, and the rest goes on:

  $ (ulimit -f 60; corallite watch test --frames 60 --fps 60 --quiet --json --output small.mkv >lines) 2>said; head -1 said
  corallite: warning: small.mkv: File too large; it is tried again, and the rest goes on
  $ test $(wc -l <lines) -ge 20

An end by signal leaves a film that can be played:

  $ corallite watch test --quiet --output cut.mp4 --json >lines & sleep 2; kill -TERM $!; begun=$(date +%s%3N); wait $!; echo $? $(($(date +%s%3N) - begun < 1500))
  0 1
  $ corallite watch cut.mp4 --fps 0 --json --quiet | tail -1 | cut -c1-10
  {"frame": 

What cannot be watched or written:

  $ corallite watch nowhere.mp4
  corallite: error: nowhere.mp4: No such file or directory
  [1]
  $ corallite watch "$TREE/README.md"
  corallite: error: $TREE/README.md: not a film that can be decoded
  [1]
  $ head -c 3000 film.mkv >short.mkv && corallite watch short.mkv --quiet
  corallite: error: short.mkv: it cannot be decoded any further, for it is damaged or cut off; a whole copy of it is needed
  [1]
  $ corallite watch /dev/video63
  corallite: error: /dev/video63: there is no such camera.* (re)
  [3]
  $ corallite watch /dev/null
  corallite: error: /dev/null: not a camera; .* (re)
  [3]
  $ corallite watch rtsp://name:secret@127.0.0.1:9/door
  corallite: error: rtsp://127.0.0.1:9/door: cannot be watched \(.*\): see whether it is on, and address, name and password are right (re)
  [3]
  $ corallite watch http://127.0.0.1:9/door.mjpg
  corallite: error: http://127.0.0.1:9/door.mjpg: .*: see whether it is on, and address, name and password are right (re)
  [3]
  $ corallite watch film.mkv --output film.mkv
  corallite: error: --output film.mkv: .*film.mkv.* (re)
  [2]
  $ corallite watch test --output nowhere/film.mkv
  corallite: error: --output nowhere/film.mkv: .* (re)
  [1]
