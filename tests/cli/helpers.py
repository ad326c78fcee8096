# SPDX-License-Identifier: Apache-2.0
"""Runs the helpers of transcripts (picture.py, npy.py, model.py) in forks of one Python: to start one takes longer than what
they do, and there are hundreds of calls.

A call is the shell's folder, the helper's name and its arguments, each ended by a NUL, in the pipe `request`. What it
prints lies in `printed` when its exit status comes out of the pipe `answer`.
"""
import os
import signal
import sys
from importlib.machinery import SourceFileLoader

# What reads its standard input starts a Python of its own.
SHELL = """
helper() {
    case " $* " in
    *" /dev/stdin "*) program=$1 && shift; "$PYTHON" "$TREE/tests/cli/$program.py" "$@"; return ;;
    esac
    printf '%s\\0' "$PWD" "$@" >"$HELPERS/request"
    read -r code <"$HELPERS/answer"
    test ! -s "$HELPERS/printed" || cat "$HELPERS/printed"
    return "$code"
}
picture() { helper picture "$@"; }
npy() { helper npy "$@"; }
model() { helper model "$@"; }
"""
NAMES = ["picture", "npy", "model"]


def tell():
    import traceback  # which takes longer than all else here, and is hardly ever wanted

    traceback.print_exc()


def run(code, folder, arguments, printed):
    """In a child: the helper as if it were started."""
    os.chdir(folder)
    out = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = arguments
    status = 0
    try:
        exec(code, {"__name__": "__main__"})
    except SystemExit as e:
        status = e.code if isinstance(e.code, int) else int(bool(e.code))
    except BaseException:
        tell()
        status = 1
    sys.stdout.flush()
    os._exit(status)


def serve(folder):
    here = os.path.dirname(os.path.abspath(__file__))
    codes = {}
    for name in NAMES:
        codes[name] = SourceFileLoader(name, os.path.join(here, name + ".py")).get_code(name)  # compiled once for all
        exec(codes[name], {"__name__": name})  # imports what it needs
    while True:
        with open(os.path.join(folder, "request"), "rb") as f:
            call = [os.fsdecode(word) for word in f.read().split(b"\0")[:-1]]
        if not call:
            continue
        child = os.fork()
        if not child:
            run(codes[call[1]], call[0], call[1:], os.path.join(folder, "printed"))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with open(os.path.join(folder, "answer"), "w", encoding="utf-8") as f:
            f.write("%d\n" % (status & 255))


def start(folder):
    """The process that serves; end it with stop()."""
    for name in "request", "answer":
        os.mkfifo(os.path.join(folder, name))
    child = os.fork()
    if not child:
        try:
            serve(folder)
        except BaseException:
            tell()
        os._exit(1)
    return child


def stop(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
