#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Uses the pages of `check --serve` and `compile --serve`: serve.py --bin PROGRAM [--picture OUT.png]. Skipped where libmicrohttpd is missing."""
import http.client
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys

import browser
import counting

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "tests" / "data" / "detector_yolov8_s8.tflite"
DENSE = ROOT / "fuzz" / "corpus" / "compile" / "dense"  # compiled by rule, but not proved


def ask(port, method, path, body=None, host=None, origin=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {**({"Host": host} if host else {}), **({"Origin": origin} if origin else {})})
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


    check(ask(port, "GET", "/what") == (200, b"check") and ask(port, "POST", "/compile", DENSE.read_bytes())[0] == 404, "check does not compile")


def talk_of_compiling(check, port):
    check(ask(port, "GET", "/what") == (200, b"compile"), "what it is")
    status, made = ask(port, "POST", "/compile?name=a.tflite", DENSE.read_bytes())
    check(status == 200 and made[4:8] == b"TFL3" and b"edgetpu-custom-op" in made and len(made) == 49728, f"a compiled model: {status}, {len(made)} bytes")
    status, text = ask(port, "POST", "/compile?name=a.tflite", MODEL.read_bytes())
    check(status == 400 and "without a template" in json.loads(text)["error"], f"a refusal: {status} {text}")
    status, text = ask(port, "POST", "/compile", b"no model at all")
    check(status == 400 and "no TensorFlow Lite model" in json.loads(text)["error"], f"a file that is none: {status} {text}")
    check(ask(port, "POST", "/check?name=a.tflite", MODEL.read_bytes())[0] == 200, "check is there, too")
    check(ask(port, "POST", "/compile", DENSE.read_bytes(), host="evil.example:80")[0] == 403, "another's name for this address")
    check(ask(port, "POST", "/compile", DENSE.read_bytes(), origin="http://evil.example")[0] == 403, "another's page")
    check(ask(port, "POST", "/compile", DENSE.read_bytes(), origin=f"http://127.0.0.1:{port}")[0] == 200, "its own page")


def drop(port, model, picture, check):
    """What the page shows of a model that is dropped."""
    page = browser.Page(browser.find(), 1200, 1100)
    try:
        page.open(f"http://127.0.0.1:{port}/")
        root = page.ask("DOM.getDocument")["root"]["nodeId"]
        node = page.ask("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
        page.ask("DOM.setFileInputFiles", nodeId=node, files=[str(model)])
        text = page.value("""new Promise(done => { const wait = () => document.getElementById("graph") ? done(document.body.innerText) : setTimeout(wait, 30); wait(); })""")
        check(not page.errors, f"errors of the page: {page.errors}")
        if picture:
            page.picture(picture)
        return text
    finally:
        page.close()


def look(check, port, picture):
    text = drop(port, MODEL, picture, check)
    check("31 of 46 operators go to the Edge TPU" in text and "op 30 SOFTMAX" in text and "ompiled" not in text, f"the report: {text[:200]}")


def look_at_compiling(check, port, picture):
    text = drop(port, DENSE, picture, check)
    check("corallite compile" in text and "dense_edgetpu.tflite, 48.6 KiB" in text and "Save it" in text, f"a model that is compiled: {text[:200]}")
    text = drop(port, MODEL, None, check)
    check("Not compiled" in text and "without a template" in text and "31 of 46 operators" in text, f"one that is not: {text[:200]}")


def serve(check, command, talk, look, picture):
    """Runs one of the servers, and looks at its page where there is a browser."""
    server = subprocess.Popen([*command, "--serve", "--port", "0"], stderr=subprocess.PIPE, encoding="utf-8")
    line = server.stderr.readline()
    where = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
    if not where:
        server.wait()
        print("skipped:", line.strip())
        sys.exit(counting.SKIPPED if "libmicrohttpd" in line else 1)
    try:
        crowd = [socket.create_connection(("127.0.0.1", int(where[1]))) for _ in range(40)]
        check(ask(int(where[1]), "GET", "/what")[0] == 200, "forty who say nothing keep nobody out")
        for one in crowd:
            one.close()
        talk(check, int(where[1]))
        if browser.find():
            look(check, int(where[1]), picture)
    finally:
        server.send_signal(signal.SIGTERM)
    check(server.wait(20) == 0, "a signal ends it")


def main():
    arguments = sys.argv[1:]
    program = arguments[arguments.index("--bin") + 1]
    if pathlib.Path(program).is_dir():
        program = str(pathlib.Path(program) / "corallite")
    picture = arguments[arguments.index("--picture") + 1] if "--picture" in arguments else None
    serve(counting.check, [program, "check"], talk, look, None)
    serve(counting.check, [program, "compile", "--unproved"], talk_of_compiling, look_at_compiling, picture)
    sys.exit(counting.close())


if __name__ == "__main__":
    main()
