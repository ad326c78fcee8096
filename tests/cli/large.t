A large picture is not copied for drawing:

  $ { printf "P4\n6000 6000\n"; head -c 4500000 /dev/zero; } >large.pbm
  $ cat >most.py <<END
  > import resource, subprocess, sys
  > subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
  > print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 240 * 1024)
  > END
  $ "$PYTHON" most.py corallite detect --threshold 0.01 --output large.jpg large.pbm
  True

Nor are several decoded at once:

  $ mkdir -p signs/black signs/white
  $ { printf "P4\n11000 11000\n"; head -c 15125000 /dev/zero; } >signs/white/1.pbm
  $ { printf "P4\n11000 11000\n"; head -c 15125000 /dev/zero | tr '\0' '\377'; } >signs/black/1.pbm
  $ ln signs/white/1.pbm signs/white/2.pbm; ln signs/black/1.pbm signs/black/2.pbm
  $ sed -i "s/240/1000/" most.py
  $ "$PYTHON" most.py corallite learn imprint --threads 4 --test-ratio 0 --output signs.tflite signs
  True
