#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A load test of `corallite serve`, beside a server in Python on LiteRT: bench/serve.py [--model FILE] [--clients N] [--seconds S] [--rounds N] [--disturb] [--skip-python]

Clients keep one connection each and ask as soon as they are answered; all of them are one process that waits for sockets. Servers and clients share two cores, or with
--apart the clients have the cores beyond these. First `corallite bench --threads 1` says what one engine does alone. With --disturb every 200 ms a client dies amid a
request and the model is exchanged (SIGHUP), and every answer that is not 200 is counted. The Python server is as one writes it: http.server with a thread for each
connection, bytes in and out, and two interpreters (ai-edge-litert, NumPy) that threads take by turns. What is printed is the median of the rounds, in which the servers
take turns.

Rates are told twice: as measured, where the clients and whatever else runs have their part of the cores; and per second of processor time that the server itself took.
Twice that number is what the server can answer on two cores of its own. `ms, ready to run` is how long a request's threads were
kept from a processor by others, all of them added up: where that is much, p99 tells of the machine. `ms, silence` is the longest time in which no client was answered:
all of them wait then, so that one such moment in a hundred rounds of requests is the p99.
"""
import argparse
import json
import os
import pathlib
import re
import selectors
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ALL_CORES = sorted(os.sched_getaffinity(0))
CORES = ALL_CORES[:2]
OF_SERVER = "requests a second of the server's processor time"


def pinned():
    os.sched_setaffinity(0, CORES)


def processor_seconds(process):
    """That a process and its threads took so far: its clock, as clock_getcpuclockid(3) names it."""
    return time.clock_gettime(~process.pid << 3 | 2)


def ready_seconds(process):
    """That its threads were ready to run, and did not."""
    folder = pathlib.Path(f"/proc/{process.pid}/task")
    return sum(int((thread / "schedstat").read_text().split()[1]) for thread in folder.iterdir()) / 1e9


class Client:
    """One connection, and the times of its requests."""

    def __init__(self, port, request):
        self.request, self.left, self.got = request, memoryview(b""), b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.took, self.other = [], 0

    def ask(self):
        self.left, self.got, self.begun = memoryview(self.request), b"", time.perf_counter()
        self.send()

    def send(self):
        try:
            while self.left:
                self.left = self.left[self.socket.send(self.left):]
        except BlockingIOError:
            pass

    def read(self):
        """Whether a whole answer is there."""
        self.got += self.socket.recv(1 << 20)
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = re.search(rb"\r\nContent-Length: (\d+)", self.got[:end + 2], re.IGNORECASE)
        if len(self.got) < end + 4 + int(length[1]):
            return False
        self.took.append(time.perf_counter() - self.begun)
        self.other += not self.got.startswith(b"HTTP/1.1 200")
        return True


def load(server, port, request, n, seconds, disturb=None):
    """Requests a second, median and 99th percentile in ms, answers other than 200, and what of it was whose."""
    clients, waiting = [Client(port, request) for _ in range(n)], selectors.DefaultSelector()
    for c in clients:
        c.ask()
        waiting.register(c.socket, selectors.EVENT_READ | (selectors.EVENT_WRITE if c.left else 0), c)
    server_seconds, own_seconds, ready = processor_seconds(server), time.process_time(), ready_seconds(server)
    begun, next_trouble, running = time.perf_counter(), 0.2, n
    answered, silence = begun, 0
    while running:
        now = time.perf_counter() - begun
        if disturb and now > next_trouble and now < seconds:
            next_trouble += 0.2
            disturb()
        for key, what in waiting.select(1):
            c = key.data
            if what & selectors.EVENT_WRITE:
                c.send()
            if what & selectors.EVENT_READ and c.read():
                answered, silence = time.perf_counter(), max(silence, time.perf_counter() - answered)
                if now > seconds:
                    waiting.unregister(c.socket)
                    running -= 1
                    continue
                c.ask()
            waiting.modify(c.socket, selectors.EVENT_READ | (selectors.EVENT_WRITE if c.left else 0), c)
    took = sorted(t for c in clients for t in c.took)
    span, n = time.perf_counter() - begun, len(took)
    server_seconds, own_seconds, ready = processor_seconds(server) - server_seconds, time.process_time() - own_seconds, ready_seconds(server) - ready
    for c in clients:
        c.socket.close()
    return {"requests a second": n / span, OF_SERVER: n / server_seconds,
            "ms of the server's processor time": 1e3 * server_seconds / n, "of the clients'": 1e3 * own_seconds / n, "ms, ready to run": 1e3 * ready / n,
            "ms, silence": 1e3 * silence, "ms, median": 1e3 * statistics.median(took), "ms, p99": 1e3 * took[int(len(took) * 0.99)],
            "p99 / median": took[int(len(took) * 0.99)] / statistics.median(took), "other than 200": sum(c.other for c in clients)}


def start(command, word):
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=pinned)
    while line := process.stderr.readline():
        if found := re.search(word, line):
            return process, int(found[1])
    sys.exit(f"{command[0]} did not start")


def request_of(port, model):
    """A request with bytes for the first input, all of it."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(f"GET /v2/models/{model} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        told = b""
        while part := s.recv(65536):
            told += part
    (port_,) = json.loads(told.split(b"\r\n\r\n", 1)[1])["inputs"]
    size = {"UINT8": 1, "INT8": 1, "FP32": 4}[port_["datatype"]]
    for d in port_["shape"]:
        size *= d
    head = json.dumps({"inputs": [{**port_, "parameters": {"binary_data_size": size}}], "parameters": {"binary_data_output": True}}).encode()
    body = head + os.urandom(size) if port_["datatype"] != "FP32" else head + bytes(size)
    return (f"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
            f"Inference-Header-Content-Length: {len(head)}\r\n\r\n").encode() + body, size


