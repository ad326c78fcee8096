# SPDX-License-Identifier: Apache-2.0
"""Chromium without a screen, driven by its DevTools protocol over a web socket (RFC 6455), with nothing but the standard library."""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import time
import urllib.request


def find():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    def __init__(self, folder, width=1280, height=800):
        # 0: it picks a port, and writes it down.
        self.process = subprocess.Popen(
            [find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run",
             "--user-data-dir=" + folder, "--window-size=%d,%d" % (width, height), "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.port = self.wait(lambda: int(open(os.path.join(folder, "DevToolsActivePort")).readline()))
        address = "http://127.0.0.1:%d/json" % self.port
        page = self.wait(lambda: next(t for t in json.load(urllib.request.urlopen(address)) if t["type"] == "page"))
        path = page["webSocketDebuggerUrl"].split(":%d" % self.port, 1)[1]
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(("GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (path, self.port, key)).encode())
        self.stream = self.socket.makefile("rb")
        while self.stream.readline().strip():
            pass
        self.calls = 0

    def wait(self, what, seconds=30):
        end = time.monotonic() + seconds
        while True:
            try:
                return what()
            except (OSError, ValueError, StopIteration):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    def message(self):
        data, last = b"", False
        while not last:
            first, length = self.stream.read(2)
            last, length = first & 0x80, length & 0x7f
            if length > 125:
                (length,) = struct.unpack(">H" if length == 126 else ">Q", self.stream.read(2 if length == 126 else 8))
            data += self.stream.read(length)
        return json.loads(data)

    def call(self, method, **params):
        self.calls += 1
        data, mask = json.dumps({"id": self.calls, "method": method, "params": params}).encode(), os.urandom(4)
        head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else b"\x81\xfe" + struct.pack(">H", len(data))
        self.socket.sendall(head + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(data)))
        while True:
            answer = self.message()
            if answer.get("id") == self.calls:
                return answer["result"]

    def open(self, url):
        self.call("Page.enable")
        self.call("Page.navigate", url=url)

    def ask(self, expression):
        """The value of an expression of JavaScript; None where it throws."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)["result"].get("value")

    def until(self, expression, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.ask(expression)
            if value:
                return value
            time.sleep(0.1)
        return None

    def picture(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait()
