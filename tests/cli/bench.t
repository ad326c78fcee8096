Times differ from run to run; their names, their order and what they add up to do not.

#require testdata

  $ M=$TESTDATA/models/split_concat.tflite
  $ keys() { "$PYTHON" -c 'import json, sys; o = json.load(sys.stdin); print(*o); [print(*r) for r in o.get("profile", [])[:1]]'; }
  $ corallite bench --json "$M" | keys
  model backend isa threads load_ms prepare_ms first_ms min_ms median_ms p90_ms mean_ms arena_bytes io_bytes live_bytes scratch_bytes packed_bytes macs
  $ corallite bench --json --profile --runs 3 --warmup 0 "$M" | keys
  model backend isa threads load_ms prepare_ms first_ms min_ms median_ms p90_ms mean_ms arena_bytes io_bytes live_bytes scratch_bytes packed_bytes macs peak_gmacs_per_s profile
  op name kernel output shape ms share macs gmacs_per_s peak_share bytes why_plain
  $ cat >sound.py <<END
  > import json, sys
  > o = json.load(sys.stdin)
  > assert 0 < o["min_ms"] <= o["median_ms"] <= o["p90_ms"] and o["min_ms"] <= o["mean_ms"], o
  > assert o["load_ms"] > 0 and o["prepare_ms"] > 0 and o["first_ms"] > 0 and o["arena_bytes"] >= o["live_bytes"] > 0
  > assert abs(sum(r["share"] for r in o["profile"]) - 1) < 1e-4
  > assert all(r["peak_share"] is None for r in o["profile"]) if o["isa"] == "ref" else o["peak_gmacs_per_s"] > 1
  > print(o["backend"], o["isa"], o["threads"], len(o["profile"]))
  > END
  $ corallite bench --json --profile --backend reference --threads 2 "$M" | "$PYTHON" sound.py
  reference ref 2 3
  $ CRL_CPU=ref corallite bench --json --profile --backend=cpu --threads=1 --runs=1 "$M" | "$PYTHON" sound.py
  cpu ref 1 3
  $ corallite bench --profile "$M"
  * (any)
  $ corallite bench --runs 0 "$M"
  corallite: error: --runs 0: a whole number from 1 to 100000 is expected
  [2]
  $ corallite bench nothing.tflite
  corallite: error: nothing.tflite: no such file
  [1]
  $ corallite bench
  corallite: error: no MODEL given; 'corallite bench --help' shows how
  [2]
