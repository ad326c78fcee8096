#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes section 3 of the manual from the public headers: a page for each header, and for each function a name that leads to its page.

    tools/make_man.py HEADERS --list          the names of the files
    tools/make_man.py HEADERS OUT             writes them all
    tools/make_man.py HEADERS --page NAME     prints one

HEADERS is include/corallite. Comments are read by the conventions of the headers (CONTRIBUTING.md): a comment before declarations is theirs until the next
empty line; one behind a declaration is its own; "Owner   ..." begins a labelled paragraph, which lasts as long as lines are indented; other
indented lines are set as they stand.
"""
import pathlib
import re
import sys
import textwrap

TOKEN = re.compile(r"/\*.*?\*/|^[ \t]*#[^\n]*|[{};]|[^/{};#]+|.", re.DOTALL | re.MULTILINE)
LABEL = re.compile(r"(CRL_ERR_\w+(?= +\S)|(?:[`A-Za-z0-9.*][^ ]*|-)(?: [^ ]+)*? (?= ))( +)(\S.*)")
SECTION = re.compile(r"-{2,} (.*?) -{2,}")
known = []  # the headers' names
FUNCTION = re.compile(r"CRL_API\s+(.*?)(\w+)\((.*)\)", re.DOTALL)
TYPE = re.compile(r"typedef (struct|enum) (\w+)\s*(\{.*\})?\s*(\w+)?", re.DOTALL)


# --- headers to declarations --------------------------------------------------------------------------------


class Group:
    """Declarations and what is said of them: `comment` of all, and of each its own."""

    def __init__(self, comment=None):
        self.comment, self.declared = comment, []


def groups_of(text):
    """The groups of a header, or of a struct's body. A declaration is [text without comments outside of braces, its own comment]."""
    groups, group, code, depth, empty, last = [], None, "", 0, True, None
    for token in TOKEN.findall(text):
        if token.startswith("/*") and depth == 0 and not code.strip():
            if last is not None and "\n" not in code:
                last[1] = token
            else:
                group = Group(token)
                groups.append(group)
            code, empty = "", False
            continue
        if token.lstrip().startswith("#"):
            name = re.match(r"\s*#define (CRL_\w+) ", token)
            code, line = "", token.partition("/*")[0].strip()
            if not name or name[1] == "CRL_API":
                continue
            last = [line, "/*" + token.partition("/*")[2] if "/*" in token else None]
        else:
            if depth == 0 and not code.strip() and re.match(r"\s*\n\s*\n", code + token):
                group, last = None, None
            code += token
            depth += (token == "{") - (token == "}")
            if token != ";" or depth:
                continue
            last = [code.strip().rstrip(";").strip(), None]
            code = ""
        if group is None:
            group = Group()
            groups.append(group)
        group.declared.append(last)
    return groups


class Header:
    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        self.name = path.stem
        self.includes = sorted(set(re.findall(r"#include <corallite/(\w+)\.h>", text)))
        text = re.sub(r'#ifdef __cplusplus\n.*?\n#endif', "", text, flags=re.DOTALL)
        first, *self.groups = groups_of(text.partition("*/")[2])
        self.about = lines_of(first.comment)
        words = " ".join(self.about[:self.about.index("")] if "" in self.about else self.about)
        whole = re.split(r"(?<=[a-z])\. |\.$", words)[0]
        self.summary = whole if len(whole) < 90 else whole.partition(":")[0]
        self.functions = [FUNCTION.search(d)[2] for g in self.groups for d, _ in g.declared if FUNCTION.search(d)]


def read_headers(folder):
    known[:] = sorted(path.stem for path in folder.glob("*.h") if path.stem != "corallite")
    return {name: Header(folder / f"{name}.h") for name in known}


# --- comments to mdoc ------------------------------------------------------------------------------------------


