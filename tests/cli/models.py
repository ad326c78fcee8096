#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models by name: models.py --bin DIR

A server of our own keeps a catalogue of its own (models of tests/data, whose ids hashlib computes) and is as bad as the network can be: it drops, truncates,
corrupts, redirects, stalls, sends too much and knows no ranges. Nothing gets its name that is not what was asked for. Files of the public
test data ($CRL_TESTDATA, else beside the tree) are what the program's own catalogue says they are.
"""
import argparse
import hashlib
import http.server
import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import counting
from counting import check

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data"


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Bad(http.server.BaseHTTPRequestHandler):
    """/MODE/path: the path, in that mode."""
    protocol_version = "HTTP/1.1"
    files = {}
    asked = []
    fails = {}  # path: times it breaks still

    def log_message(self, *args):
        pass

    def do_GET(self):
        _, mode, path = urllib.parse.unquote(self.path).split("/", 2)
        begin = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
        Bad.asked.append((mode, begin))
        if mode == "moved":
            return self.head(302, {"Location": f"/good/{urllib.parse.quote(path)}", "Content-Length": "0"})
        if mode == "local":
            return self.head(302, {"Location": f"file://{Bad.secret}", "Content-Length": "0"})
        if mode == "circle":
            return self.head(302, {"Location": self.path, "Content-Length": "0"})
        if mode == "missing" or path not in Bad.files:
            return self.head(404, {"Content-Length": "0"})
        content = Bad.files[path]
        if mode == "corrupt":
            content = content[:40] + b"?" + content[41:]
        if mode == "long":
            content += b"more"
        if mode == "endless":
            self.head(200, {"Transfer-Encoding": "chunked"})
            try:
                while True:
                    self.wfile.write(b"1000\r\n" + bytes(4096) + b"\r\n")
            except OSError:
                return None
        if mode == "norange":
            begin = 0
        status = 206 if begin else 200
        extra = {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"} if begin else {}
        self.head(status, {"Content-Length": str(len(content) - begin), **extra})
        rest = content[begin:]
        if mode in ("drop", "norange") and Bad.fails.get(path, 0) > 0:
            Bad.fails[path] -= 1
            rest = rest[:len(rest) // 2]
            self.close_connection = True
        if mode == "stall":
            self.wfile.write(rest[:100])
            self.wfile.flush()
            Bad.stop.wait(30)
            self.close_connection = True
            return None
        try:
            self.wfile.write(rest)
        except OSError:
            pass
        return None

    def head(self, status, fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()


class Home:
    """A user with an empty home, the server's catalogue, and the program."""

    def __init__(self, program, folder, address):
        self.program, self.address = program, address
        self.folder = pathlib.Path(folder)
        self.shelf = self.folder / "data" / "corallite" / "models"
        self.catalogue = self.folder / "catalogue.tsv"
        self.environment = {**os.environ, "XDG_DATA_HOME": str(self.folder / "data"), "CRL_CATALOGUE": str(self.catalogue)}
        self.environment.pop("CRL_MIRRORS", None)
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            self.environment.pop(name, None)

    def run(self, *arguments, **more):
        return subprocess.run([self.program, *arguments], env={**self.environment, **more}, cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False)

    def get(self, mode, *names, **more):
        return self.run("models", "get", "--stall", "1", "--mirror", f"{self.address}/{mode}", *names, **more)

    def has(self, name):
        return (self.shelf / name).exists()

    def clear(self):
        Bad.asked.clear()
        for file in self.shelf.glob(".*"):
            file.unlink()
        for file in self.shelf.glob("*"):
            file.unlink()


