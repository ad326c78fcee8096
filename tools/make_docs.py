#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the documentation as a site of plain files: the pages of docs/, the manual, and the docstrings of the Python packages.

    tools/make_docs.py BUILD [OUT]      OUT: BUILD/site

Needs mkdocs and mandoc (tools/install_deps.sh docs). A link that leads nowhere is an error. Pages are laid out in BUILD/pages as they lie in the tree, so that
their links stay as they are; what they link to beyond them comes along, and a link to a folder of sources becomes its name.
"""
import ast
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
# Pages in the order of the site's contents; others follow by name.
FIRST = ["models", "learning", "watching", "detectors", "python", "gstreamer", "edgetpu", "check", "compile", "chip-exact", "quantizing", "editing", "errors", "performance"]
PAGES = ["corallite.7", "corallite.1", "corallite-models.5", "corallite-cameras.5", "corallite-arithmetic.7", "corallite-setup.8",
         "corallite-serve.service.8", "corallite-watch@.service.8"]
HEADERS = ["session", "engine", "model", "vision", "stream", "tracker", "learn", "quantize", "edit", "check", "compile", "reweight", "package", "device", "pool", "notice",
           "tensor", "status", "anchors", "version"]
MODULES = ["corallite/session.py", "tflite_runtime/interpreter.py", "pycoral/utils/edgetpu.py", "pycoral/utils/dataset.py", "pycoral/adapters/common.py",
           "pycoral/adapters/classify.py", "pycoral/adapters/detect.py", "pycoral/adapters/segment.py", "pycoral/learn/imprinting/engine.py",
           "pycoral/learn/backprop/softmax_regression.py", "pycoral/pipeline/pipelined_model_runner.py"]
# Lines of C have 120 letters; pages of the manual are to look like a manual, not like a theme's boxes.
STYLE = """
.wy-nav-content { max-width: 70rem; }
.rst-content table { margin-bottom: 1.2rem; }
.rst-content table td, .rst-content table th { padding: 3px 8px; }
.rst-content .manual code { border: 0; background: none; color: inherit; padding: 0; font-size: 90%; white-space: normal; font-weight: bold; }
.rst-content .manual pre { padding: 0.8rem; border: 1px solid #e1e4e5; background: #f8f8f8; font-size: 80%; line-height: 1.4; overflow-x: auto; }
.rst-content .manual .Ft, .rst-content .manual .Fa, .rst-content .manual .Vt, .rst-content .manual .Va { font-family: monospace; font-size: 90%; font-style: normal; }
.rst-content .manual .Fa { white-space: nowrap; }
.rst-content .manual a.permalink { color: inherit; }
.rst-content .manual p { margin-bottom: 0.6rem; }
"""


# --- pages of the tree ------------------------------------------------------------------------------------


def with_links(text, page, pages):
    """The page's text; files that it links to are copied beside it, and folders and sources are named only."""
    def replaced(match):
        image, words, target, anchor = match.groups()
        if "://" in target:
            return match[0]
        file = (page.parent / target).resolve()
        place = pages / file.relative_to(ROOT) if file.is_relative_to(ROOT) else None
        if file.is_dir() or place is None or (file.exists() and file.suffix in (".c", ".h", "")):
            return words if "`" in words else f"`{words}`"
        if file.is_file() and file.suffix != ".md":
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
        if file == ROOT / "README.md":
            target = target.replace("README.md", "index.md")
        return f"{image}[{words}]({target}{anchor or ''})"

    return LINK.sub(replaced, text)


def lay_out(source, target, pages):
    place = pages / target
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(with_links(source.read_text(encoding="utf-8"), source, pages), encoding="utf-8")


def title_of(page):
    return next(line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("# "))[2:].strip()


# --- the manual ---------------------------------------------------------------------------------------------


def manual_page(source, there):
    """A page of the manual as Markdown around mandoc's HTML. What it refers to is linked where it is on the site."""
    body = subprocess.run(["mandoc", "-T", "html", "-O", "fragment,man=%N.%S.html", "-K", "utf-8"], input=source, check=True, capture_output=True).stdout.decode()
    body = re.sub(r'<table class="(head|foot)">.*?</table>', "", body, flags=re.DOTALL)
    body = re.sub(r'<a class="Xr" href="([^"]*)\.html"[^>]*>(.*?)</a>', lambda m: f'<a href="{m[1]}.html">{m[2]}</a>' if m[1] in there else m[2], body)
    body = re.sub(r'<a class="In"[^>]*>(.*?)</a>', r"\1", body)
    body = re.sub(r"<code[^>]*>[^<]*", lambda m: re.sub(r"\n\s*", " ", m[0]), body)
    body = re.sub(r"<(/?)h([12])\b", lambda m: f"<{m[1]}h{int(m[2]) + 1}", body)
    title = re.search(rb"^\.(?:Dt|TH) (\S+) (\d)", source, re.MULTILINE)
    name = title[1].decode().lower().replace("\\-", "-")
    return f"# {name}({title[2].decode()})\n\n<div class=\"manual\">\n" + re.sub(r"\n\s*\n", "\n", body) + "\n</div>\n"


def manual(build, place):
    """Section 3 as `ninja` made it, sections 5 to 8 of the tree, and what the program prints."""
    sources = {path.name: path.read_bytes() for path in [*(build / "docs" / "man").glob("corallite*.3"), *(ROOT / "docs" / "man").glob("*.[578]")]}
    sources["corallite.1"] = subprocess.run([build / "corallite", "--man"], check=True, capture_output=True).stdout
    for name, source in sources.items():
        (place / f"{name}.md").write_text(manual_page(source, sources), encoding="utf-8")


# --- Python --------------------------------------------------------------------------------------------------


def signature(node, name):
    arguments = ast.unparse(node.args)
    arguments = re.sub(r"^(self|cls)(, )?", "", arguments)
    return f"{name}({arguments})" + (f" -> {ast.unparse(node.returns)}" if node.returns else "")


LABEL = re.compile(r"(\*{0,2}\w+(?:, \w+)*)(?: {2,})(\S.*)")


def docstring(node):
    """As Markdown: columns of names and what they are become a list, what is indented is code."""
    out, listed, code = [], False, False
    indent = " " * node.body[0].col_offset
    for line in (ast.get_docstring(node, clean=False) or "").strip().splitlines():
        line = line.removeprefix(indent).rstrip()
        label = LABEL.fullmatch(line)
        if label:
            out += ([] if listed else [""]) + [f"- `{label[1]}`: {label[2]}"]
        elif listed and line.startswith("  "):
            out.append("  " + line.strip())
        else:
            code = line.startswith("  ") or (code and not line)
            out.append("    " + line if code and line else line)
        listed = bool(label) or (listed and line.startswith("  "))
    return "\n".join(out)


def documented(nodes, depth, name=""):
    for node in nodes:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or (node.name.startswith("_") and node.name != "__init__"):
            continue
        text = docstring(node)
        if isinstance(node, ast.ClassDef):
            yield f"{'#' * depth} class {node.name}\n\n{text}\n"
            yield from documented(node.body, depth + 1, node.name)
        elif text:
            called = name if node.name == "__init__" else node.name
            yield f"{'#' * depth} `{called}`\n\n```python\n{signature(node, called)}\n```\n\n{text}\n"


def module_page(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = ".".join(path.relative_to(ROOT / "python").with_suffix("").parts)
    return f"# {name}\n\n{docstring(tree)}\n\n" + "\n".join(documented(tree.body, 2))


# --- the site ------------------------------------------------------------------------------------------------


def contents(pages):
    """The site's contents, as mkdocs wants them."""
    named = [pages / "docs" / f"{name}.md" for name in FIRST if (pages / "docs" / f"{name}.md").exists()]
    more = [p for p in sorted((pages / "docs").rglob("*.md")) if p not in named]
    manual_of = pages / "reference" / "man"
    lines = ["nav:", "  - Corallite: index.md"]
    lines += [f"  - {title_of(p)!r}: {p.relative_to(pages)}" for p in named]
    for title, list_of in (("Manual", [manual_of / f"{name}.md" for name in PAGES]), ("C", [manual_of / f"{name}.3.md" for name in ["corallite", *(f"corallite_{h}" for h in HEADERS)]]),
                           ("Python", sorted((pages / "reference" / "python").glob("*.md"))), ("How it is made", more)):
        lines.append(f"  - {title}:")
        lines += [f"    - {title_of(p)!r}: {p.relative_to(pages)}" for p in list_of]
    return "\n".join(lines)


def lay_out_all(build, pages):
    shutil.rmtree(pages, ignore_errors=True)
    (pages / "reference" / "man").mkdir(parents=True)
    (pages / "reference" / "python").mkdir()
    lay_out(ROOT / "README.md", "index.md", pages)
    for page in [ROOT / "NEWS.md", ROOT / "CONTRIBUTING.md", ROOT / "examples" / "README.md", ROOT / "models" / "README.md", ROOT / "bench" / "README.md",
                 *(ROOT / "docs").rglob("*.md")]:
        lay_out(page, page.relative_to(ROOT), pages)
    manual(build, pages / "reference" / "man")
    for name in MODULES:
        page = module_page(ROOT / "python" / name)
        (pages / "reference" / "python" / (name.removesuffix(".py").replace("/", ".") + ".md")).write_text(page, encoding="utf-8")


def with_scripts(page):
    """Of the scripts that a page names, those that are there: the theme of Debian 12 has another jQuery than it names, and lacks others."""
    def replaced(match):
        script = page.parent / match[1]
        there = [script] if script.exists() else sorted(script.parent.glob("jquery-*.js")) if script.name.startswith("jquery-") else []
        return match[0].replace(script.name, there[0].name) if there else ""

    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r'<script src="([^":]+)"[^>]*></script>', replaced, text), encoding="utf-8")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    site = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else build / "site"
    known = {h.stem for h in (ROOT / "include" / "corallite").glob("*.h")} - {"corallite"}
    if known != set(HEADERS):
        sys.exit(f"make_docs: headers and their list in this file differ: {sorted(known ^ set(HEADERS))}")
    pages = build / "pages"
    lay_out_all(build, pages)
    (pages / "site.css").write_text(STYLE, encoding="utf-8")
    settings = build / "mkdocs.yml"
    settings.write_text(f"site_name: Corallite\ndocs_dir: {str(pages)!r}\nsite_dir: {str(site)!r}\nuse_directory_urls: false\nstrict: true\n"
                        "theme:\n  name: readthedocs\n  highlightjs: false\nextra_css: [site.css]\nplugins: [search]\n" + contents(pages) + "\n", encoding="utf-8")
    subprocess.run(["mkdocs", "build", "--quiet", "--config-file", settings], check=True)
    (site / "404.html").unlink(missing_ok=True)  # for servers: its links begin at the root
    for page in site.rglob("*.html"):
        with_scripts(page)
    print(f"{sum(1 for _ in site.rglob('*.html'))} pages: {site / 'index.html'}")


if __name__ == "__main__":
    main()