def lines_of(comment):
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() if i else line.strip() for i, line in
             enumerate(re.sub(r"^/\*\*?|\*/$", "", comment).rstrip().splitlines())]
    indent = min((len(line) - len(line.lstrip()) for line in lines[1:] if line), default=0)
    lines = lines[:1] + [line[indent:] for line in lines[1:]]
    while lines and not lines[0]:
        del lines[0]
    return lines


def escaped(text):
    text = text.replace("\\", "\\e").replace("^", "\\(ha").replace("~", "\\(ti").replace("`", "\\(ga").replace("'", "\\(aq")
    return "\\&" + text if text[:1] in (".", "'") else text


def marked(text):
    """A line of prose with names in bold. Dashes of names and options are such that can be copied."""
    text = re.sub(r"`([^`]*)`", "\1\\1\2", text.replace("\4", " "))
    text = re.sub(r"\b(\w+)(?=\(\))|\b(CRL_[A-Z0-9_]+)\b", lambda m: f"\1{m[0]}\2", text)
    text = escaped(text).replace("\1", "\\fB").replace("\2", "\\fR")
    return re.sub(r"(?<![\w-])--?(?=\w)", lambda m: m[0].replace("-", "\\-"), text)


def prose(text):
    """Sentences begin lines, as mdoc wants them, and no line has more than 78 letters."""
    out = []
    text = re.sub(r"`[^`]*`", lambda m: m[0].replace(" ", "\4"), text)
    text = re.sub(r"(?<![/\w])(" + "|".join(known) + r")\.h\b", r"corallite_\1(3)", text)
    for sentence in re.split(r"(?<=[A-Za-z0-9)`\]\"][.:!?])\s+(?=[A-Z`(])", text):
        for width in range(78, 30, -4):
            lines = [marked(line) for line in textwrap.wrap(sentence, width, break_long_words=False, break_on_hyphens=False)]
            if all(len(line) < 80 for line in lines):
                break
        out += lines
    return out


def indented(lines):
    """What is indented: a list where each line begins with a label, else set as it stands."""
    indent = min(len(line) - len(line.lstrip()) for line in lines if line)
    lines = [line[indent:] for line in lines]
    if all(labelled(line) for line in lines if line and line[0] != " "):
        return [".Pp", *blocks(lines, True)]
    return [".Bd -literal -offset 2n", *(escaped(line).replace("-", "\\-") for line in lines), ".Ed"]


def labelled(line):
    """(label, text, its column) of a line such as "Owner   `*out` is ..."; None where it is none. Formulas in columns are none either."""
    if re.fullmatch(r"CRL_ERR_\w+", line):
        return line, "", len(line)
    match = LABEL.fullmatch(line)
    return None if not match or re.search(r"[=>;]|<-", match[1]) else (match[1].strip(), match[3], match.start(3))


def blocks(lines, inner=False):
    """mdoc of a comment's lines."""
    out, at, inside = [], 0, False
    while at < len(lines):
        line = lines[at]
        end = at + 1
        label = labelled(line)
        if not line:
            out += [".Pp"] if out and out[-1] not in (".Pp", ".El", ".Ed") else []
            at += 1
            continue
        if label:
            if not inside:
                out += [".Bl -tag -width Ds" + " -compact" * inner]
            while end < len(lines) and (lines[end].startswith("  ") or (not lines[end] and end + 1 < len(lines) and lines[end + 1].startswith("   "))):
                end += 1
            column = label[2]
            body = [label[1], *(re.sub(f"^ {{,{column}}}", "", more) for more in lines[at + 1:end])]
            out += [f".It Sy {quoted(label[0].replace('`', ''))}", *blocks(body, True)]
            inside = True
            at = end
            if at >= len(lines) or not labelled(lines[at]):
                out, inside = out + [".El"], False
            continue
        if line.startswith("  ") or line.startswith("\t"):
            while end < len(lines) and (lines[end].startswith(" ") or (not lines[end] and end + 1 < len(lines) and lines[end + 1].startswith("  "))):
                end += 1
            out += indented(lines[at:end])
        else:
            while end < len(lines) and lines[end] and not lines[end].startswith("  ") and not labelled(lines[end]):
                end += 1
            out += ([".Pp"] if out and out[-1] in (".El", ".Ed") else []) + prose(" ".join(lines[at:end]))
        at = end
    while out and out[-1] == ".Pp":
        out.pop()
    return [line for i, line in enumerate(out) if line != ".Pp" or (i + 1 < len(out) and out[i + 1][:3] not in (".Bl", ".Bd"))]


