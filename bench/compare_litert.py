#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times our program and LiteRT side by side, on every model that both can run.

    oracle/bin/python bench/compare_litert.py [--cpu avx2] [--exact] [--name NAME] [MODEL.tflite | FOLDER ...]

Needs ai-edge-litert and numpy, and a release build of build/corallite. Models default to $CRL_TESTDATA/models and
models/. Writes bench/results/NAME.csv and prints a table; bench/README.md says what the columns mean.
"""
import argparse
import csv
import datetime
import importlib.metadata
import json
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import litert_avx2

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENGINES = ("ours", "xnnpack", "builtin")
RESOLVERS = {"xnnpack": "AUTO", "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES"}
COLUMNS = ("model", "type", "threads", "ours_min_ms", "xnnpack_min_ms", "builtin_min_ms", "ours_median_ms",
           "xnnpack_median_ms", "builtin_median_ms", "xnnpack_ratio_min", "xnnpack_ratio_median", "builtin_ratio_min",
           "builtin_ratio_median", "prepare_ms", "arena_bytes", "arena_ratio", "packed_bytes", "exact")
RATIOS = [c for c in COLUMNS if "_ratio_" in c]


class Refused(Exception):
    """One of the two cannot run the model."""


class Ours:
    """The program, started anew for each round."""

    def __init__(self, a, path, threads):
        self.command = [a.program, "bench", "--json", "--threads", str(threads)]
        self.command += ["--cpu", a.cpu] if a.cpu else []
        self.command += ["--float", a.float] if a.float else []
        self.path, self.told = path, []

    def measure(self, runs):
        done = subprocess.run([*self.command, "--warmup", "2", "--runs", str(runs), self.path], capture_output=True,
                              text=True)
        if done.returncode:
            raise Refused(done.stderr.strip())
        self.told.append(json.loads(done.stdout))
        return self.told[-1]["min_ms"], self.told[-1]["median_ms"]


class Theirs:
    """A LiteRT interpreter, kept for all rounds."""

    def __init__(self, path, resolver, threads, run=True):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType # which LiteRT that is, main() has settled
        try:
            self.interpreter = Interpreter(str(path), num_threads=threads,
                                           experimental_op_resolver_type=OpResolverType[resolver])
            self.interpreter.allocate_tensors()
            self.inputs = draw_inputs(self.interpreter)
            if run:
                self.run()
        except (RuntimeError, ValueError) as e:
            raise Refused(f"LiteRT: {str(e).strip().splitlines()[0]}") from e

    def run(self):
        """ms of one run; inputs are filled before the clock starts, as `corallite bench` does it."""
        for d, x in zip(self.interpreter.get_input_details(), self.inputs):
            self.interpreter.set_tensor(d["index"], x)
        start = time.perf_counter()
        self.interpreter.invoke()
        return (time.perf_counter() - start) * 1e3

    def measure(self, runs):
        for _ in range(3):
            self.run()
        ms = [self.run() for _ in range(runs)]
        return min(ms), statistics.median(ms)


def draw_inputs(interpreter):
    """The inputs that `corallite bench` draws: SplitMix64 from state 1, a number for each element of all inputs."""
    inputs, state = [], 1
    for d in interpreter.get_input_details():
        n, t = int(np.prod(d["shape"])), np.dtype(d["dtype"])
        with np.errstate(over="ignore"):
            z = np.uint64(state) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9e3779b97f4a7c15)
            z = (z ^ z >> np.uint64(30)) * np.uint64(0xbf58476d1ce4e5b9)
            z = (z ^ z >> np.uint64(27)) * np.uint64(0x94d049bb133111eb)
            z ^= z >> np.uint64(31)
        state = (state + n * 0x9e3779b97f4a7c15) % 2**64
        if t.kind == "f":
            x = ((z >> np.uint64(11)).astype(np.float64) / 2**52 - 1).astype(t)
        elif t == np.bool_:
            x = (z & np.uint64(1)).astype(t)
        else:
            x = z.astype(t)
        inputs.append(x.reshape(d["shape"]))
    return inputs


def type_of(interpreter):
    """What most of the model computes in: of what operators write that is quantised, those of rank 4 first; where that is nothing,
    floats, by the weights that they are multiplied by."""
    tensors = {d["index"]: d for d in interpreter.get_tensor_details()}
    written = {i for op in interpreter._get_ops_details() for i in op["outputs"]}
    given = {d["index"] for d in interpreter.get_input_details()}
    count = {np.uint8: 0, np.int8: 0, np.int16: 0}
    for i in written & tensors.keys():
        d = tensors[i]
        if d["dtype"] in count and len(d["quantization_parameters"]["scales"]) == 1:
            count[d["dtype"]] += 1000 if len(d["shape"]) == 4 else 1
    if count[np.int16]:
        return "int16"
    if any(count.values()):
        return np.dtype(max(count, key=count.get)).name
    weights = [tensors[i]["dtype"] for i in tensors.keys() - written - given if len(tensors[i]["shape"]) > 1]
    return "dynamic" if np.int8 in weights else "float16" if np.float16 in weights else "float32"


def is_exact(a, path):
    """Whether our outputs are those of LiteRT's reference kernels on the same inputs."""
    reference = Theirs(path, "BUILTIN_REF", 1, run=False) # which would leave variables behind
    for d, x in zip(reference.interpreter.get_input_details(), reference.inputs):
        reference.interpreter.set_tensor(d["index"], x)
    reference.interpreter.invoke()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        command = [a.program, "run", "--output-dir", folder / "out", *(["--cpu", a.cpu] if a.cpu else [])]
        for i, x in enumerate(reference.inputs):
            np.save(folder / f"{i}.npy", x)
            command += ["--input", f"{i}={folder / f'{i}.npy'}"]
        done = subprocess.run([*command, path], capture_output=True, text=True)
        if done.returncode:
            raise Refused(done.stderr.strip())
        return all(same(reference.interpreter.get_tensor(d["index"]), np.load(folder / "out" / f"{i}.npy"))
                   for i, d in enumerate(reference.interpreter.get_output_details()))


