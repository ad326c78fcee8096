#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole programs on sticks in software: programs.py --bin DIR [--library libcorallite.so --delegate libedgetpu.so.1]

They load the libusb-1.0 of tests/sim/usb in the place of the system's, and are otherwise as they are installed. Answers are compared with those of
the processor in the chip's arithmetic; the report of the sticks says that it was they who computed, and that no rule was broken.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
import counting  # noqa: E402
from counting import check  # noqa: E402
from firmware import forged  # noqa: E402

LIMIT = 60  # s, for what takes one

SCRIPT = """
import sys
import numpy as np
import corallite
from tflite_runtime.interpreter import Interpreter, load_delegate
from pycoral.utils.edgetpu import list_edge_tpus, make_interpreter
from edgetpu.classification.engine import ClassificationEngine

def scores(interpreter):
    interpreter.allocate_tensors()
    d = interpreter.get_input_details()[0]
    interpreter.set_tensor(d["index"], np.random.RandomState(1).randint(0, 256, d["shape"]).astype(np.uint8))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tobytes().hex()

picture = np.random.RandomState(2).randint(0, 256, (64, 64, 3)).astype(np.uint8)
print(list_edge_tpus())
print(scores(Interpreter(sys.argv[1], experimental_delegates=[load_delegate("libedgetpu.so.1")])))
print(scores(make_interpreter(sys.argv[1], device=":0")))
print(ClassificationEngine(sys.argv[1]).run_inference(np.resize(picture.flatten(), 1000000))[1].tobytes().hex())
if len(sys.argv) > 2:
    with corallite.Session(sys.argv[1]) as session:
        print(session.run(picture).classes)
"""


PIPELINE = """
import sys
import numpy as np
from pycoral.pipeline.pipelined_model_runner import PipelinedModelRunner
from pycoral.utils.edgetpu import list_edge_tpus, make_interpreter

print(len(list_edge_tpus()))
segments = [make_interpreter(name, device=":%d" % i) for i, name in enumerate(sys.argv[1:])]
for segment in segments:
    segment.allocate_tensors()
runner = PipelinedModelRunner(segments)
d, last = segments[0].get_input_details()[0], segments[-1].get_output_details()[0]["name"]
for seed in range(5):
    runner.push({d["name"]: np.random.RandomState(seed).randint(0, 256, d["shape"]).astype(np.uint8)})
runner.push({})
for seed in range(5):
    print(runner.pop()[last].tobytes().hex())
"""


MANY = """
import sys
import numpy as np
import corallite

pictures = [np.random.RandomState(seed).randint(0, 256, (64, 64, 3)).astype(np.uint8) for seed in range(24)]
with corallite.Session(sys.argv[1]) as session:
    for found in session.run_many(pictures, workers=2):
        print(found.classes)
"""

KEPT = """
import sys
import numpy as np
import corallite

picture = np.random.RandomState(1).randint(0, 256, (64, 64, 3)).astype(np.uint8)
sessions = [corallite.Session(sys.argv[i]) for i in (1, 2, 2, 1)]
for _ in range(3):
    for session in sessions:
        session.run(picture)
for session in sessions:
    session.close()
"""

