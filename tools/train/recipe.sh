#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The built-in models from nothing: signs, scenes, training, conversion, measurement.
#
#   PYTHON=venv/bin/python tools/train/recipe.sh [CACHE]     CACHE: 3 GB for scenes, default ./train-cache
#
# Ends with models/ and docs/ rewritten and both measures printed. Set STEPS and SCENES to
# small numbers for a dry run of every stage.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
tools=$root/tools/train
python=${PYTHON:-python3}
cache=${1:-train-cache}
mkdir -p "$cache"

say() { echo "== $*"; date; }

say "signs"
"$python" "$tools/signs.py" --pdf "$root/docs/signs.pdf" --preview "$root/docs/signs.png" \
    --labels "$root/models/signs_labels.txt"

say "scenes"
"$python" "$tools/scenes.py" cache "$cache/train" --set train --count "${SCENES:-10000}"
"$python" "$tools/scenes.py" cache "$cache/single" --set single-train --count "${SCENES:-6800}" --side 144
"$python" "$tools/scenes.py" files "$cache/test" --set test --count 300
"$python" "$tools/scenes.py" files "$cache/single-test" --set single-test --count 300

for kind in detector:train classifier:single; do
    name=${kind%:*} data=$cache/${kind#*:}
    say "$name"
    "$python" "$tools/$name.py" train --data "$data" --weights "$cache/$name.weights.h5" ${STEPS:+--steps "$STEPS"}
    "$python" "$tools/$name.py" convert --data "$data" --weights "$cache/$name.weights.h5" \
        --labels "$root/models/signs_labels.txt" --out "$root/models/signs_$name.tflite"
done

say "measures"
for kind in detector:test classifier:single-test; do
    name=${kind%:*} data=$cache/${kind#*:}
    "$python" "$tools/evaluate.py" "$name" "$root/models/signs_$name.tflite" "$data" \
        --labels "$root/models/signs_labels.txt"
done
say "done"