def same(x, y):
    return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()


def compare(a, path, threads, exact):
    """A row of the table. In each round all engines take one turn, in an order that moves on."""
    engines = {"ours": Ours(a, path, threads)}
    engines |= {name: Theirs(path, resolver, threads) for name, resolver in RESOLVERS.items()}
    runs = {name: max(3, min(2000, round(a.turn_ms / e.measure(1)[1]))) for name, e in engines.items()}
    taken = {name: [] for name in ENGINES}
    for r in range(a.rounds):
        for name in ENGINES[r % 3:] + ENGINES[:r % 3]:
            taken[name].append(engines[name].measure(runs[name]))
    least = {name: min(t[0] for t in taken[name]) for name in ENGINES}
    told = engines["ours"].told
    row = {"model": path.stem, "type": type_of(engines["builtin"].interpreter), "threads": threads, "exact": exact,
           "prepare_ms": min(t["prepare_ms"] for t in told), "arena_bytes": told[0]["arena_bytes"],
           "arena_ratio": told[0]["arena_bytes"] / max(told[0]["live_bytes"], 1), "packed_bytes": told[0]["packed_bytes"]}
    for name in ENGINES:
        row[f"{name}_min_ms"] = least[name]
        row[f"{name}_median_ms"] = statistics.median(t[1] for t in taken[name])
    for name in ENGINES[1:]:
        row[f"{name}_ratio_min"] = least[name] / least["ours"]
        row[f"{name}_ratio_median"] = statistics.median(t[1] / o[1] for t, o in zip(taken[name], taken["ours"]))
    return row


def geometric_means(rows, threads):
    """One row for each type and number of threads: the ratios of the models of that type."""
    means = []
    for kind in ("uint8", "int8", "int16", "dynamic", "float16", "float32"):
        for n in threads:
            some = [r for r in rows if r["type"] == kind and r["threads"] == n]
            if some:
                means.append({"model": f"geometric mean of {len(some)}", "type": kind, "threads": n}
                             | {c: math.exp(statistics.fmean(math.log(r[c]) for r in some)) for c in RATIOS})
    return means


