#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens the pages of `inspect --html` in a Chromium without a window, and uses them: graph_page.py --bin PROGRAM [--picture OUT.png]

Skipped where there is no Chromium. --picture makes the one in the documentation.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import browser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DETECTOR = ROOT / "models" / "signs_detector.tflite"
SKIPPED, LARGE = 77, 500


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, ok, what):
        self.passed += bool(ok)
        self.failed += not ok
        if not ok:
            print("FAIL", what)


def write(program, model, page, *options):
    subprocess.run([program, "inspect", "--html", str(page), *options, str(model)], check=True)
    return page.read_text(encoding="utf-8")


def needs_nothing(check, text):
    """No address but names of namespaces: the page works without a network."""
    outside = [a for a in re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", text) if not a.startswith(("#", "data:"))]
    check.that(not outside, f"the page asks for {outside}")


def use(check, page):
    count = page.value("nodes.length")
    check.that(page.value("document.querySelectorAll('.node').length") == count, "every operator is drawn")
    check.that(page.value("nodes.filter(n => n.check && !n.check.mapped).length") == 3, "what stays on the CPU is known")
    check.that(page.value("edges.every(e => e.from.y < e.to.y)"), "everything goes down")
    check.that(page.value("""nodes.every((a, i) => nodes.every((b, k) => i >= k || Math.abs(a.y - b.y) > 10 || Math.abs(a.x - b.x) > 170))"""),
               "no two operators overlap")
    # choosing by a click shows details, why, and weights
    page.value("centre(nodes.find(n => n.id === 3))")
    page.click(*page.centre_of("nodes.find(n => n.id === 3).g"))
    check.that(page.value("chosen && chosen.id") == 3, "a click chooses")
    text = page.value("document.getElementById('side').innerText")
    check.that("CONV_2D" in text and "Mapped to Edge TPU" in text, f"details of a convolution: {text[:80]}")
    check.that(page.value("document.querySelectorAll('#side canvas').length") == 2, "histograms of weights")
    check.that(page.value("""(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v && v < 200))(document.querySelector("#side canvas"))"""),
               "a histogram is drawn")
    page.value("choose(nodes.find(n => n.check && !n.check.mapped), true)")
    text = page.value("document.getElementById('side').innerText")
    check.that("CPU: " in text and "What to do" in text, f"why it stays: {text[:80]}")
    x, y = page.centre_of("chosen.g")
    page.mouse("mouseMoved", x, y)
    check.that("stays on the CPU" in page.value("document.getElementById('bubble').innerText"), "the reason on hover")
    # moving
    before = page.value("[view.x, view.y, view.k]")
    page.drag(200, 500, 320, 440)
    after = page.value("[view.x, view.y, view.k]")
    check.that(abs(after[0] - before[0] - 120) < 3 and abs(after[1] - before[1] + 60) < 3, f"dragging moves: {before} {after}")
    page.wheel(400, 400, -300)
    check.that(page.value("view.k") > after[2] * 1.2, "the wheel comes closer")
    # search
    page.key("/")
    check.that(page.value("document.activeElement.id") == "search", "/ goes to the search")
    page.type("dequantize")
    check.that(page.value("hits.length") >= 1 and page.value("document.querySelectorAll('.node.hit').length") == page.value("hits.length"), "search finds")
    page.key("Enter")
    check.that(page.value("chosen && chosen.label") == "DEQUANTIZE", "Enter goes there")
    page.key("Escape")
    check.that(page.value("hits.length") == 0, "Escape ends the search")
    first = page.value("nodes.indexOf(chosen)")
    page.key("ArrowUp")
    check.that(page.value("nodes.indexOf(chosen)") == first - 1, "arrows go from one to the next")
    # memory and time
    check.that(page.value("memory().length") == page.value("graph.operators.length") and page.value("Math.max(...memory())") > 1000, "memory over time")
    page.click(*page.centre_of("document.getElementById('time')"))
    check.that(page.value("chosen.id") == page.value("Math.floor(graph.operators.length / 2)"), "a click on the time line chooses")
    check.that(abs(page.value("PROFILE.reduce((s, r) => s + r.share, 0)") - 1) < 0.01, "shares of the time add up")
    for mode in ("tpu", "time", "weights", "plain"):
        page.click(*page.centre_of(f"document.querySelector('#paint [data-mode={mode}]')"))
        check.that(page.value("mode") == mode, f"painted by {mode}")


def enlarge(text):
    """The page of a model of 500 operators, half of them beside the other half, made of one that is there."""
    before, data, after = re.fullmatch(r'(.*type="application/json">)(.*?)(</script>.*)', text, re.DOTALL).groups()
    page = json.loads(data)
    graph = page["model"]["subgraphs"][0]
    plain = [o for o in graph["operators"] if o["name"] == "CONV_2D"][0]
    kept = len(graph["operators"])
    for i in range(kept, LARGE):
        tensor = len(graph["tensors"])
        graph["tensors"].append(dict(graph["tensors"][plain["outputs"][0]], index=tensor, name=f"more {i}"))
        reads = [graph["operators"][i - (1 if i % 7 else 9)]["outputs"][0]] + ([graph["operators"][i - 3]["outputs"][0]] if i % 5 == 0 else [])
        graph["operators"].append(dict(plain, index=i, inputs=reads, outputs=[tensor]))
    page["check"] = page["profile"] = None
    return before + json.dumps(page).replace("<", "\\u003c") + after


def hostile(check, page, folder):
    """Names of tensors are anybody's: they are shown, not run."""
    text = (folder / "page.html").read_text(encoding="utf-8")
    evil = "</script><img src=x onerror=document.title=1>"
    text = text.replace('"name":"', '"name":"' + evil.replace("<", "\\u003c"))
    (folder / "evil.html").write_text(text, encoding="utf-8")
    page.open((folder / "evil.html").as_uri())
    page.value("choose(nodes.find(n => n.id === 0), true)")
    check.that(page.value("document.querySelectorAll('img').length") == 0 and "onerror" in page.value("document.getElementById('side').innerText"), "names are text")


def main():
    arguments = sys.argv[1:]
    program = arguments[arguments.index("--bin") + 1]
    if pathlib.Path(program).is_dir():
        program = str(pathlib.Path(program) / "corallite")
    path = browser.find()
    if not path or not DETECTOR.exists():
        print("skipped: no Chromium" if not path else "skipped: no model in the tree")
        sys.exit(SKIPPED)
    check = Checks()
    page = browser.Page(path)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            text = write(program, DETECTOR, folder / "page.html", "--profile")
            needs_nothing(check, text)
            page.open((folder / "page.html").as_uri())
            use(check, page)
            if "--picture" in arguments:
                page.value("paint('tpu'); choose(nodes.find(n => n.check && !n.check.mapped), true); zoom(.8)")
                page.value("new Promise(done => setTimeout(done, 300))")
                page.picture(arguments[arguments.index("--picture") + 1])
            (folder / "large.html").write_text(enlarge(text), encoding="utf-8")
            page.open((folder / "large.html").as_uri())
            check.that(page.value("graph.operators.length") == LARGE, "500 operators")
            took = page.value("(t => { build(0); return performance.now() - t; })(performance.now())")
            check.that(took < 3000, f"500 operators are laid out in {took:.0f} ms")
            print(f"500 operators are laid out in {took:.0f} ms")
            page.value("nodes.slice(nodes.length / 2).forEach((n, i) => { n.x -= 200 * i; }); fit(true)")
            first = page.value("(n => n.x * view.k + view.x)(nodes.reduce((a, n) => n.y < a.y ? n : a))")
            check.that(0 < first < page.value("document.getElementById('stage').clientWidth"), f"where a wide graph begins is seen: {first:.0f}")
            hostile(check, page, folder)
            check.that(not page.errors, f"errors of the page: {page.errors}")
    finally:
        page.close()
    print(f"{check.passed} passed, {check.failed} failed")
    sys.exit(check.failed > 0)


if __name__ == "__main__":
    main()
