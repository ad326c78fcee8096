A large picture is not copied for drawing:

  $ { printf "P4\n6000 6000\n"; head -c 4500000 /dev/zero; } >large.pbm
  $ cat >most.py <<END
  > import resource, subprocess, sys
  > subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
  > print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 240 * 1024)
  > END
  $ "$PYTHON" most.py corallite detect --threshold 0.01 --output large.jpg large.pbm
  True
