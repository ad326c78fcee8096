What bash is offered, asked as bash asks: the last word is the one at the cursor. Typed ones are in completion.py.

  $ corallite --completion bash >script
  $ cat >ask.bash <<'END'
  > . ./script
  > COMP_WORDS=(corallite "$@") COMP_CWORD=$#
  > _corallite
  > ((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
  > END
  $ ask() { bash ask.bash "$@" | LC_ALL=C sort | paste -s -d ' ' -; }
  $ mkdir detect bench 'a folder' && : >'two words.png' && : >model.tflite && : >notes.txt

Commands, not folders that happen to lie there; a model where no command begins so.

  $ ask '' | tr ' ' '\n' | sort | uniq -d
  $ ask '' | tr ' ' '\n' | grep -c -x -e classify -e learn -e models
  3
  $ ask de
  detect devices
  $ ask b
  bench
  $ ask h
  help
  $ ask model.
  model.tflite
  $ ask no
  
  $ ask --
  --completion --help --man --version
  $ ask help p
  pose
  $ ask learn ''
  imprint softmax
  $ ask learn --me
  --method
  $ ask learn mod
  model.tflite
  $ ask learn --method ''
  auto imprint softmax
  $ ask learn softmax --ep
  --epochs
  $ ask learn folder --ep
  --epochs
  $ ask --completion ''
  bash zsh
  $ ask --completion = z
  zsh

Options and their values:

  $ ask detect --th
  --threads --threshold
  $ ask detect --resample ''
  bicubic bilinear lanczos nearest
  $ ask detect --resample = b
  bicubic bilinear
  $ ask run --backend ''
  auto cpu edgetpu edgetpu:emulator edgetpu:vendor reference
  $ ask inspect -
  --help --html --instructions --json --profile --twin --version --whole
  $ ask model.tflite --to
  --top-k
  $ ask run --output-dir ''
  a folder bench detect
  $ ask run --input 0 = no
  notes.txt
  $ ask detect --top-k ''
  
  $ ask detect --keep-aspect-ratio t
  two words.png
  $ ask detect -- --
  

Names are whole, blanks and all:

  $ ask detect two
  two words.png
  $ ask detect 'two\ w'
  two words.png
  $ ask detect '"two w'
  two words.png
  $ ask detect --labels ''
  a folder ask.bash bench detect model.tflite notes.txt script two words.png