def bad_networks(home, files):
    """Whatever the network does, the file is whole or not there."""
    whole = files["deep 100%#1?/tiny_u8.tflite"]
    for mode, words in (("corrupt", "checksum"), ("long", "longer"), ("endless", "longer"), ("missing", "404"), ("circle", "redirect"), ("local", ""),
                        ("stall", "too slow")):
        home.clear()
        p = home.get(mode, "tiny_u8")
        check(p.returncode == 1 and "tflite" not in p.stdout and words.lower() in p.stderr.lower() and p.stderr.count("\n") <= 2, f"{mode}: {p}")
        check(not home.has("tiny_u8.tflite") and not home.has(".tiny_u8.tflite.lock"), f"{mode}: nothing got its name")
    for mode, times in (("good", 0), ("moved", 0), ("drop", 2), ("norange", 1)):
        home.clear()
        Bad.fails["deep 100%#1?/tiny_u8.tflite"] = times
        p = home.get(mode, "tiny_u8")
        check(p.returncode == 0 and not p.stderr and (home.shelf / "tiny_u8.tflite").read_bytes() == whole, f"{mode}: {p}")
        check([f.name for f in home.shelf.glob(".*")] == [], f"{mode}: nothing is left")
    home.clear()
    Bad.fails["deep 100%#1?/tiny_u8.tflite"] = 1
    home.get("drop", "tiny_u8")
    check([begin for _, begin in Bad.asked][:2] == [0, len(whole) // 2], f"gone on with where it broke: {Bad.asked}")


def earlier_parts(home, files):
    """What an earlier transfer left is gone on with, and thrown away where it was wrong."""
    whole = files["deep 100%#1?/tiny_u8.tflite"]
    part = home.shelf / ".tiny_u8.tflite.part"
    for what, left in (("a beginning", whole[:100]), ("rubbish", b"x" * 100), ("rubbish of the full size", b"x" * len(whole)),
                       ("more than all", whole + b"x"), ("all", whole)):
        home.clear()
        part.write_bytes(left)
        p = home.get("good", "tiny_u8")
        check(p.returncode == 0 and (home.shelf / "tiny_u8.tflite").read_bytes() == whole and not part.exists(), f"{what}: {p}")
    check(len(Bad.asked) == 1, "what is all there needs no network, but its labels do")
    home.clear()
    part.symlink_to(home.folder / "elsewhere")
    p = home.get("good", "tiny_u8")
    check(p.returncode == 1 and not (home.folder / "elsewhere").exists(), f"a link in its place: {p}")


def mirrors(home):
    home.clear()
    p = home.run("models", "get", "--mirror", f"{home.address}/missing", "--mirror", f"{home.address}/good/", "tiny_u8")
    check(p.returncode == 0 and "trying the next mirror" in p.stderr and home.has("tiny_u8.tflite"), f"the second has it: {p}")
    p = home.get("good", "tiny_u8")
    check(p.returncode == 0 and "(was there)" in p.stdout, f"it is there: {p}")
    home.clear()
    p = home.run("models", "get", "tiny_u8", CRL_MIRRORS=f"{home.address}/missing {home.address}/good")
    check(p.returncode == 0 and home.has("tiny_u8.tflite"), f"of the environment: {p}")
    home.clear()
    p = home.run("models", "get", "--mirror", f"file://{home.folder}/mirror", "tiny_u8")
    check(p.returncode == 0 and home.has("tiny_u8.tflite"), f"a folder: {p}")
    home.clear()
    p = home.run("models", "get", "--mirror", f"http://{'a' * 70}.example/{'long/' * 40}", "tiny_u8")  # no name is so long: nobody is asked
    check(p.returncode == 1 and "--mirror URL names another place than http://aaa" in p.stderr, f"no such host: {p}")
    for address in ("ftp://example.org/", "nonsense", "-"):
        check(home.run("models", "get", "--mirror", address, "tiny_u8").returncode == 2, address)


def by_name(home):
    """Names stand for files in every command."""
    home.clear()
    p = home.run("classify", "--model", "tiny_u8", "picture.png")
    check(p.returncode == 1 and "corallite models get tiny_u8" in p.stderr, f"not there: {p}")
    p = home.get("good", "--json", "old_tiny")
    check(p.returncode == 0 and [o["name"] for o in json.loads(p.stdout)] == ["tiny_u8", "tiny_names"], f"by its old name, with labels: {p}")
    p = home.get("good", "tiny_u8_edgetpu")
    check(p.returncode == 0 and home.has("tiny_u8_edgetpu.tflite"), f"what was compiled: {p}")
    for arguments in (("inspect", "tiny_u8"), ("bench", "--runs", "1", "tiny_u8"), ("check", "tiny_u8"), ("inspect", "tiny_u8.tflite")):
        check(home.run(*arguments).returncode in (0, 1, 4) and "No such file" not in home.run(*arguments).stderr, f"{arguments}")
    for arguments in (("watch", "test", "--frames", "1", "--mode", "sync", "--json", "--model", "tiny_u8"),
                      ("watch", "test", "--frames", "1", "--mode", "sync", "--json", "--classify", "tiny_u8"),
                      ("watch", "test", "--frames", "1", "--mode", "sync", "--json", "--model", str(ROOT / "models" / "signs_classifier.tflite"), "--labels", "tiny_u8"),
                      ("learn", "imprint", "--model", "tiny_u8", "-o", "x.tflite", "nothing")):
        p = home.run(*arguments)
        check("tiny_u8: no such file" not in p.stderr, f"{arguments}: {p}")
    p = home.run("classify", "--model", "tiny_u9", "picture.png")
    check(p.returncode == 1 and "did you mean tiny_u8?" in p.stderr and p.stderr.count("\n") == 1, f"mistyped: {p}")
    p = home.run("models", "list", "--json", "tiny")
    check([(o["name"], o["here"], o["labels"]) for o in json.loads(p.stdout)] == [("tiny_u8", True, "tiny_names")], f"list: {p}")
    p = home.run("models", "get", "tiny_u9")
    check(p.returncode == 2 and "did you mean tiny_u8?" in p.stderr, f"mistyped: {p}")
    (home.folder / "tiny_u8").write_bytes(b"no model")
    check("tiny_u8: " in home.run("inspect", "tiny_u8").stderr, "a file of that name goes before")
    (home.folder / "tiny_u8").unlink()


def own_models(home):
    home.clear()
    labels = home.folder / "names.txt"
    labels.write_text("".join(f"class {i}\n" for i in range(13)))
    p = home.run("models", "add", "--name", "mine", "--labels", "names.txt", str(ROOT / "models" / "signs_classifier.tflite"))
    check(p.returncode == 0 and home.has("mine.tflite") and home.has("mine.txt"), f"add: {p}")
    p = home.run("classify", "--json", "--model", "mine", str(ROOT / "examples" / "scene_1.jpg"))
    check(p.returncode == 0 and '"class 9"' in p.stdout and not p.stderr, f"with its labels: {p}")
    check("mine" in home.run("models", "list").stdout, "it is listed")
    check(home.run("models", "verify").returncode == 0, "it is what it was")
    for arguments, words in ((("mine.tflite",), "No such"), (("--name", "mine", str(DATA / "tiny_u8.tflite")), "that name is given"),
                             (("--name", "../x", str(DATA / "tiny_u8.tflite")), "no name for a model"),
                             (("--name", "tiny_u8", str(DATA / "tiny_flow.tflite")), "another file in the catalogue"), (("names.txt",), "no TensorFlow Lite model")):
        p = home.run("models", "add", *arguments)
        check(p.returncode in (1, 2) and words in p.stderr and p.stderr.count("\n") == 1, f"add {arguments}: {p}")
    many = [subprocess.Popen([home.program, "models", "add", "--name", f"m{i}", str(DATA / "tiny_u8.tflite")], env=home.environment, cwd=home.folder,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for i in range(8)]
    done = [(p.communicate(timeout=60)[1], p.returncode) for p in many]
    names = {o["name"] for o in json.loads(home.run("models", "list", "--json").stdout) if o["for"] == "added"}
    check(names == {"mine", *(f"m{i}" for i, (_, code) in enumerate(done) if code == 0)} and all(home.has(f"{n}.tflite") for n in names)
          and all("another corallite" in said for said, code in done if code), f"several at once: {names} {done}")
    kept = (home.shelf / "added.tsv").read_bytes()
    (home.shelf / "added.tsv").write_bytes(bytes(1 << 21))
    p = home.run("models", "add", "--name", "late", str(DATA / "tiny_u8.tflite"))
    check(p.returncode == 1 and p.stderr.count("\n") == 1 and not home.has("late.tflite") and (home.shelf / "added.tsv").stat().st_size == 1 << 21,
          f"a list that is not read is not written anew: {p}")
    (home.shelf / "added.tsv").write_bytes(kept)
    (home.shelf / "late.txt").write_text("of an earlier one\n")
    p = home.run("models", "add", "--name", "late", str(DATA / "tiny_u8.tflite"))
    check(p.returncode == 1 and "late.txt first" in p.stderr and not home.has("late.tflite"), f"labels of another: {p}")
    for name, content in ("tiny_u8.tflite", (DATA / "tiny_u8.tflite").read_bytes()), ("tiny_names.txt", b"a\nb\n"):
        (home.folder / name).write_bytes(content)
        p = home.run("models", "add", "--labels", "names.txt", name)
        check(p.returncode == 2 and "leave --labels out" in p.stderr and not home.has(name), f"the catalogue knows its labels: {p}")
        p = home.run("models", "add", name)
        check(p.returncode == 0 and home.has(name), f"of the catalogue, another way: {p}")
        (home.folder / name).unlink()
    p = home.run("models", "list", "--json", "tiny")
    check([(o["name"], o["for"], o["here"]) for o in json.loads(p.stdout)] == [("tiny_u8", "classify", True)], f"it is not one of their own: {p}")
    os.mkfifo(home.folder / "pipe")
    for file in "pipe", "/dev/zero":
        p = home.run("models", "verify", file)
        check(p.returncode == 1 and "unreadable" in p.stdout, f"no file: {p}")
    with open(home.shelf / "mine.tflite", "ab") as f:
        f.write(b"x")
    p = home.run("models", "verify")
    check(p.returncode == 1 and "changed" in p.stdout, f"changed: {p}")


def on_a_terminal(home):
    """The bar is for people only."""
    home.clear()
    leader, follower = pty.openpty()
    with subprocess.Popen([home.program, "models", "get", "--mirror", f"{home.address}/good", "tiny_u8"], env=home.environment, stdout=subprocess.PIPE,
                          stderr=follower, cwd=home.folder) as p:
        p.communicate(timeout=60)
    os.close(follower)
    check(p.returncode == 0 and b"\x1b[K" in os.read(leader, 65536), "a line that goes")
    os.close(leader)


def full_disk(home):
    home.clear()
    p = subprocess.run(["bash", "-c", f"ulimit -f 1; exec '{home.program}' models get --mirror {home.address}/good tiny_u8"], env=home.environment,
                       capture_output=True, text=True, timeout=60, check=False, cwd=home.folder)
    check(p.returncode == 1 and p.stderr.count("\n") == 1 and [f.name for f in home.shelf.iterdir()] == ["tiny_names.txt"], f"no room: {p}")
    p = home.run("models", "get", "tiny_u8", XDG_DATA_HOME="/proc")
    check(p.returncode == 1 and p.stderr.count("\n") == 1, f"a place that is none: {p}")
    p = home.run("models", "list", XDG_DATA_HOME="", HOME="")
    check(p.returncode == 1 and "HOME" in p.stderr, f"no home: {p}")
    home.catalogue.rename(home.folder / "kept")
    for text in (b"", b"\n\n", b"a\tb\n", b"a\tb\tc/\td\te\tf\tg\n", bytes(range(256)) * 40, b"a\tb\t..\td\t-\t-\t-"):
        home.catalogue.write_bytes(text)
        check(home.run("models", "list", "--all").returncode == 0 and home.run("models", "get", "a").returncode == 2, f"a catalogue of {text[:20]}")
    (home.folder / "kept").rename(home.catalogue)


def public_files(program, folder):
    """Files that the catalogue knows and the test data has."""
    known = {line.split("\t")[3] for line in (ROOT / "cli" / "catalogue" / "catalogue.tsv").read_text().splitlines() if line[0] != "#"}
    files = [f for f in sorted(pathlib.Path(folder).rglob("*")) if f.is_file()]
    right = [f for f in files if git_blob(f.read_bytes()) in known]
    p = subprocess.run([program, "models", "verify", "--json", *map(str, files)], capture_output=True, text=True, timeout=120, check=False)
    said = {pathlib.Path(o["file"]) for o in json.loads(p.stdout) if o["state"] == "ok"}
    check(right and said == set(right), f"{len(right)} files of the test data are known, by hashlib and by corallite: {len(said)}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bin", required=True)
    a = p.parse_args()
    program = str(pathlib.Path(a.bin).resolve() / "corallite")
    Bad.files = {"deep 100%#1?/tiny_u8.tflite": (DATA / "tiny_u8.tflite").read_bytes(), "tiny_u8_edgetpu.tflite": (DATA / "tiny_flow.tflite").read_bytes(),
                 "tiny_names.txt": b"a\nb\n"}
    Bad.stop = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(program, folder, f"http://127.0.0.1:{server.server_port}")
        home.shelf.mkdir(parents=True)
        Bad.secret = home.folder / "mirror" / "deep 100%#1?" / "tiny_u8.tflite"
        for path, content in Bad.files.items():
            mirrored = home.folder / "mirror" / path
            mirrored.parent.mkdir(parents=True, exist_ok=True)
            mirrored.write_bytes(content)
        rows = [["tiny_u8", "classify", "deep 100%#1?/tiny_u8.tflite", "tiny_names", "old_tiny"], ["tiny_u8_edgetpu", "classify", "tiny_u8_edgetpu.tflite",
                "tiny_names", "-"], ["tiny_names", "labels", "tiny_names.txt", "-", "-"]]
        home.catalogue.write_text("".join(f"{name}\t{use}\t{path}\t{git_blob(Bad.files[path])}\t{len(Bad.files[path]) if use != 'labels' else '-'}\t{labels}\t{old}\n"
                                          for name, use, path, labels, old in rows))
        if "built without libcurl" in home.get("good", "tiny_u8").stderr or "takes libcurl" in home.get("good", "tiny_u8").stderr:
            print("skipped: no libcurl here")
            return counting.SKIPPED
        bad_networks(home, Bad.files)
        earlier_parts(home, Bad.files)
        mirrors(home)
        by_name(home)
        own_models(home)
        skipped = 0
        if counting.have_terminals():
            on_a_terminal(home)
        else:
            skipped = 1
        full_disk(home)
    Bad.stop.set()
    testdata = pathlib.Path(os.environ.get("CRL_TESTDATA") or ROOT / ".." / "shared" / "testdata")
    if (testdata / "models").is_dir():
        public_files(program, testdata)
    else:
        print("skipped: no public test data at", testdata)
        skipped += 1
    return counting.close(skipped)


if __name__ == "__main__":
    sys.exit(main())