LITERT = """
import ctypes
import os
import sys
import numpy as np
from ai_edge_litert.interpreter import Interpreter, load_delegate

library, classifier, detector, unplugged = sys.argv[1:]


class Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("path", ctypes.c_char_p)]


def fails(what, error):
    try:
        what()
    except error as e:
        return str(e)
    return "it does not fail"


edgetpu = ctypes.CDLL(library)
edgetpu.edgetpu_list_devices.restype, edgetpu.edgetpu_version.restype = ctypes.POINTER(Device), ctypes.c_char_p
edgetpu.edgetpu_free_devices.argtypes = [ctypes.c_void_p]
n = ctypes.c_size_t()
devices = edgetpu.edgetpu_list_devices(ctypes.byref(n))
print(n.value, devices[0].type, devices[0].path.decode(), b"RuntimeVersion(14)" in edgetpu.edgetpu_version())
edgetpu.edgetpu_free_devices(devices)
edgetpu.tflite_plugin_create_delegate.restype, edgetpu.tflite_plugin_destroy_delegate.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
no_options = (ctypes.c_char_p * 2)(b"device", None), (ctypes.c_char_p * 2)(None, b"usb:5")
delegate = edgetpu.tflite_plugin_create_delegate(*no_options, ctypes.c_size_t(2), None)
if edgetpu.edgetpu_list_devices(None) or not delegate:
    sys.exit("what is NULL is not left out")
edgetpu.tflite_plugin_destroy_delegate(delegate)
print(fails(lambda: load_delegate(library, {"device": "usb:5"}), ValueError).splitlines()[-1])
print(fails(lambda: load_delegate(library, {"device": "pci"}), ValueError).splitlines()[-1])
print(fails(lambda: load_delegate(library, {"Performance": "Fast"}), ValueError).splitlines()[-1])
for model, options in (classifier, {"device": "usb:0", "Performance": "Max", "Usb.AlwaysDfu": "False"}), (detector, {"device": "", "Performance": "Max"}):
    interpreter = Interpreter(model, experimental_delegates=[load_delegate(library, options)])
    interpreter.allocate_tensors()
    d = interpreter.get_input_details()[0]
    for seed in range(3):
        interpreter.set_tensor(d["index"], np.random.RandomState(seed).randint(0, 256, d["shape"]).astype(np.uint8))
        interpreter.invoke()
        print(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tobytes().hex())
open(unplugged, "w").close()
print(fails(interpreter.invoke, RuntimeError).splitlines()[-2:])
os.remove(unplugged)
"""

PLAIN = """
import sys
import numpy as np
from tflite_runtime.interpreter import Interpreter

for model in sys.argv[1:]:
    interpreter = Interpreter(model)
    interpreter.allocate_tensors()
    d = interpreter.get_input_details()[0]
    for seed in range(3):
        interpreter.set_tensor(d["index"], np.random.RandomState(seed).randint(0, 256, d["shape"]).astype(np.uint8))
        interpreter.invoke()
        print(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tobytes().hex())
"""