def in_words(x):
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def print_table(rows):
    shown = [c for c in COLUMNS if "median_ms" not in c]
    table = [shown] + [[in_words(r.get(c, "")) for c in shown] for r in rows]
    wide = [max(len(line[i]) for line in table) for i in range(len(shown))]
    for line in table:
        print("  ".join(x.ljust(w) if i < 2 else x.rjust(w) for i, (x, w) in enumerate(zip(line, wide))).rstrip())


def capture(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def cpu_model():
    try:
        found = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def levels(a, any_model):
    """The levels of the machine, as the program lists them when it is asked for one that does not exist."""
    said = subprocess.run([a.program, "bench", "--cpu", "?", any_model], capture_output=True, text=True).stderr
    return said.strip().rpartition(": ")[2].replace(", ", " ")


def facts(a, models, isa):
    dirty = " with changes" if capture("git", "status", "--porcelain", "--untracked-files=no") else ""
    yield "machine", cpu_model()
    yield "cores", len(os.sched_getaffinity(0))
    yield "levels", levels(a, models[0])
    yield "level used", isa
    yield "load at the start", f"{os.getloadavg()[0]:.1f}"
    yield "date", datetime.date.today().isoformat()
    yield "commit", capture("git", "rev-parse", "--short=12", "HEAD") + dirty
    yield "litert", importlib.metadata.version("ai-edge-litert") + (", held to avx2" if isa == "avx2" else "")
    yield "rounds", f"{a.rounds} of about {a.turn_ms:g} ms for each engine"
    if a.note:
        yield "note", a.note


def write_csv(path, head, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as f:
        f.writelines(f"# {name}: {value}\n" for name, value in head)
        out = csv.writer(f, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows([in_words(r.get(c, "")) for c in COLUMNS] for r in rows)


def find_models(given):
    testdata = pathlib.Path(os.environ.get("CRL_TESTDATA") or ROOT.parent / "shared" / "testdata")
    models = []
    for p in [pathlib.Path(x) for x in given] or [testdata / "models", ROOT / "models"]:
        models += sorted(p.glob("*.tflite")) if p.is_dir() else [p]
    if not models:
        sys.exit("compare_litert.py: no models here; name some, or set CRL_TESTDATA")
    return models


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="files or folders")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cpu", help="instruction level of ours; LiteRT is held to avx2 with us, and takes the best it finds otherwise")
    parser.add_argument("--float", choices=("exact", "fast"), help="how ours computes floats; fast ones are not those of LiteRT's reference kernels")
    parser.add_argument("--exact", action="store_true", help="also compare outputs with LiteRT's reference kernels")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turn-ms", type=float, default=100, help="how long an engine runs in a round (%(default)s)")
    parser.add_argument("--name", help="of the file in bench/results (default: date and level)")
    parser.add_argument("--note", help="a line about the circumstances, kept in the file")
    parser.add_argument("--program", default=ROOT / "build" / "corallite")
    return parser.parse_args()


def main():
    a = arguments()
    models, rows, refused = find_models(a.models), [], []
    isa = json.loads(capture(a.program, "bench", "--json", "--runs", "1", *(["--cpu", a.cpu] if a.cpu else []),
                             ROOT / "models" / "signs_classifier.tflite"))["isa"]
    if isa == "avx2":
        litert_avx2.hold()
    head = list(facts(a, models, isa))
    for path in models:
        try:
            exact = ("yes" if is_exact(a, path) else "NO") if a.exact else ""
            for n in a.threads:
                rows.append(compare(a, path, n, exact))
                print(f"{path.stem}, {n}: {rows[-1]['xnnpack_ratio_min']:.2f}", file=sys.stderr)
        except Refused as e:
            refused.append(f"{path.stem}: {e}")
    means = geometric_means(rows, a.threads)
    print_table(rows + means)
    for line in refused:
        print(f"left out: {line}")
    target = ROOT / "bench" / "results" / f"{a.name or datetime.date.today().isoformat() + '-' + isa}.csv"
    write_csv(target, head, rows + means)
    print(target.relative_to(ROOT))
    if any(r["exact"] == "NO" for r in rows):
        sys.exit("compare_litert.py: outputs differ from LiteRT's reference kernels")


if __name__ == "__main__":
    main()
