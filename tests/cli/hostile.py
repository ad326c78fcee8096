#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts and damages good files and gives them to the program: hostile.py --bin DIR [--seed N] [--rounds N]

Whatever comes of it, the program ends by itself, within five seconds and a gibibyte, with exit code 0 and no error
line, or 1 and exactly one. What was not to be written is not there. With CHECK_SAMPLE in the environment, a twelfth of the rounds,
each time others.
"""
import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

import model
import picture

SECONDS, BYTES = 5, 1 << 30


def damage(data, rng):
    """The same bytes cut short, or with some bits, bytes or words changed."""
    if rng.random() < 0.3:
        return data[:rng.randrange(len(data))]
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(len(data), 2048))
        kind = rng.randrange(3)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
        else:
            word = rng.choice((0, 1, 0x7fffffff, 0x80000000, 0xffffffff, rng.getrandbits(32)))
            data[at:at + 4] = word.to_bytes(4, "little")
    return bytes(data)


def array(descr, shape, count):
    """A .npy file of so many bytes of elements."""
    header = ("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (descr, shape)).ljust(117) + "\n"
    return b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header.encode() + bytes(range(count))


def endless(data):
    """tiny_flow, whose loop goes round three times, made to go round 2147483647 times."""
    times = (4).to_bytes(4, "little") + (3).to_bytes(4, "little")
    assert data.count(times) == 1
    return data.replace(times, times[:4] + (0x7fffffff).to_bytes(4, "little"))


def limit_time():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))


def limit_both():
    limit_time()
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


def limit_threads():
    """Room for the stacks of some threads only."""
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, hard))
    limit_both()


def few_threads(command, folder):
    """What is wrong with a run that gets fewer threads than it asks for; None when nothing is."""
    run = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         timeout=60, preexec_fn=limit_threads)
    lines = run.stderr.decode("utf-8", "replace").splitlines()
    right = len(lines) == 1 and lines[0].startswith("corallite: warning: the system gives ") and " of 64 threads" in lines[0]
    return None if right and run.returncode == 0 else "exit code %d with: %s" % (run.returncode, "; ".join(lines) or "no word")


def large(data):
    """tiny_open, which takes pictures of any size, made to take some of 5500 by 6000 pixels, 94 MiB."""
    shape = b"".join(n.to_bytes(4, "little") for n in (4, 1, 8, 8, 3))
    assert data.count(shape) == 1
    return data.replace(shape, b"".join(n.to_bytes(4, "little") for n in (4, 1, 6000, 5500, 3)))


def hungry(command, folder):
    """What is wrong with a run on a large input: the model's 157 MiB are there once. None when nothing is."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode("utf-8", "replace")
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status or said:
        return "status %d with: %s" % (status, said)
    return None if usage.ru_maxrss < 230 << 10 else "%d MiB" % (usage.ru_maxrss >> 10)