# --- declarations to mdoc ----------------------------------------------------------------------------------------


def quoted(text):
    return '"' + re.sub(r"\s+", " ", text).replace("\\", "\\e").replace('"', "\\(dq").replace("-", "\\-") + '"'


def split_arguments(text):
    parts, depth = [""], 0
    for letter in re.sub(r"\s+", " ", text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def prototype(declaration):
    result, name, arguments = FUNCTION.search(declaration).groups()
    return [f".Ft {quoted(result.strip())}", f".Fo {name}", *(f".Fa {quoted(a)}" for a in split_arguments(arguments)), ".Fc"]


def members(body, separator):
    """What is between the braces of a struct or an enum: a list of names with their meanings."""
    if separator == ",":  # an enum's values, made to look like declarations
        body = re.sub(r",(?=[^*]*?(/\*|$|\n))", ";", re.sub(r"/\*.*?\*/", lambda m: m[0].replace(",", "\3"), body, flags=re.DOTALL))
        body = re.sub(r"([^;/\s])(\s*(?:/\*(?:(?!\*/).)*\*/\s*)?)$", r"\1;\2", body, flags=re.DOTALL).replace("\3", ",")
    out = [".Bl -tag -width Ds -compact"]
    for group in groups_of(body):
        said = blocks(lines_of(group.comment)) if group.comment else []
        for declaration, own in group.declared:
            for one in re.split(r";\s*", declaration):
                out += [f".It Vt {quoted(one)}"]
            out += said + ([".Pp"] if said and own else []) + (blocks(lines_of(own)) if own else [])
            said = []
    return out + [".El"]


def declared_type(declaration, own):
    kind, name, body, _ = TYPE.match(declaration).groups()
    out = [f".It Vt {quoted(f'{kind} {name}' if body else name)}"] + (blocks(lines_of(own)) if own else [])
    return out, members(body[1:-1].strip("\n"), "," if kind == "enum" else ";") if body else []


def declared(declaration, own):
    """The item of a declaration, and what lies below what is said of it."""
    if FUNCTION.search(declaration):
        return [f".It Fn {FUNCTION.search(declaration)[2]}"] + (blocks(lines_of(own)) if own else []), []
    if TYPE.match(declaration):
        return declared_type(declaration, own)
    if declaration.startswith("enum"):
        return [".It Vt enum"] + (blocks(lines_of(own)) if own else []), members(declaration.partition("{")[2].rpartition("}")[0], ",")
    text = declaration.removeprefix("#define ")
    return [f".It {'Dv' if declaration.startswith('#') else 'Vt'} {quoted(text)}"] + (blocks(lines_of(own)) if own else []), []


def described(groups):
    """DESCRIPTION, section by section. What is said of several declarations stands below the first of them."""
    out, listed = [], False
    for group in groups:
        lines = lines_of(group.comment) if group.comment else []
        section = SECTION.fullmatch(lines[0]) if len(lines) == 1 else None
        if not section and group.declared and not listed:
            out += [".Bl -tag -width Ds"]
        if (section or not group.declared) and listed:
            out += [".El"]
        listed = bool(group.declared)
        if section:
            out += [f".Ss {section[1][0].upper()}{section[1][1:]}\\&"] + ([".Bl -tag -width Ds"] if listed else [])
        elif not group.declared:
            out += ([] if out and out[-1].startswith(".Ss") else [".Pp"]) + blocks(lines)
        said = [] if section else blocks(lines)
        for declaration, own in group.declared:
            item, below = declared(declaration, own)
            out += item + ([".Pp"] if said and len(item) > 1 else []) + said + ([".Pp"] if below and (said or len(item) > 1) else []) + below
            said = []
    return out + ([".El"] if listed else [])


# --- pages -------------------------------------------------------------------------------------------------------


def head(title, names, about, date):
    return [".\\\" SPDX-License-Identifier: Apache-2.0", f".Dd {date}", f".Dt {title.upper()} 3", ".Os", ".Sh NAME",
            *(f".Nm {name} ," for name in names[:-1]), f".Nm {names[-1]}", f".Nd {marked(about if about.startswith('Edge') else about[0].lower() + about[1:])}", ".Sh LIBRARY",
            "libcorallite", ".Pq corallite.pc , \\-lcorallite", ".Sh SYNOPSIS"]


def page(header, date):
    out = head("corallite_" + header.name, ["corallite_" + header.name, *header.functions], header.summary, date)
    out += [f".In corallite/{header.name}.h", ".ad l"]  # declarations are not stretched to the margin
    for group in header.groups:
        for declaration, _ in group.declared:
            out += prototype(declaration) if FUNCTION.search(declaration) else []
    out += [".ad", ".Sh DESCRIPTION", *blocks(header.about), *described(header.groups), ".Sh SEE ALSO", ".Xr corallite 1 ,"]
    others = ["corallite", *("corallite_" + name for name in sorted({*header.includes, "status"} - {header.name}))]
    out += [f".Xr {name} 3 ," for name in others] + [".Xr corallite 7"]
    return "\n".join(out) + "\n"


def overview(headers, folder, date):
    """corallite(3): where to begin, and what there is."""
    example = (folder.parent.parent / "examples" / "hello.c").read_text(encoding="utf-8")
    out = head("corallite", ["corallite"], "a library that runs 8-bit vision models", date) + [".In corallite/corallite.h", ".Sh DESCRIPTION"]
    out += prose("Most programs need a session and nothing else: it opens a model, takes pictures, and says what is in them. What follows is "
                 "what sessions are made of. Each header has a page, and each function leads to it.") + [".Pp", ".Bl -tag -width Ds -compact"]
    first = ["session", "engine", "model", "vision", "stream", "tracker", "status"]
    for name in first + [n for n in headers if n not in first]:
        out += [f".It Xr corallite_{name} 3", *prose(headers[name].summary)]
    out += [".El", ".Pp"] + prose("Functions that can fail give a crl_status, and write one sentence into a crl_error. Options are structs of which all zeroes are "
                                  "the defaults. The library prints nothing, ends no program, and starts no threads but those that its pages name.")
    out += [".Sh EXAMPLES", ".Bd -literal", *(escaped(line).replace("-", "\\-") for line in example.splitlines() if "SPDX" not in line), ".Ed"]
    return "\n".join(out + [".Sh SEE ALSO", ".Xr corallite 1 ,", ".Xr corallite 7", ""])


def pages(folder):
    headers = read_headers(folder)
    months = "January February March April May June July August September October November December".split()
    year, month, day = re.search(r'CRL_VERSION_DATE "(\d+)-(\d+)-(\d+)"', (folder / "version.h").read_text()).groups()
    date = f"{months[int(month) - 1]} {int(day)}, {year}"
    made = {"corallite.3": overview(headers, folder, date)}
    for header in headers.values():
        made[f"corallite_{header.name}.3"] = page(header, date)
        made |= {f"{name}.3": f".so man3/corallite_{header.name}.3\n" for name in header.functions}
    return made


def main():
    made = pages(pathlib.Path(sys.argv[1]).resolve())
    if sys.argv[2] == "--list":
        print("\n".join(made))
    elif sys.argv[2] == "--page":
        sys.stdout.write(made[sys.argv[3]])
    else:
        for name, text in made.items():
            (pathlib.Path(sys.argv[2]) / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
