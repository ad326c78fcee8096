#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corallite serve as clients see it, well-meaning and others: inference.py --bin PROGRAM"""
import ctypes
import http.client
import json
import os
import pathlib
import random
import re
import resource
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import counting

TREE = pathlib.Path(__file__).resolve().parents[2]
CLASSIFIER, DETECTOR, LABELS = (TREE / "models" / name for name in ("signs_classifier.tflite", "signs_detector.tflite", "signs_labels.txt"))
SCENE = TREE / "examples" / "scene_1.jpg"
BYTES = 128 * 128 * 3
OTHERS = {"Host": "evil.example:80"}


class Server:
    def __init__(self, program, *options, environment=None):
        words = [program] if program != "prlimit" else [program, *options[:2]]
        self.process = subprocess.Popen([*words, "serve", "--port", "0", *map(str, options[2 * (program == "prlimit"):])], stderr=subprocess.PIPE, encoding="utf-8",
                                        env={**os.environ, **(environment or {})})
        self.said = []
        while True:
            line = self.process.stderr.readline()
            self.said.append(line)
            where = re.search(r"http://(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)/", line)
            if where or not line:
                break
        if "libmicrohttpd" in self.said[0]:
            print("skipped:", self.said[0].strip())
            sys.exit(counting.SKIPPED)
        if not where:
            raise SystemExit("no server: " + "".join(self.said))
        self.port = int(where[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def ask(self, method, path, body=None, headers=None, timeout=30):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, dict(r.getheaders()), r.read()
        finally:
            c.close()

    def raw(self, data, timeout=10):
        """What comes back for these bytes, until the server closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as s:
            got = b""
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                while part := s.recv(65536):
                    got += part
            except OSError:
                pass
            return got

    def numbers(self):
        text = self.ask("GET", "/metrics")[2].decode()
        return {m[1]: float(m[2]) for m in re.finditer(r"^([^#\s]\S*(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)}


def picture(seed, n=BYTES):
    return random.Random(seed).randbytes(n)


def binary(data, shape, outputs=None, name="image", datatype="UINT8", size=None):
    """A body with bytes, and its headers."""
    head = {"inputs": [{"name": name, "shape": shape, "datatype": datatype, "parameters": {"binary_data_size": len(data) if size is None else size}}]}
    head["parameters"] = {"binary_data_output": True}
    if outputs:
        head["outputs"] = outputs
    text = json.dumps(head).encode()
    return text + data, {"Inference-Header-Content-Length": str(len(text))}


def bytes_of(answer):
    status, headers, body = answer
    return body[int(headers["Inference-Header-Content-Length"]):] if status == 200 else None


def infer(server, data, model="cls", shape=(1, 128, 128, 3)):
    body, headers = binary(data, list(shape))
    return server.ask("POST", f"/v2/models/{model}/infer", body, headers)


def npy(path, shape, data):
    head = "{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }" % ", ".join(map(str, shape))
    head = head.ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + data)


def expected(program, model, shape, data):
    """What `corallite run` computes."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        npy(folder / "in.npy", shape, data)
        subprocess.run([program, "run", model, "--input", f"0={folder}/in.npy", "--output-dir", folder / "out"], check=True, capture_output=True)
        return (folder / "out" / "0.npy").read_bytes()[128:]


def form(parts, boundary="xyz"):
    body = b""
    for name, value, file in parts:
        more = f'; filename="{file}"' if file else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


# ---- what it says ----

def look_at_protocol(check, program):
    options = "--model", f"cls={CLASSIFIER}", "--model", f"det={DETECTOR}", "--labels", f"det={LABELS}"
    with Server(program, *options) as s:
        for path, key in ("/v2/health/live", "live"), ("/v2/health/ready", "ready"), ("/v2/models/cls/ready", "ready"), ("/v2/models/cls/versions/1/ready", "ready"):
            status, _, body = s.ask("GET", path)
            check(status == 200 and json.loads(body)[key] is True, f"{path}: {status} {body}")
        check(json.loads(s.ask("GET", "/v2")[2])["name"] == "corallite", "who it is")
        told = json.loads(s.ask("GET", "/v2/models/cls")[2])
        check(told["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [1, 128, 128, 3]}] and told["outputs"][0]["shape"] == [1, 13], f"metadata: {told}")
        data = picture(1)
        truth = expected(program, CLASSIFIER, (1, 128, 128, 3), data)
        check(bytes_of(infer(s, data)) == truth, "bytes in, bytes out, as of corallite run")
        flat = {"id": "a\"b", "inputs": [{"name": "image", "shape": [1, 128, 128, 3], "datatype": "UINT8", "data": list(data)}]}
        status, _, body = s.ask("POST", "/v2/models/cls/infer", json.dumps(flat))
        told = json.loads(body)
        check(status == 200 and told["id"] == "a\"b" and bytes(told["outputs"][0]["data"]) == truth, f"numbers in, numbers out: {status} {body[:200]}")
        flat["inputs"][0]["data"] = [[[list(data[3 * (128 * y + x):][:3]) for x in range(128)] for y in range(128)]]
        check(s.ask("POST", "/v2/models/cls/versions/1/infer", json.dumps(flat))[0] == 200, "nested as the shape is")
        look_at_refusals(check, s, data)
        with Server(program, "--model", f"cls={CLASSIFIER}", "--timeout", 1, "--idle", 1) as impatient:
            look_at_bytes(check, s, impatient, data)
        look_at_pictures(check, s)
        told = s.numbers()
        check(told['corallite_serve_requests_total{model="cls",result="answered"}'] >= 3 and told['corallite_serve_model_ready{model="det"}'] == 1, f"metrics: {told}")
        check(s.end() == 0, "a signal ends it")


def look_at_refusals(check, s, data):
    shape = [1, 128, 128, 3]
    whole, headers = binary(data, shape)

    def refused(what, answer, status, word=""):
        check(answer[0] == status and word in answer[2].decode(), f"{what}: {answer[0]} {answer[2][:300]}")

    def ask(body, headers=None):
        return s.ask("POST", "/v2/models/cls/infer", body, headers)

    def tensor(**change):
        return json.dumps({"inputs": [{**{"name": "image", "shape": shape, "datatype": "UINT8", "data": [1]}, **change}]})

    refused("no model", s.ask("POST", "/v2/models/none/infer", b"{}"), 404, "no model")
    refused("no path", s.ask("GET", "/v3"), 404)
    refused("GET", s.ask("GET", "/v2/models/cls/infer"), 405)
    refused("no body", ask(b""), 400, "empty")
    refused("no JSON", ask(b"{"), 400, "no JSON")
    refused("no inputs", ask(b"[]"), 400, "inputs")
    refused("another name", ask(tensor(name="x")), 400, "no input 'x'")
    refused("a name beyond ASCII", ask(tensor(name="für")), 400, "no input 'für'")
    refused("no name", ask(json.dumps({"inputs": [{"shape": shape}]})), 400, 'has no \\"name\\"')
    refused("no name of an output", ask(*binary(data, shape, outputs=[{}])), 400, 'has no \\"name\\"')
    refused("a zero in a name", ask(b'{"inputs": [{"name": "a\\u0000b"}]}'), 400, "U+0000")
    refused("a zero in a key", ask(b'{"inp\\u0000uts": []}'), 400, "U+0000")
    refused("another type", ask(tensor(datatype="FP32")), 400, "UINT8")
    refused("another shape", ask(tensor(shape=[1, 3])), 400, "[1,128,128,3]")
    refused("a shape of text", ask(tensor(shape="x")), 400, "shape")
    refused("too few numbers", ask(tensor()), 400, "49152 numbers")
    refused("a number that is none", ask(tensor(data=["x"])), 400, "numbers")
    refused("too large a number", ask(tensor(data=[256] * BYTES)), 400, "numbers")
    refused("far too many values", ask(json.dumps({"x": [0] * 200000})), 400, "more values")
    refused("deeply nested", ask(b"[" * 100000), 400)
    refused("two of one", ask(json.dumps({"inputs": 2 * [{"name": "image", "shape": shape, "datatype": "UINT8", "data": list(data)}]})), 400)
    refused("a header too long", ask(whole, {"Inference-Header-Content-Length": "99999999"}), 400, "Inference-Header")
    refused("a header of words", ask(whole, {"Inference-Header-Content-Length": "-1"}), 400, "Inference-Header")
    refused("bytes that lack", ask(whole[:-1], headers), 400, "follow")
    refused("bytes too many", ask(whole + b"x", headers), 400, "belong to no input")
    refused("another size", ask(*binary(data, shape, size=7)), 400, "binary_data_size")
    refused("no such output", ask(*binary(data, shape, outputs=[{"name": "x"}])), 400, "no output 'x'")
    refused("too large", ask(b" " * 3000000), 413, "accepted")
    refused("compressed", ask(whole, {**headers, "Content-Encoding": "gzip"}), 415)
    refused("another's name", s.ask("GET", "/v2", None, OTHERS), 403)
    refused("another's page", s.ask("POST", "/v2/models/cls/infer", whole, {**headers, "Origin": "http://evil.example"}), 403)


def look_at_bytes(check, s, impatient, data):
    """HTTP as no library sends it."""
    whole, headers = binary(data, [1, 128, 128, 3])
    host = f"Host: 127.0.0.1:{s.port}\r\n"
    head = f"POST /v2/models/cls/infer HTTP/1.1\r\n{host}Connection: close\r\nInference-Header-Content-Length: {headers['Inference-Header-Content-Length']}\r\n".encode()
    for what, sent, status in (("no Host", b"GET /v2 HTTP/1.1\r\n\r\n", 400), ("no Host before HTTP/1.1", b"GET /v2 HTTP/1.0\r\n\r\n", 200),
                               ("two Hosts", f"GET /v2 HTTP/1.1\r\n{host}{host}\r\n".encode(), 400), ("a Host in capitals", b"GET /v2 HTTP/1.1\r\nHOST: LOCALHOST\r\n\r\n", 200),
                               ("a zero in a name", f"GET /v2/models/cls%00x HTTP/1.1\r\n{host}\r\n".encode(), 404), ("a letter in code", f"GET /v2/models/c%6Cs HTTP/1.1\r\n{host}\r\n".encode(), 200),
                               ("half a code", f"GET /v2/models/cls%6 HTTP/1.1\r\n{host}\r\n".encode(), 404), ("a zero in a token", f"GET /v2?token=a%00b HTTP/1.1\r\n{host}\r\n".encode(), 200)):
        got = s.raw(sent)
        check(got.startswith(b"HTTP/1.1 %d" % status), f"{what}: {got[:200]}")
    parts = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (whole[i:i + 5000] for i in range(0, len(whole), 5000)))
    check(s.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n").startswith(b"HTTP/1.1 200"), "in chunks")
    more = f"GET /v2 HTTP/1.1\r\n{host}\r\n".encode()
    for what, lengths in (("two lengths", b"Content-Length: 4\r\nContent-Length: 100\r\n"), ("a length and chunks", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
                          ("a length behind a blank", b"Content-Length : 100\r\n"), ("chunks behind a blank", b"Transfer-Encoding : chunked\r\n"),
                          ("a length behind a control character", b"Content-Length\v: 100\r\n"), ("a length behind half an end of a line", b"X: a\rContent-Length: 100\r\n")):
        got = s.raw(head.replace(b"Connection: close\r\n", b"") + lengths + b"\r\nabcd" + more)
        check((got.startswith(b"HTTP/1.1 400") or not got) and got.count(b'"error"') < 2 and b"200 OK" not in got, f"{what}, and a request behind it: {got}")
    large = (b"10000\r\n" + b" " * 65536 + b"\r\n") * 60
    check(s.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + large + b"0\r\n\r\n")[:12] in (b"HTTP/1.1 413", b""), "too much in chunks")
    for what, sent in {"a length of nothing": head + b"Content-Length: -5\r\n\r\n", "an endless length": head + b"Content-Length: 99999999999999999999\r\n\r\n",
                       "chunks that are none": head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "a body that breaks off": head + b"Content-Length: 50000\r\n\r\nabc",
                       "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "a long line": b"GET /" + b"a" * 100000, "zeros": bytes(1000),
                       "many headers": b"GET /v2 HTTP/1.1\r\n" + b"A: b\r\n" * 10000 + b"\r\n"}.items():
        got = impatient.raw(sent)
        check(not got.startswith(b"HTTP/1.1 2"), f"{what}: {got[:80]}")
    check(infer(impatient, data)[0] == 200, "it goes on")


def look_at_pictures(check, s):
    jpeg = SCENE.read_bytes()

    def ask(path, *parts):
        status, _, body = s.ask("POST", path, *form(parts))
        return status, json.loads(body)

    status, told = ask("/v1/vision/detection", ("image", jpeg, "a.jpg"))
    found = told["predictions"]
    check(status == 200 and told["success"] and [p["label"] for p in found][:2] == ["exit", "no entry"] and found[0]["x_min"] < found[0]["x_max"], f"detection: {told}")
    status, told = ask("/v1/vision/custom/det", ("image", jpeg, "a.jpg"), ("min_confidence", b"0.95", None))
    check(status == 200 and [p["label"] for p in told["predictions"]] == ["exit"], f"above 0.95: {told}")
    for path, parts, code in (("/v1/vision/face", [("image", jpeg, "a.jpg")], 404), ("/v1/vision/custom/cls", [("image", jpeg, "a.jpg")], 400),
                              ("/v1/vision/detection", [("text", b"x", None)], 400), ("/v1/vision/detection", [("image", b"no picture", "a.jpg")], 400),
                              ("/v1/vision/detection", [("image", jpeg[:5000], "a.jpg")], 400), ("/v1/vision/detection", [("image", jpeg, "a.jpg"), ("min_confidence", b"x", None)], 400),
                              ("/v1/vision/detection", [("image", b"", "a.jpg")], 400), ("/v1/vision/detection", 20 * [("a", b"b", None)], 400)):
        status, told = ask(path, *parts)
        check(status == code and told["success"] is False and told["error"], f"{path} {[p[0] for p in parts]}: {status} {told}")
    body, headers = form([("image", jpeg, "a.jpg")])
    for what, sent, more in (("cut", body[:300], headers), ("cut in a head", body[:30], headers), ("no boundary in it", body, {"Content-Type": "multipart/form-data; boundary=abc"}),
                             ("no boundary", body, {"Content-Type": "multipart/form-data"}), ("no form", jpeg, {"Content-Type": "image/jpeg"}), ("nothing", b"", headers)):
        status, _, text = s.ask("POST", "/v1/vision/detection", sent, more)
        check(status == 400 and not json.loads(text)["success"], f"a form, {what}: {status} {text}")
    check(s.ask("POST", "/v1/vision/detection", bytes(17 << 20), headers)[0] == 413, "too large a form")


def look_at_usage(check, program):
    """What cannot be meant is one line, before anything is served."""
    for words, code, sentence in ((["--model", "/nowhere.tflite"], 1, "no such file"), (["--model", f"a={LABELS}"], 1, "no TensorFlow Lite model"),
                                  (["--model", f"a={DETECTOR}", f"a={CLASSIFIER}"], 2, "another model is called a"), (["--model", f"a b={DETECTOR}"], 2, "letters, digits"),
                                  (["--labels", f"none={LABELS}"], 2, "no model has that name"), (["--token", "x" * 200], 2, "at most 128"),
                                  (["--address", "nowhere"], 1, "no address to listen at"), (["--address", "192.0.2.1"], 1, "no address of this machine"),
                                  (["--zmq", "tcp://0.0.0.0:5555"], 1, "ipc:///FILE"), (["--zmq", "ipc://"], 1, "ipc:///FILE"), (["--zmq", "tcp://127.0.0.1:65536"], 1, "ipc:///FILE"),
                                  (["--zmq", "tcp://127.0.0.1"], 1, "ipc:///FILE"), (["--zmq", "tcp://"], 1, "ipc:///FILE"), (["--zmq", f"ipc://{TREE / 'NEWS.md'}"], 1, "no socket")):
        run = subprocess.run([program, "serve", "--port", "0", *words], capture_output=True, text=True, timeout=30)
        check(run.returncode == code and run.stderr.count("\n") == 1 and run.stderr.startswith("corallite: error: ") and sentence in run.stderr, f"{words}: {run.returncode} {run.stderr}")


# ---- limits ----

def look_at_token(check, program):
    with Server(program, "--model", f"det={DETECTOR}", environment={"CORALLITE_TOKEN": "secret"}) as s:
        ask = lambda headers=None, path="/v2": s.ask("GET", path, None, headers)[0]
        check(ask() == 401 and ask({"Authorization": "Bearer secre"}) == 401 and ask({"Authorization": "Bearer secret"}) == 200, "a token")
        check(ask(path="/v2?token=secret") == 200 and ask(path="/v2/health/live") == 200 and ask(path="/metrics") == 401, "as an argument; health needs none")
        jpeg = SCENE.read_bytes()
        body, headers = form([("image", jpeg, "a.jpg")])
        for what, sent, more in ("that breaks off", body[:3000], headers), ("without a boundary", body, {"Content-Type": "multipart/form-data"}), ("of nothing", b"", headers):
            status = s.ask("POST", "/v1/vision/detection", sent, more)[0]
            check(status == 401, f"a form {what}, without a token: {status}")
        for key, code in (b"secret", 200), (b"secrets", 401), (b"", 401):
            status = s.ask("POST", "/v1/vision/detection", *form([("api_key", key, None), ("image", jpeg, "a.jpg")]))[0]
            check(status == code, f"api_key {key}: {status}")
    with Server(program, "--address", "0.0.0.0", "--model", f"det={DETECTOR}") as s:
        token = re.search(r"Bearer ([0-9a-f]{32})", "".join(s.said))
        check(token and s.ask("GET", "/v2")[0] == 401 and s.ask("GET", "/v2", None, {"Authorization": f"Bearer {token[1]}"})[0] == 200, f"one that is made up: {s.said}")


def look_at_rate_and_memory(check, program):
    with Server(program, "--model", f"cls={CLASSIFIER}", "--rate", 0.5) as s:
        said = [s.ask("GET", "/v2") for _ in range(8)]
        few = [a for a in said if a[0] == 429]
        check(said[0][0] == 200 and len(few) >= 3 and few[0][1]["Retry-After"] == "1", f"a rate: {[a[0] for a in said]}")
        check(s.ask("GET", "/v2/health/live")[0] == 200, "health has none")
    with Server(program, "--model", f"cls={CLASSIFIER}", "--rate", 0.5, "--token", "secret") as s:
        codes = [s.ask("GET", "/v2", None, {"Authorization": "Bearer guess"})[0] for _ in range(8)]
        check(codes[0] == 401 and codes.count(429) >= 3, f"who guesses tokens has a rate as well: {codes}")
    with Server(program, "--model", f"cls={CLASSIFIER}", "--body-memory", 2) as s:
        head = f"POST /v2/models/cls/infer HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nContent-Length: 1000000\r\n\r\n".encode()
        held = [socket.create_connection(("127.0.0.1", s.port)) for _ in range(2)]
        for c in held:
            c.sendall(head)
        time.sleep(0.3)
        status, headers, _ = infer(s, picture(1) + bytes(200000))
        check(status == 503 and headers["Retry-After"] == "1", f"bodies take all memory: {status}")
        for c in held:
            c.close()
        time.sleep(0.3)
        check(infer(s, picture(1))[0] == 200 and s.numbers()["corallite_serve_body_bytes"] == 0, "and then no more")
    with Server(program, "--model", f"det={DETECTOR}", "--body-memory", 4, "--token", "secret") as s:
        padding, jpeg = ("padding", bytes(1500000), None), ("image", SCENE.read_bytes(), "a.jpg")
        strangers, (body, headers) = [], form([padding])
        for _ in range(6): # who does not say who he is has a quarter, together with others such
            c = socket.create_connection(("127.0.0.1", s.port))
            strangers.append(c)
            c.sendall(f"POST /v1/vision/detection HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {headers['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:900000])
        known = {"Authorization": "Bearer secret"}
        ask = lambda *parts, **more: s.ask("POST", "/v1/vision/detection", form(parts)[0], {**headers, **more})[0]
        told = lambda: [re.search(r"_body_bytes (\d+)", s.ask("GET", "/metrics", None, known)[2].decode())[1]][0]
        check(counting.until(lambda: 0 < int(told()) <= 1 << 20), f"what strangers hold: {told()}")
        for what, code in {"a token in the head": ask(padding, jpeg, **known), "a token at the form's beginning": ask(("api_key", b"secret", None), padding, jpeg)}.items():
            check(code == 200, f"{what}, beside strangers who hold what they may: {code}")
        for c in strangers:
            c.close()
        check(counting.until(lambda: told() == "0"), f"and then nothing: {told()}")
        check(ask(jpeg, ("api_key", b"secret", None)) == 200 and ask(jpeg, ("api_key", b"x", None)) == 401, "a token at its end")


def look_at_slow_ones(check, program):
    with Server(program, "--model", f"cls={CLASSIFIER}", "--timeout", 2, "--connections", 64) as s:
        idle = [socket.create_connection(("127.0.0.1", s.port)) for _ in range(40)]
        for c in idle[20:]:
            c.sendall(b"POST /v2/models/cls/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx")
        begun = time.monotonic()
        check(infer(s, picture(1))[0] == 200 and time.monotonic() - begun < 3, "forty who are idle or slow keep nobody waiting")
        time.sleep(3)
        gone = 0
        for c in idle[20:]:
            c.settimeout(0.5)
            try:
                gone += c.recv(100) == b""
            except OSError as e:
                gone += not isinstance(e, TimeoutError)
        check(gone == 20, f"who sends half a request is cut off: {gone}")
        deaf = socket.create_connection(("127.0.0.1", s.port)) # who asks, and asks, and never reads
        deaf.settimeout(10)
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < 20:
                deaf.sendall(1000 * b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            cut = False
        except OSError as e:
            cut = not isinstance(e, TimeoutError)
        check(cut and infer(s, picture(1))[0] == 200, "who never reads is cut off")
        deaf.close()
        more = [socket.create_connection(("127.0.0.1", s.port)) for _ in range(150)]
        begun = time.monotonic()
        check(infer(s, picture(1))[0] == 200 and time.monotonic() - begun < 10, "more than there may be: the oldest go")
        for c in idle + more:
            c.close()


def hammer(s, n, each, model="cls"):
    """Statuses of n clients that ask `each` times, on one connection each; -1: an error."""
    got, lock = [], threading.Lock()

    def client(seed):
        data = picture(seed)
        body, headers = binary(data, [1, 128, 128, 3])
        c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=60)
        for _ in range(each):
            try:
                c.request("POST", f"/v2/models/{model}/infer", body, headers)
                r = c.getresponse()
                text = r.read()
                told = r.status, text[-13:] if r.status == 200 else r.getheader("Retry-After")
            except (OSError, http.client.HTTPException) as e:
                told = -1, repr(e)
                c.close()
            with lock:
                got.append((seed, *told))
        c.close()

    threads = [threading.Thread(target=client, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    return threads, got


def look_at_crowds(check, program):
    with Server(program, "--model", f"cls={CLASSIFIER}", "--queue", 2, "--engines", 1, "--backend", "reference") as s:
        threads, got = hammer(s, 16, 3)
        for t in threads:
            t.join()
        codes = [code for _, code, _ in got]
        check(len(codes) == 48 and set(codes) == {200, 503} and all(told == "1" for _, code, told in got if code == 503), f"a full queue: {codes}")
    with Server(program, "--model", f"cls={CLASSIFIER}", "--queue", 64) as s:
        threads, got = hammer(s, 8, 25)
        for _ in range(50): # who dies, before and after he has sent all
            body, headers = binary(picture(9), [1, 128, 128, 3])
            with socket.create_connection(("127.0.0.1", s.port)) as c:
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                text = f"POST /v2/models/cls/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\nInference-Header-Content-Length: {headers['Inference-Header-Content-Length']}\r\n\r\n"
                c.sendall((text.encode() + body)[:random.randrange(len(text) + len(body) + 100)])
        for _ in range(3):
            s.process.send_signal(signal.SIGHUP)
            check(s.ask("POST", "/v2/repository/models/cls/load")[0] == 200, "loading")
        for t in threads:
            t.join()
        truth = {seed: told for seed, code, told in got if code == 200}
        check(len(got) == 200 and all(code == 200 and told == truth[seed] for seed, code, told in got), f"none is lost when clients die and the model is read again: {got[:3]}")
        check(s.ask("POST", "/v2/repository/models/cls/unload")[0] == 200 and infer(s, picture(1))[0] == 503, "unloaded")
        told = json.loads(s.ask("POST", "/v2/repository/index")[2])
        check(told[0]["state"] == "UNAVAILABLE" and s.ask("GET", "/v2/health/ready")[0] == 503, f"and said so: {told}")
        check(s.ask("POST", "/v2/repository/models/cls/load")[0] == 200 and infer(s, picture(1))[0] == 200, "and loaded")


def look_at_end(check, program):
    with Server(program, "--model", f"cls={CLASSIFIER}", "--engines", 1, "--backend", "reference") as s:
        threads, got = hammer(s, 8, 1)
        deadline = time.monotonic() + 10
        while s.numbers()["corallite_serve_connections"] < 9 and len(got) < 8 and time.monotonic() < deadline: # all of them, and this one
            time.sleep(0.005)
        check(s.end() == 0, "it ends")
        for t in threads:
            t.join()
        check(len(got) == 8 and all(code == 200 for _, code, _ in got), f"what was asked is answered: {got}")


def look_at_end_in_a_crowd(check, program):
    """Whose connection was taken gets an answer, whenever the end comes; who comes later is refused by the system."""
    with Server(program, "--model", f"cls={CLASSIFIER}", "--engines", 1, "--queue", 4) as s:
        body, headers = binary(picture(1), [1, 128, 128, 3])
        codes, lost, over = [], [], time.monotonic() + 60

        def client():
            while time.monotonic() < over:
                c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=60)
                try:
                    c.connect()
                except OSError:
                    return
                try:
                    c.request("POST", "/v2/models/cls/infer", body, headers)
                    codes.append(c.getresponse().status)
                except (OSError, http.client.HTTPException) as e:
                    lost.append(str(e))
                finally:
                    c.close()

        threads = [threading.Thread(target=client) for _ in range(16)]
        for t in threads:
            t.start()
        while len(codes) < 32 and time.monotonic() < over:
            time.sleep(0.005)
        check(s.end() == 0, "it ends")
        for t in threads:
            t.join()
        # One may connect between the last look and the socket's end, which the system does not make one.
        check(len(lost) <= 1 and set(codes) <= {200, 503}, f"{len(lost)} of {len(codes)} are lost: {lost[:3]}")


def look_at_restart(check, program):
    """Its port is free at once for who comes after it, though clients' connections are still remembered by the system."""
    with Server(program, "--model", f"cls={CLASSIFIER}", "--engines", 1) as s:
        with socket.create_connection(("127.0.0.1", s.port), 20) as c: # who closes first is remembered
            c.sendall(b"GET /v2/health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: c.recv(4096), b""))
        check(answer.startswith(b"HTTP/1.1 200") and s.end() == 0, "it ends")
        with Server(program, "--port", s.port, "--model", f"cls={CLASSIFIER}", "--engines", 1) as again:
            check(again.port == s.port and again.ask("GET", "/v2/health/ready")[0] == 200, "it does not start again")


def look_at_pipe(check, program):
    """A pipe has come to lie where the model, or its labels, did: nobody waits for what comes out of it."""
    with tempfile.TemporaryDirectory() as folder:
        model, labels = pathlib.Path(folder) / "m.tflite", pathlib.Path(folder) / "labels.txt"
        for at in model, labels:
            shutil.copy(CLASSIFIER, model)
            shutil.copy(LABELS, labels)
            with Server(program, "--model", f"cls={model}", "--labels", labels, "--engines", 1) as s:
                at.unlink()
                os.mkfifo(at)
                try:
                    told = s.ask("POST", "/v2/repository/models/cls/load", b"")
                    check(told[0] == 400 and b"a pipe" in told[2], f"{at.name} is a pipe: {told}")
                    s.process.send_signal(signal.SIGHUP)
                    check(infer(s, picture(1))[0] == 200 and s.end() == 0, f"it goes on, and ends, where {at.name} is a pipe")
                except OSError as e:
                    s.process.kill()
                    check(False, f"{at.name} is a pipe, and waited for: {e}")
            at.unlink()


def look_at_end_of_time(check, program):
    """What still waits when the time to end is over is sent away, and models that are being loaded keep nobody."""
    options = "--engines", 1, "--threads", 1, "--backend", "reference"
    jpeg, headers = form([("image", SCENE.read_bytes(), "a.jpg")])
    with Server(program, "--model", f"det={DETECTOR}", *options, "--grace", 0.1) as s:
        codes = []
        detect = lambda: codes.append(s.ask("POST", "/v1/vision/detection", jpeg, headers)[0])
        threads = [threading.Thread(target=detect) for _ in range(30)]
        for t in threads:
            t.start()
        deadline = time.monotonic() + 10
        while s.numbers()['corallite_serve_waiting{model="det"}'] < 25 and not codes and time.monotonic() < deadline:
            time.sleep(0.005)
        check(s.end() == 0, "it ends")
        for t in threads:
            t.join()
        check(codes.count(503) > 10 and set(codes) <= {200, 503}, f"what waits is told so: {codes}")
    with Server(program, "--model", f"det={DETECTOR}", "--grace", 0) as s:
        def load():
            try:
                s.ask("POST", "/v2/repository/models/det/load")
            except (OSError, http.client.HTTPException):
                pass # it has ended
        threads = [threading.Thread(target=load) for _ in range(16)]
        for t in threads:
            t.start()
        check(s.end() == 0, "it ends while models are being loaded")
        for t in threads:
            t.join()


def look_at_hangups(check, program):
    """A signal to end is not kept waiting by those to read models again, which the system hands out first."""
    with Server(program, *(f"m{i}={CLASSIFIER}" for i in range(16))) as s:
        threading.Thread(target=lambda: list(s.process.stderr), daemon=True).start()
        def hang_up():
            while s.process.poll() is None:
                s.process.send_signal(signal.SIGHUP)
        threads = [threading.Thread(target=hang_up) for _ in range(2)]
        for t in threads:
            t.start()
        time.sleep(0.2)
        check(s.end() == 0, "it ends")
        for t in threads:
            t.join()


def look_at_gone_ones(check, program):
    """Who has died amid a request keeps no memory, nor the end waiting, until its time is over."""
    with Server(program, "--model", f"cls={CLASSIFIER}", "--engines", 1, "--timeout", 300, "--grace", 300) as s:
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", s.port)) as c:
                c.sendall(b"POST /v2/models/cls/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 49152\r\n\r\nabc")
        deadline = time.monotonic() + 60
        while (left := s.numbers()["corallite_serve_body_bytes"]) and time.monotonic() < deadline:
            time.sleep(0.05)
        check(not left, f"{left:g} bytes are kept for who is gone")
        if left:
            s.process.kill()


def look_at_few_files(check, program):
    """Where a process may have few files open, there are fewer connections, and who is idle still makes room."""
    with Server("prlimit", "--nofile=64:64", program, "--model", f"cls={CLASSIFIER}") as s:
        idle = [socket.create_connection(("127.0.0.1", s.port)) for _ in range(80)]
        check("32 connections instead of 512" in s.said[0] and infer(s, picture(1))[0] == 200, f"eighty who are idle keep nobody waiting: {s.said}")
        for c in idle:
            c.close()


def look_at_memory_end(check, program):
    with Server(program, "--model", f"det={DETECTOR}", "--threads", 1) as s:
        jpeg = SCENE.read_bytes()
        check(s.ask("POST", "/v1/vision/detection", *form([("image", jpeg, "a.jpg")]))[0] == 200, "with memory")
        pages = int(pathlib.Path(f"/proc/{s.process.pid}/statm").read_text().split()[0])
        had = resource.prlimit(s.process.pid, resource.RLIMIT_AS)
        resource.prlimit(s.process.pid, resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE"), had[1]))
        large = b"P6 4000 4000 255 " + bytes(4000 * 4000 * 3)
        status = s.ask("POST", "/v1/vision/detection", *form([("image", large[:15 << 20], "a.ppm")]))[0]
        check(status == 503, f"without: {status}")
        wide = b"P6 2200 2200 255 " + bytes(2200 * 2200 * 3)
        codes = [s.ask("POST", "/v1/vision/detection", *form([("image", wide, "a.ppm")]))[0] for _ in range(5)]
        check(set(codes) <= {503, 200}, f"a picture: {codes}")
        resource.prlimit(s.process.pid, resource.RLIMIT_AS, had)
        check(s.ask("POST", "/v1/vision/detection", *form([("image", jpeg, "a.jpg")]))[0] == 200, "and with it again")
        check(s.end() == 0, "it ends")


# ---- what the documentation shows ----

def look_at_page(check, program):
    """Each line of curl, in a folder where what it names is."""
    lines = re.findall(r"^    (curl .*)$", (TREE / "docs" / "serving.md").read_text(encoding="utf-8"), re.MULTILINE)
    if not shutil.which("curl"):
        print("skipped: lines of curl, which is missing")
        return
    with tempfile.TemporaryDirectory() as folder, Server(program) as s:
        os.symlink(TREE / "examples", f"{folder}/examples")
        pathlib.Path(folder, "request.json").write_text(json.dumps({"inputs": [{"name": "image", "shape": [1, 128, 128, 3], "datatype": "UINT8", "data": list(picture(1))}]}))
        for line in lines:
            run = subprocess.run(shlex.split(line.replace(":8000/", f":{s.port}/")) + ["-s", "--fail-with-body"], cwd=folder, capture_output=True, text=True)
            told = json.loads(run.stdout or "null")
            check(run.returncode == 0 and told and "error" not in told, f"{line}: {run.returncode} {run.stdout[:200]}")
        check(len(lines) >= 4, f"lines of curl: {lines}")


def look_at_manifest(check, program):
    """The YAML of the documentation: whole, of one piece, and with options that there are."""
    try:
        import yaml
    except ImportError:
        print("skipped: YAML of the documentation, without python3-yaml")
        return
    page = (TREE / "docs" / "serving.md").read_text(encoding="utf-8")
    documents = [d for text in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) for d in yaml.safe_load_all(text)]
    by_kind = {d["kind"]: d for d in documents if "kind" in d}
    known = {"Deployment": ("apps/v1", {"replicas", "selector", "template"}), "Service": ("v1", {"selector", "ports"})}
    check(by_kind.keys() == known.keys() and len(documents) == 4, f"two of Frigate's, two of Kubernetes': {[list(d) for d in documents]}")
    for kind, (version, keys) in known.items():
        d = by_kind[kind]
        check(d.keys() == {"apiVersion", "kind", "metadata", "spec"} and d["apiVersion"] == version and d["spec"].keys() == keys and d["metadata"]["name"], f"{kind}: {d}")
    pods = by_kind["Deployment"]["spec"]
    labels, pod = pods["template"]["metadata"]["labels"], pods["template"]["spec"]
    check(pods["selector"]["matchLabels"] == labels == by_kind["Service"]["spec"]["selector"], f"who belongs to whom: {labels}")
    check(pod.keys() == {"terminationGracePeriodSeconds", "containers", "volumes"}, f"of a pod: {pod.keys()}")
    (c,) = pod["containers"]
    check(c.keys() == {"name", "image", "args", "env", "ports", "readinessProbe", "livenessProbe", "lifecycle", "resources", "volumeMounts"}, f"of a container: {c.keys()}")
    texts = c["args"] + c["lifecycle"]["preStop"]["exec"]["command"] + list(c["resources"]["limits"].values())
    check(all(isinstance(t, str) for t in texts), f"texts, as Kubernetes wants them: {texts}")
    check({m["name"] for m in c["volumeMounts"]} == {v["name"] for v in pod["volumes"]}, "volumes that are mounted")
    said = subprocess.run([program, "serve", "--help"], capture_output=True, text=True).stdout
    flags = [a for a in c["args"] if a.startswith("--")]
    check(c["args"][0] == "serve" and flags and all(re.search(rf"^  (-\w, |    ){flag} ", said, re.MULTILINE) for flag in flags), f"options that there are: {flags}")
    port = int(re.search(r"--port N .*?\(default:\s+(\d+)\)", said, re.DOTALL)[1])
    probes = [c[name]["httpGet"] for name in ("readinessProbe", "livenessProbe")]
    check({port} == {p["containerPort"] for p in c["ports"]} == {p["port"] for p in probes} == {p["port"] for p in by_kind["Service"]["spec"]["ports"]}, f"one port: {port}")
    check([p["path"] for p in probes] == ["/v2/health/ready", "/v2/health/live"], f"probes: {probes}")
    grace, pause = float(c["args"][c["args"].index("--grace") + 1]), float(c["lifecycle"]["preStop"]["exec"]["command"][1])
    check(grace + pause < pod["terminationGracePeriodSeconds"], f"time to end: {grace} and {pause} of {pod['terminationGracePeriodSeconds']} s")
    mounted = c["volumeMounts"][0]["mountPath"]
    check(c["args"][c["args"].index("--model") + 1].startswith(mounted + "/"), f"a model that is mounted at {mounted}")
    check(c["env"][0]["name"] == "CORALLITE_TOKEN" and c["env"][0]["valueFrom"]["secretKeyRef"] == {"name": "corallite", "key": "token"}, f"the token: {c['env']}")


# ---- several rows at once ----

def look_at_batch(check, program):
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/four.tflite"
        made = subprocess.run([program, "edit", "--batch", "4", "-o", model, CLASSIFIER], capture_output=True, text=True)
        check(made.returncode == 0, f"a model with four rows: {made.stderr}")
        with Server(program, "--model", f"cls={model}", "--engines", 1) as s, Server(program, "--model", f"cls={CLASSIFIER}") as single:
            told = json.loads(s.ask("GET", "/v2/models/cls")[2])
            check(told["inputs"][0]["shape"] == [-1, 128, 128, 3], f"rows are open: {told}")
            threads, got = hammer(s, 16, 6)
            for t in threads:
                t.join()
            truth = {seed: bytes_of(infer(single, picture(seed))) for seed in range(16)}
            check(len(got) == 96 and all(code == 200 and row == truth[seed] for seed, code, row in got), f"rows of several clients: {got[:2]}")
            numbers = s.numbers()
            check(numbers['corallite_serve_rows_total{model="cls"}'] == 96 and numbers['corallite_serve_runs_total{model="cls"}'] < 96, "in fewer runs")
            three = bytes_of(infer(s, b"".join(map(picture, range(3))), shape=(3, 128, 128, 3)))
            check(three == b"".join(truth[i] for i in range(3)), "three rows of one")
            check(infer(s, bytes(5 * BYTES), shape=(5, 128, 128, 3))[0] == 400, "five are too many")


# ---- ZeroMQ ----

class Zmq:
    """As much of libzmq as a client needs."""

    def __init__(self, endpoint, kind=3, linger=0):
        self.lib = ctypes.CDLL("libzmq.so.5")
        for name in "zmq_ctx_new", "zmq_socket":
            getattr(self.lib, name).restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.lib.zmq_ctx_new())
        self.socket = ctypes.c_void_p(self.lib.zmq_socket(self.context, kind))
        for option, value in (17, linger), (27, 20000):
            self.lib.zmq_setsockopt(self.socket, option, ctypes.byref(ctypes.c_int(value)), ctypes.sizeof(ctypes.c_int))
        self.lib.zmq_connect(self.socket, endpoint.encode())

    def send(self, *parts):
        for i, part in enumerate(parts):
            self.lib.zmq_send(self.socket, part, ctypes.c_size_t(len(part)), 2 * (i < len(parts) - 1))

    def ask(self, *parts):
        self.send(*parts)
        return self.receive()

    def receive(self):
        got, room = [], ctypes.create_string_buffer(4096)
        while True:
            n = self.lib.zmq_recv(self.socket, room, ctypes.c_size_t(4096), 0)
            if n < 0:
                return None
            got.append(room.raw[:n])
            more, size = ctypes.c_int(), ctypes.c_size_t(4)
            self.lib.zmq_getsockopt(self.socket, 13, ctypes.byref(more), ctypes.byref(size))
            if not more.value:
                return got

    def close(self):
        self.lib.zmq_close(self.socket)
        self.lib.zmq_ctx_term(self.context)


def look_at_junk(check, endpoint):
    """Who says what cannot be answered, and is gone when his turn comes, costs nobody else an answer."""
    busy = Zmq(endpoint, kind=5)
    ask = lambda z: z.ask(json.dumps({"model_request": True, "model_name": "det"}).encode())
    for junk in ([b"x"], [b""], 9 * [b"x"] + [b"", b"{}"], [b"", b"{"]):
        d = Zmq(endpoint, kind=5, linger=1000)
        d.ask(b"", b"{}") # it is connected
        for _ in range(3): # the server is at work
            busy.send(b"", json.dumps({"model_data": True, "model_name": "mine"}).encode(), DETECTOR.read_bytes())
        d.send(*junk)
        d.close()
        for _ in range(3):
            check(busy.receive() is not None, f"one that is at work beside {junk}")
        for _ in range(2):
            z = Zmq(endpoint)
            told = ask(z)
            z.close()
            check(told and json.loads(told[0])["model_loaded"], f"behind one who says {junk}: {told}")
    busy.close()


def look_at_frigate(check, program):
    try:
        ctypes.CDLL("libzmq.so.5")
    except OSError:
        print("skipped: Frigate's detector, without libzmq5")
        return
    with tempfile.TemporaryDirectory() as folder, Server(program, "--model", f"det={DETECTOR}", "--model", f"cls={CLASSIFIER}", "--zmq", f"ipc://{folder}/z") as s:
        other = subprocess.run([program, "serve", "--port", "0", "--zmq", f"ipc://{folder}/z"], capture_output=True, text=True, timeout=30)
        check(other.returncode == 1 and "another program answers there" in other.stderr, f"two at one endpoint: {other.returncode} {other.stderr}")
        for name, word in ("none/z", "make it first"), (200 * "z", "letters"):
            other = subprocess.run([program, "serve", "--port", "0", "--zmq", f"ipc://{folder}/{name}"], capture_output=True, text=True, timeout=30)
            check(other.returncode == 1 and word in other.stderr, f"a socket at {name}: {other.returncode} {other.stderr}")
        together = [subprocess.Popen([program, "serve", "--port", "0", "--engines", "1", "--zmq", f"ipc://{folder}/together"], stderr=subprocess.PIPE, text=True) for _ in range(4)]
        said = [p.stderr.readline() for p in together]
        for p in together:
            p.terminate()
            p.communicate(timeout=30)
        check(sum("http://" in line for line in said) == 1 and sum("another program answers there" in line for line in said) == 3, f"four at one endpoint at once: {said}")
        z = Zmq(f"ipc://{folder}/z")
        say = lambda *parts, **head: z.ask(json.dumps(head).encode(), *parts)
        told = json.loads(say(model_request=True, model_name="none.tflite")[0])
        check(told == {"model_available": False, "model_loaded": False}, f"no such model: {told}")
        pixels = picture(3, 256 * 256 * 3)
        head, rows = say(pixels, shape=[1, 256, 256, 3], dtype="uint8", model_type="ssd")
        check(json.loads(head) == {"shape": [20, 6], "dtype": "float32"} and len(rows) == 480, "the first detector is asked")
        told = json.loads(say(model_request=True, model_name="det.tflite")[0])
        check(told == {"model_available": True, "model_loaded": True}, f"one that is there: {told}")
        check(say(pixels, shape=[1, 256, 256, 3], dtype="uint8")[1] == rows, "and again")
        told = json.loads(say(DETECTOR.read_bytes(), model_data=True, model_name="mine.tflite")[0])
        check(told == {"model_saved": True, "model_loaded": True} and say(pixels, shape=[1, 256, 256, 3], dtype="uint8")[1] == rows, f"one that is sent: {told}")
        told = json.loads(say(b"no model", model_data=True, model_name="other.tflite")[0])
        check(told["model_loaded"] is False, f"none that is sent: {told}")
        told = json.loads(say(DETECTOR.read_bytes(), model_data=True, model_name="cls.tflite")[0])
        check(told["model_saved"] is False, f"none takes the place of the server's own: {told}")
        for what, parts in {"nothing": [b""], "no JSON": [b"{"], "a list": [b"[]"], "three parts": [b"{}", b"", b""], "seven": [b"{}"] * 7,
                            "no frame": [b"{\"shape\": [1,9,9,3], \"dtype\": \"uint8\"}"], "too short": [b"{\"shape\": [1,9,9,3], \"dtype\": \"uint8\"}", b"x"],
                            "huge": [b"{\"shape\": [1,99999999,99999999,3], \"dtype\": \"uint8\"}", b"x"], "floats": [b"{\"shape\": [1,1,1,3], \"dtype\": \"float32\"}", bytes(12)],
                            "numbers": [b"{\"shape\": [1.5,null,{},3], \"dtype\": \"uint8\"}", bytes(12)], "no name": [b"{\"model_request\": true}"]}.items():
            told = z.ask(*parts)
            check(told and len(told) == 1 and json.loads(told[0])["error"], f"{what}: {told}")
        check(say(pixels, shape=[1, 256, 256, 3], dtype="uint8")[1] == rows, "it goes on")
        look_at_junk(check, f"ipc://{folder}/z")
        through = Zmq(f"ipc://{folder}/z", kind=5)
        told = through.ask(b"hop", b"", json.dumps({"model_request": True, "model_name": "det"}).encode())
        check(told and told[:2] == [b"hop", b""] and json.loads(told[2])["model_loaded"], f"through a proxy: {told}")
        through.close()
        z.close()
        check(s.end() == 0, "it ends")


def main():
    arguments = sys.argv[1:]
    program = arguments[arguments.index("--bin") + 1]
    if pathlib.Path(program).is_dir():
        program = str(pathlib.Path(program) / "corallite")
    if not CLASSIFIER.exists():
        print("skipped: the tree has no models")
        sys.exit(counting.SKIPPED)
    for look in look_at_protocol, look_at_usage, look_at_token, look_at_rate_and_memory, look_at_slow_ones, look_at_crowds, look_at_end, look_at_end_in_a_crowd, look_at_restart, look_at_pipe, look_at_end_of_time, look_at_hangups, look_at_gone_ones, look_at_few_files, look_at_memory_end, look_at_page, look_at_manifest, look_at_batch, look_at_frigate:
        if look is look_at_memory_end and os.environ.get("CRL_SANITIZED"):
            continue
        begun = time.monotonic()
        look(counting.check, program)
        if "--times" in arguments:
            print(look.__name__, round(time.monotonic() - begun, 1))
    sys.exit(counting.close())


if __name__ == "__main__":
    main()