class Bench:
    """A folder with models, and sticks that know them."""

    def __init__(self, build, folder):
        self.build, self.folder = pathlib.Path(build), pathlib.Path(folder)
        self.program = str(self.build / "corallite")
        for name in "classifier", "detector":
            plain = self.folder / f"{name}.tflite"
            shutil.copy(ROOT / f"models/signs_{name}.tflite", plain)
            subprocess.run([self.build / "tests/sim/pretend", plain, self.compiled(name)], check=True)
        self.know("classifier", "detector")
        (self.folder / "firmware").write_bytes(forged())
        # Meson puts the folders of all that a test depends on into LD_LIBRARY_PATH.
        self.plain_environment = {k: v for k, v in os.environ.items() if not k.startswith("CRL_") and k != "LD_LIBRARY_PATH"}
        self.environment = {**self.plain_environment, "LD_LIBRARY_PATH": str(self.build / "tests/sim/usb"), "CRL_SIM": str(self.folder),
                            "CRL_FIRMWARE": str(self.folder / "firmware")}

    def know(self, *names):
        """The models that the sticks know of the next program."""
        (self.folder / "models").write_text("".join(f"{self.compiled(name)}\n" for name in names))

    def compiled(self, name):
        return self.folder / f"{name}_edgetpu.tflite"

    def run(self, *arguments, sticks=True, **more):
        environment = {**(self.environment if sticks else self.plain_environment), **more}
        done = subprocess.run([str(a) for a in arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              timeout=LIMIT, cwd=self.folder)
        return done.returncode, done.stdout, done.stderr

    def reported(self):
        """[programs that ran, open handles, complaint] for each stick."""
        return [(int(n), int(handles), text) for n, handles, text in (line.split(" ", 2) for line in (self.folder / "report").read_text().splitlines())]


def has_run(bench, what, least=2):
    programs, handles, complaint = bench.reported()[0]
    check(programs >= least and not complaint, f"{what}: {programs} programs ran on the stick; {complaint or 'no complaint'}")
    check(handles == 0, f"{what}: {handles} handles are left")


def devices(bench):
    code, out, err = bench.run(bench.program, "devices", "--json")
    check(code == 0, f"devices: {err}")
    found = json.loads(out)
    check([(d["index"], d["place"], d["id"], d["access"]) for d in found] == [(0, "2-1.4", "1a6e:089a", "usable")], out)
    for word, clock in ("max", 500), ("low", 63), ("fast", None):
        found = json.loads(bench.run(bench.program, "devices", "--json", CRL_TPU_CLOCK=word)[1])
        check(found[0]["clock_mhz"] == clock, f"devices with the clock {word}: {found}")
    check(", 125 MHz" in bench.run(bench.program, "devices", CRL_TPU_CLOCK="medium")[1], "devices does not tell the clock")


def pictures(bench):
    """classify and detect: the answers of the chip, from the stick."""
    for verb, name in ("classify", "classifier"), ("detect", "detector"):
        what = verb, "--json", ROOT / "examples/scene_1.jpg", ROOT / "examples/scene_2.jpg", "--model"
        code, out, err = bench.run(bench.program, *what, bench.compiled(name))
        check(code == 0 and not err, f"{verb}: {code} {err}")
        has_run(bench, verb, 3)
        twin = bench.folder / f"{name}.tflite"
        check(out == bench.run(bench.program, *what, twin, "--arithmetic", "edgetpu")[1], f"{verb}: other answers than the processor's: {out}")
        plain = bench.run(bench.program, *what, twin)[1]
        check(plain != out, f"{verb}: the same answers in both arithmetics")
        for options, want in ((), out), (("--arithmetic", "tflite"), plain), (("--backend", "cpu"), plain), (("--backend", "cpu", "--arithmetic", "edgetpu"), out):
            code, got, err = bench.run(bench.program, *what, bench.compiled(name), *options, sticks=False)
            check(code == 0 and "runs on the processor instead" in err, f"{verb} without a stick: {code} {err}")
            check(got == want, f"{verb} without a stick, {options}: {got}")


def results(lines):
    return [{key: value for key, value in json.loads(line).items() if key in ("frame", "results", "tracks")} for line in lines]


def watch(bench, backend="edgetpu", **environment):
    """It is pulled out in the middle, and put back: every frame has its answer, and the right one."""
    what = [bench.program, "watch", "--source", "test", "--display", "none", "--fps", "0", "--quiet", "--json", "--model"]
    run = subprocess.Popen([*what, str(bench.compiled("detector")), "--backend", backend], env={**bench.environment, **environment},
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           encoding="utf-8", cwd=bench.folder)
    lines, said = [], []
    readers = [threading.Thread(target=lambda f, to: to.extend(iter(f.readline, "")), args=pair) for pair in ((run.stdout, lines), (run.stderr, said))]
    for reader in readers:
        reader.start()

    def wait_for(condition):
        end = time.monotonic() + LIMIT
        while not condition() and time.monotonic() < end and run.poll() is None:
            time.sleep(0.01)
        return condition()

    check(wait_for(lambda: len(lines) > 20), "watch: no frames")
    (bench.folder / "unplugged").touch()
    check(wait_for(lambda: any(f"until {backend} is back" in line for line in said)), f"watch: it is not said that the stick is gone: {said}")
    there = len(lines)
    check(wait_for(lambda: len(lines) > there + 20), "watch: no frames without the stick")
    (bench.folder / "unplugged").unlink()
    check(wait_for(lambda: any(f"{backend} is back" in line and "computed" in line for line in said)), f"watch: the stick does not come back: {said}")
    there = len(lines)
    check(wait_for(lambda: len(lines) > there + 20), "watch: no frames with the stick that is back")
    run.terminate()
    run.wait(LIMIT)
    for reader in readers:
        reader.join()
    check(run.returncode in (0, 128 + 15, -15), f"watch: exit code {run.returncode}")
    check(len(said) == 2, f"watch: more is said than that it is gone and that it is back: {said}")
    has_run(bench, "watch", 40)
    whole = [line for line in lines if line.endswith("}\n")]
    code, out, err = bench.run(*what, bench.folder / "detector.tflite", "--arithmetic", "edgetpu", "--frames", len(whole))
    pairs = list(zip(results(whole), results(out.splitlines())))
    differ = [pair for pair in pairs if pair[0] != pair[1]]
    check(len(pairs) == len(whole) and not differ, f"watch: {len(differ)} answers of {len(whole)} are others than the processor's: {differ[:1]}")


def partly(bench):
    """A model of which a part is on the stick: what stands in for it rounds as the chip does in that part, and nowhere else."""
    (bench.folder / "part.tflite").write_bytes((bench.folder / "detector.tflite").read_bytes())
    subprocess.run([bench.build / "tests/sim/pretend", bench.folder / "part.tflite", bench.compiled("part"), "67"], check=True)
    bench.know("part")
    what = [bench.program, "watch", "--source", "test", "--display", "none", "--fps", "0", "--quiet", "--json", "--frames", "80", "--model"]
    code, out, err = bench.run(*what, bench.compiled("part"))
    check(code == 0 and not err, f"a part: {code} {err}")
    has_run(bench, "a part", 81)
    code, stood_in, err = bench.run(*what, bench.compiled("part"), CRL_FIRMWARE="/nowhere")
    check(code == 0 and "until edgetpu is back" in err and bench.reported()[0][0] == 0, f"a part, without the stick: {code} {err}")
    check(results(out.splitlines()) == results(stood_in.splitlines()), "a part: what stands in gives other answers")
    bench.know("classifier", "detector")


def scripts(bench):
    """What Python programs do, on the stick; the same on the processor in the chip's arithmetic."""
    (bench.folder / "script.py").write_text(SCRIPT)
    where = {"PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    code, out, err = bench.run("python3", "script.py", bench.compiled("classifier"), "session", **where)
    check(code == 0 and not err, f"python: {code} {err}")
    lines = out.splitlines()
    check(lines[:1] == ["[{'type': 'usb', 'path': '/sys/bus/usb/devices/2-1.4'}]"], f"python: {lines[:1]}")
    has_run(bench, "python", 5)
    want = bench.run("python3", "script.py", bench.folder / "classifier.tflite", CRL_ARITHMETIC="edgetpu", sticks=False, **where)[1].splitlines()
    check(len(want) == 4 and lines[1:4] == want[1:4], "python: other answers than the processor's")
    twin = bench.run("python3", "script.py", bench.compiled("classifier"), sticks=False, **where)[1].splitlines()
    check(twin[1:4] == want[1:4], "python: other answers without a stick")


def pipeline(bench):
    """A model in two segments on two sticks, by pycoral's pipeline: what the whole model gives, and each stick has run its own."""
    names = "head", "tail"
    bench.run(bench.program, "split", "--at", "op:20", "--head", "head.tflite", "--tail", "tail.tflite", "classifier.tflite")
    for name in names:
        subprocess.run([bench.build / "tests/sim/pretend", bench.folder / f"{name}.tflite", bench.compiled(name)], check=True)
    bench.know(*names)
    (bench.folder / "sticks").write_text("2\n")
    (bench.folder / "pipeline.py").write_text(PIPELINE)
    where = {"PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    code, out, err = bench.run("python3", "pipeline.py", *map(bench.compiled, names), **where)
    check(code == 0 and not err, f"pipeline: {code} {err}")
    check([(n, text) for n, _, text in bench.reported()] == [(6, ""), (6, "")], f"pipeline: {bench.reported()}")
    want = bench.run("python3", "pipeline.py", bench.folder / "classifier.tflite", CRL_ARITHMETIC="edgetpu", sticks=False, **where)[1].splitlines()
    lines = out.splitlines()
    check(lines[:1] == ["2"] and len(want) > 5 and lines[1:6] == want[1:6], "pipeline: other answers than the whole model's on the processor")


def many(bench):
    """Frames shared out over two sticks: each worker's engine takes the one that fewer use."""
    bench.know("classifier")
    (bench.folder / "sticks").write_text("2\n")
    (bench.folder / "many.py").write_text(MANY)
    where = {"PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    code, out, err = bench.run("python3", "many.py", bench.compiled("classifier"), **where)
    check(code == 0 and not err and len(out.splitlines()) == 24, f"many pictures: {code} {err}")
    ran = [n for n, _, text in bench.reported() if not text]
    check(len(ran) == 2 and min(ran) > 1 and sum(ran) == 24 + 2, f"many pictures: {bench.reported()}")
    (bench.folder / "sticks").unlink()
    want = bench.run("python3", "many.py", bench.compiled("classifier"), **where)[1]
    check(out == want, "many pictures: other answers than one stick's")


def served(bench):
    """Requests of a compiled model shared out over two sticks, one of which is pulled out in the middle and put back: every answer is the same."""
    bench.know("classifier")
    (bench.folder / "sticks").write_text("2\n")
    server = subprocess.Popen([bench.program, "serve", "--port", "0", "--threads", "2", "--model", str(bench.compiled("classifier"))], env=bench.environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", cwd=bench.folder)
    port = None
    while port is None and (line := server.stderr.readline()):
        if "libmicrohttpd" in line:
            server.wait(LIMIT)
            return
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        port = found and found[1]
    check(port is not None, "serve does not begin")
    reader = threading.Thread(target=server.stderr.read)
    reader.start()
    model = f"http://127.0.0.1:{port}/v2/models/classifier_edgetpu"
    shape = json.loads(urllib.request.urlopen(model, timeout=LIMIT).read())["inputs"][0]
    many = 1
    for d in shape["shape"]:
        many *= d
    bodies = [json.dumps({"inputs": [{**shape, "data": [(i * 7 + n * 31) % 256 for i in range(many)]}]}).encode() for n in range(4)]
    answers = [set() for _ in bodies]
    failed, asked = [], [0]
    end = threading.Event()

    def ask(which):
        while not end.is_set():
            try:
                with urllib.request.urlopen(urllib.request.Request(f"{model}/infer", bodies[which]), timeout=LIMIT) as answer:
                    answers[which].add(str(json.loads(answer.read())["outputs"]))
                asked[0] += 1
            except OSError as e:
                failed.append(e)
                return

    def more(n):
        want, limit = asked[0] + n, time.monotonic() + LIMIT
        while asked[0] < want and time.monotonic() < limit and not failed:
            time.sleep(0.01)

    askers = [threading.Thread(target=ask, args=(i,)) for i in range(len(bodies))]
    for asker in askers:
        asker.start()
    more(40)
    (bench.folder / "unplugged").write_text("0\n")
    more(40)
    (bench.folder / "unplugged").unlink()
    more(40)
    end.set()
    for asker in askers:
        asker.join()
    server.terminate()
    server.wait(LIMIT)
    reader.join()
    check(not failed and all(len(a) == 1 for a in answers), f"serve, two sticks: {failed or [len(a) for a in answers]}")
    ran = [n for n, _, text in bench.reported() if not text]
    check(len(ran) == 2 and min(ran) > 5, f"serve, two sticks: {bench.reported()}")
    (bench.folder / "sticks").unlink()


def kept(bench):
    """Two models and two sticks: engines of a model go where it is cached, whatever the order, so that each is sent once to each stick."""
    bench.know("classifier", "detector")
    (bench.folder / "sticks").write_text("2\n")
    (bench.folder / "kept.py").write_text(KEPT)
    where = {"PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    code, out, err = bench.run("python3", "kept.py", bench.compiled("classifier"), bench.compiled("detector"), **where)
    check(code == 0 and not err, f"two models: {code} {err}")
    check([n for n, _, _ in bench.reported()] == [7, 7], f"two models: not six frames and one load on each stick: {bench.reported()}")
    (bench.folder / "sticks").unlink()


def litert(bench, library):
    """The driver as the delegate of a real LiteRT: the same bytes, and sentences where a stick is not there."""
    (bench.folder / "litert.py").write_text(LITERT)
    (bench.folder / "plain.py").write_text(PLAIN)
    bench.know("classifier", "detector")
    (bench.folder / "sticks").unlink(missing_ok=True)
    names = "classifier", "detector"
    code, out, err = bench.run("python3", "litert.py", library, *map(bench.compiled, names), bench.folder / "unplugged")
    lines = out.splitlines()
    check(code == 0 and len(lines) == 11, f"litert: {code} {err}")
    check("Performance \"Fast\": Max, High, Medium and Low are known" in lines[3], f"litert: {lines[3]}")
    clocks = (bench.folder / "clocks").read_text().split()
    check(clocks == ["0"], f"litert: the stick ran at another clock than Max: {clocks}")
    check(lines[0] == "1 1 /sys/bus/usb/devices/2-1.4 True" and '"usb:5": there is 1' in lines[1] and '"pci": there is 1' in lines[2], lines[:3])
    check("Edge TPU on bus 2 port 1.4" in lines[-1], f"litert: what fails is not said: {lines[-1]}")
    has_run(bench, "litert", 2)
    where = {"PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1", "CRL_ARITHMETIC": "edgetpu"}
    want = bench.run("python3", "plain.py", *(bench.folder / f"{name}.tflite" for name in names), sticks=False, **where)[1].splitlines()
    check(len(want) == 6 and lines[4:10] == want, "litert: other answers than the processor's")


def vendor(bench, library):
    """The vendor's runtime as the backend, for which ours stands in: its interface is the same, and it is loaded by the same code."""
    bench.know("classifier", "detector")
    (bench.folder / "sticks").unlink(missing_ok=True)
    for verb, name in ("classify", "classifier"), ("detect", "detector"):
        what = verb, "--json", ROOT / "examples/scene_1.jpg", ROOT / "examples/scene_2.jpg", "--model"
        for model in bench.compiled(name), f"{bench.compiled(name)}@usb:0":
            code, out, err = bench.run(bench.program, *what, model, "--backend", "edgetpu:vendor", CRL_LIBEDGETPU=library)
            check(code == 0 and not err, f"vendor, {verb}: {code} {err}")
            has_run(bench, f"vendor, {verb}", 3)
            want = bench.run(bench.program, *what, bench.folder / f"{name}.tflite", "--arithmetic", "edgetpu")[1]
            check(out == want, f"vendor, {verb}: other answers than the processor's")
    watch(bench, "edgetpu:vendor", CRL_LIBEDGETPU=library)
    pcie = {"CRL_LIBEDGETPU": str(bench.build / "tests/sim/libfake_edgetpu.so"), "CRL_SIM_DELEGATE": library}
    for device in "", "@pci", "@pci:0":
        code, out, err = bench.run(bench.program, *what, f"{bench.compiled(name)}{device}", "--backend", "edgetpu:vendor", **pcie)
        check(code == 0 and not err and out == want, f"vendor, a device on PCIe{device}: {code} {err}")
        has_run(bench, "vendor, PCIe", 3)
    for device in "@usb", "@pci:1":
        code, out, err = bench.run(bench.program, *what, f"{bench.compiled(name)}{device}", "--backend", "edgetpu:vendor", **pcie)
        check(code == 3 and f"no Edge TPU {device[1:]}" in err, f"vendor, no device {device}: {code} {err}")
    for given, text in ("/nowhere.so", "no libedgetpu.so.1 is installed"), (library, "lists no Edge TPU"):
        (bench.folder / "unplugged").touch()
        code, out, err = bench.run(bench.program, *what, bench.compiled(name), "--backend", "edgetpu:vendor", CRL_LIBEDGETPU=given)
        check(code == 3 and text in err, f"vendor, without {text}: {code} {err}")
    (bench.folder / "unplugged").unlink()


def has(module):
    return not subprocess.run(["python3", "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--library")
    parser.add_argument("--delegate")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.bin, folder)
        devices(bench)
        pictures(bench)
        watch(bench)
        partly(bench)
        served(bench)
        skipped = 0
        if arguments.library and has("numpy") and has("PIL"):
            bench.environment["CRL_LIBRARY"] = bench.plain_environment["CRL_LIBRARY"] = arguments.library
            scripts(bench)
            pipeline(bench)
            many(bench)
            kept(bench)
            vendor(bench, arguments.delegate)
            if has("ai_edge_litert.interpreter"):
                litert(bench, arguments.delegate)
            else:
                print("skip litert: ai-edge-litert is not installed for this Python")
                skipped += 1
        else:
            print("skip scripts: NumPy or Pillow is not installed for this Python")
            skipped += 2
    return counting.close(skipped)


if __name__ == "__main__":
    sys.exit(main())