def ours(arguments):
    process, port = start([arguments.program, "serve", "--port", "0", "--model", f"m={arguments.model}"], r"http://127\.0\.0\.1:(\d+)/")
    request, _ = request_of(port, "m")

    def disturb():
        process.send_signal(signal.SIGHUP)
        with socket.create_connection(("127.0.0.1", port)) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.sendall(request[:len(request) // 2])

    load(process, port, request, arguments.clients, 0.5)
    told = load(process, port, request, arguments.clients, arguments.seconds, disturb if arguments.disturb else None)
    process.stderr.close()
    process.send_signal(signal.SIGTERM)
    process.wait()
    return told


def python_server(model):
    """The other server, in this file so that it can be started alone."""
    import http.server
    import queue
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter
    engines = queue.Queue()
    for _ in range(2):
        engine = Interpreter(model, num_threads=1)
        engine.allocate_tensors()
        engines.put(engine)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            data = self.rfile.read(int(self.headers["Content-Length"]))
            engine = engines.get()
            given = engine.get_input_details()[0]
            engine.set_tensor(given["index"], np.frombuffer(data, given["dtype"]).reshape(given["shape"]))
            engine.invoke()
            answer = b"".join(engine.get_tensor(o["index"]).tobytes() for o in engine.get_output_details())
            engines.put(engine)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"port {server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()


def theirs(arguments, size):
    process, port = start([sys.executable, __file__, "--python-server", arguments.model], r"^port (\d+)")
    request = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n".encode() + os.urandom(size)
    load(process, port, request, arguments.clients, 0.5)
    told = load(process, port, request, arguments.clients, arguments.seconds)
    process.stderr.close()
    process.kill()
    process.wait()
    return told


def alone(program, model):
    """Runs a second of one engine on one thread at its best: the fastest of many, which nobody interrupted."""
    said = subprocess.run([program, "bench", model, "--threads", "1", "--runs", "200", "--json"], capture_output=True, text=True, check=True, preexec_fn=pinned).stdout
    return 1e3 / json.loads(said)["min_ms"]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--model", default=str(ROOT / "models/signs_detector.tflite"))
    p.add_argument("--program", default=str(ROOT / "build/corallite"))
    p.add_argument("--clients", type=int, default=16)
    p.add_argument("--seconds", type=float, default=4)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--disturb", action="store_true")
    p.add_argument("--apart", action="store_true", help="clients on the cores beyond the first two")
    p.add_argument("--skip-python", action="store_true")
    p.add_argument("--python-server", help=argparse.SUPPRESS)
    arguments = p.parse_args()
    if arguments.python_server:
        return python_server(arguments.python_server)
    if arguments.apart and len(ALL_CORES) < 3:
        p.error("--apart: there are two cores, or fewer")
    os.sched_setaffinity(0, ALL_CORES[2:] if arguments.apart else CORES)
    process, port = start([arguments.program, "serve", "--port", "0", "--model", f"m={arguments.model}"], r"http://127\.0\.0\.1:(\d+)/")
    _, size = request_of(port, "m")
    process.kill()
    ones, rows = [], {"corallite serve": [], "http.server, LiteRT": []}
    for _ in range(arguments.rounds):
        ones.append(alone(arguments.program, arguments.model))
        rows["corallite serve"].append(ours(arguments))
        if not arguments.skip_python:
            rows["http.server, LiteRT"].append(theirs(arguments, size))
    one = max(ones)
    print(f"{pathlib.Path(arguments.model).name}: one engine on one thread, alone: {one:.0f} runs a second at its best; {arguments.clients} clients, two cores"
          + (", clients on others" if arguments.apart else ""))
    for name, told in rows.items():
        if told:
            middle = {key: statistics.median(t[key] for t in told) for key in told[0]}
            print(f"{name}: " + ", ".join(f"{key} {value:.3g}" if value < 100 else f"{key} {value:.0f}" for key, value in middle.items()))
            print(f"  of one engine: {middle['requests a second'] / one:.2f} as measured, "
                  f"{middle[OF_SERVER] / one:.2f} by the server's processor time, so {2 * middle[OF_SERVER] / one:.2f} on two cores of its own")


if __name__ == "__main__":
    main()