def limits(program):
    """AddressSanitizer reserves more address space than there is memory: then only time is limited."""
    starts = subprocess.run([program, "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit_both)
    return limit_both if starts.returncode == 0 else limit_time


def fault(command, folder, limit):
    """What is wrong with how a command ends; None when nothing is."""
    try:
        run = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=60, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return "did not end"
    lines = run.stderr.decode("utf-8", "replace").splitlines()
    errors = [line for line in lines if line.startswith("corallite: error: ")]
    others = [line for line in lines if not line.startswith(("corallite: error: ", "corallite: warning: "))]
    if run.returncode not in (0, 1):
        return "exit code %d: %s" % (run.returncode, "; ".join(lines))
    if others or len(errors) != run.returncode:
        return "exit code %d with: %s" % (run.returncode, "; ".join(lines) or "no word")
    if run.returncode and os.path.exists(os.path.join(folder, "out.npy")):
        return "failed, and left a file"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    sample = "CHECK_SAMPLE" in os.environ
    parser.add_argument("--seed", type=int, default=int(time.time()) if sample else 1)
    parser.add_argument("--rounds", type=int, default=5 if sample else 60)
    args = parser.parse_args()
    program = os.path.join(os.path.abspath(args.bin), "corallite")
    tree = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    good = {}
    for name in ("tiny_u8.tflite", "tiny_s8.tflite", "tiny_flow.tflite", "tiny_open.tflite", "detector_yolov5_f32.tflite"):
        with open(os.path.join(tree, "tests", "data", name), "rb") as f:
            good[name] = f.read()
    for kind in ("jpg", "png", "ppm"):
        good["picture." + kind] = picture.make(kind, 24, 16)
    for name in ("lossy_alpha.webp", "lossless.webp", "animated.webp", "interlaced.gif", "animated.gif", "orientation_ztxt.png"):
        with open(os.path.join(tree, "tests", "data", "images", name), "rb") as f:
            good[name] = f.read()
    good["labels.json"] = b'{"names": {"0": "zero", "1": "on\\u0065"}}'
    good["labels.pbtxt"] = b"item {\n  id: 1\n  name: 'zero'\n}\nitem {\n  id: 2\n  display_name: \"one\"\n}\n"
    good["labels.yaml"] = b"names:\n  0: zero\n  1: 'one'\n"
    good["floats.npy"] = array("<f4", "6,", 24)
    good["pixels.npy"] = array("|u1", "2, 5, 7, 3", 210)
    good["seen.state"] = b""  # below
    good["labels.txt"] = b"0  zero\n1  one\n2  two\n3  three\n4  four\n"

    rng, passed, failed, limit = random.Random(args.seed), 0, 0, limits(program)
    with tempfile.TemporaryDirectory() as folder:
        def write(name, data):
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)

        for name, data in good.items():
            write("good." + name, data)
        for kind in ("jpg", "png"):
            os.makedirs(os.path.join(folder, "classes", kind))
            for i in range(2):
                write("classes/%s/%d.%s" % (kind, i, kind), good["picture." + kind])
        learn = ["learn", "imprint", "-o", "out.npy", "--state"]
        subprocess.run([program] + learn + ["good.seen.state", "-m", "good.tiny_u8.tflite", "classes"], cwd=folder, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "good.seen.state"), "rb") as f:
            good["seen.state"] = f.read()
        os.remove(os.path.join(folder, "out.npy"))
        write("endless", endless(good["tiny_flow.tflite"]))
        what = fault([program, "run", "-i", "0=good.floats.npy", "endless"], folder, limit)
        if what:
            print("a loop without end: %s" % what)
        passed, failed = passed + (not what), failed + bool(what)
        if limit is limit_both:
            what = few_threads([program, "run", "--threads", "64", "-i", "0=good.floats.npy", "good.tiny_flow.tflite"], folder)
            if what:
                print("more threads than there are: %s" % what)
            passed, failed = passed + (not what), failed + bool(what)
            write("large", large(good["tiny_open.tflite"]))
            what = hungry([program, "bench", "--work-limit", "9999", "--threads", "1", "--runs", "1", "--warmup", "0", "large"], folder)
            if what:
                print("large inputs: %s" % what)
            passed, failed = passed + (not what), failed + bool(what)
        for number in range(args.rounds * len(good)):
            name = sorted(good)[number % len(good)]
            write("bad", damage(good[name], rng))
            if name == "tiny_flow.tflite":
                commands = [["inspect", "bad"], ["run", "-i", "0=good.floats.npy", "bad"]]
            elif name == "tiny_open.tflite":
                commands = [["inspect", "bad"], ["run", "-i", "0=good.pixels.npy", "bad"]]
            elif name == "floats.npy":
                commands = [["run", "-i", "0=bad", "good.tiny_flow.tflite"]]
            elif name == "pixels.npy":
                commands = [["run", "-i", "0=bad", "good.tiny_open.tflite"]]
            elif name == "detector_yolov5_f32.tflite":
                commands = [["quantize", "bad", "--data", "classes", "-o", "out.npy"]]
            elif name.endswith(".tflite"):
                commands = [["inspect", "bad"], ["embed", "-m", "bad", "-o", "out.npy", "good.picture.ppm"],
                            ["learn", "imprint", "-k", "-m", "bad", "-o", "out.npy", "classes"]]
            elif name == "seen.state":
                commands = [learn + ["bad", "-m", "good.tiny_u8.tflite", "classes"]]
            elif name.startswith("labels."):
                commands = [["classify", "-m", "good.tiny_u8.tflite", "-l", "bad", "good.picture.ppm"]]
            else:
                commands = [["embed", "-m", "good.tiny_u8.tflite", "-o", "out.npy", "bad"]]
            for command in commands:
                what = fault([program] + command, folder, limit)
                if what:
                    keep = os.path.join(tempfile.gettempdir(), "hostile-%d-%d" % (args.seed, number))
                    with open(os.path.join(folder, "bad"), "rb") as f, open(keep, "wb") as g:
                        g.write(f.read())
                    print("%s, damaged (kept as %s): corallite %s: %s" % (name, keep, " ".join(command), what))
                passed, failed = passed + (not what), failed + bool(what)
                if os.path.exists(os.path.join(folder, "out.npy")):
                    os.remove(os.path.join(folder, "out.npy"))
        # last, for this process is large from here on, and what it starts would count as that large
        write("chain", model.make(["-uint8:1,8,8,3:0.00390625:0", "chain=60000"]))
        what = fault([program, "learn", "imprint", "-m", "chain", "-o", "out.npy", "classes"], folder, limit)
        if what:
            print("a long way to the last layer: %s" % what)
        passed, failed = passed + (not what), failed + bool(what)
        if os.path.exists(os.path.join(folder, "out.npy")):
            os.remove(os.path.join(folder, "out.npy"))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
