#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Uses the page of `check --serve`: serve_check.py --bin PROGRAM [--picture OUT.png]. Skipped where libmicrohttpd is missing."""
import http.client
import json
import pathlib
import re
import signal
import subprocess
import sys

import browser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "tests" / "data" / "detector_yolov8_s8.tflite"
SKIPPED = 77


def ask(port, method, path, body=None, host=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Host": host} if host else {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def talk(check, port):
    status, page = ask(port, "GET", "/")
    check(status == 200 and b"Drop a .tflite file" in page, "the page")
    status, text = ask(port, "POST", "/check?name=a.tflite", MODEL.read_bytes())
    found = json.loads(text)
    check(status == 200 and found["model"] == "a.tflite" and found["mapped"] == 31 and len(found["ops"]) == 46, f"what check finds: {status}")
    status, text = ask(port, "POST", "/page?name=a.tflite", MODEL.read_bytes())
    check(status == 200 and b"a.tflite" in text and b"</html>" in text, f"the page of inspect: {status}")
    status, text = ask(port, "POST", "/check", b"no model at all")
    check(status == 400 and "no TensorFlow Lite model" in json.loads(text)["error"], f"a file that is none: {status} {text}")
    status, text = ask(port, "POST", "/check", b"")
    check(status == 400 and "error" in json.loads(text), f"an empty file: {status}")
    check(ask(port, "GET", "/etc/passwd")[0] == 404, "another path")
    check(ask(port, "GET", "/", host="evil.example:80")[0] == 403, "another's name for this address")


def look(check, port, picture):
    page = browser.Page(browser.find(), 1200, 1100)
    try:
        page.open(f"http://127.0.0.1:{port}/")
        root = page.ask("DOM.getDocument")["root"]["nodeId"]
        node = page.ask("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
        page.ask("DOM.setFileInputFiles", nodeId=node, files=[str(MODEL)])
        text = page.value("""new Promise(done => { const wait = () => document.getElementById("graph") ? done(document.getElementById("result").innerText) : setTimeout(wait, 30); wait(); })""")
        check("31 of 46 operators go to the Edge TPU" in text and "op 30 SOFTMAX" in text, f"the report: {text[:100]}")
        check(not page.errors, f"errors of the page: {page.errors}")
        if picture:
            page.picture(picture)
    finally:
        page.close()


def main():
    arguments = sys.argv[1:]
    program = arguments[arguments.index("--bin") + 1]
    if pathlib.Path(program).is_dir():
        program = str(pathlib.Path(program) / "corallite")
    results = []

    def check(ok, what):
        results.append(bool(ok))
        if not ok:
            print("FAIL", what)

    server = subprocess.Popen([program, "check", "--serve", "--port", "0"], stderr=subprocess.PIPE, encoding="utf-8")
    line = server.stderr.readline()
    where = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
    if not where:
        server.wait()
        print("skipped:", line.strip())
        sys.exit(SKIPPED if "libmicrohttpd" in line else 1)
    try:
        talk(check, int(where[1]))
        if browser.find():
            look(check, int(where[1]), arguments[arguments.index("--picture") + 1] if "--picture" in arguments else None)
    finally:
        server.send_signal(signal.SIGTERM)
    check(server.wait(20) == 0, "a signal ends it")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
