#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast the inner loops of the ARM kernels are, by llvm-mca's models of processors: a table for docs/performance.md.

    tools/mca.py [--show KERNEL]      e.g. --show gemm_neondot: the loops themselves, with what they keep busy

Compiles each kernel with the cross compiler and the flags of its level, as a release build does, takes of each
architecture the innermost loop that multiplies most, and lets llvm-mca run it 200 times. That is the steady state:
activations and weights come from the first-level cache, and what happens before and after the loop does not count.
Rows of 3x3 depthwise layers have branches for the borders of the picture; of them a loop over three outputs inside it
is compiled with the functions of the kernel, down to the bytes that are stored. Of the passes of resizing (src/vision/arm)
likewise: a pixel of four rows, and 16 bytes of a row, with four weights each.

Needs the cross compilers (tools/install_deps.sh arm) and llvm-mca 16 or later (Debian: llvm-19): LLVM 14 takes
the Cortex-A76 for a Cortex-A57. Even the newer ones know that core only under the name of its sibling for servers, the
Neoverse N1, and the Cortex-A72 as a Cortex-A57, which issues alike.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARCHITECTURES = {
    "arm64": ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu"),
    "armhf": ("arm-linux-gnueabihf-gcc", "armv8a-linux-gnueabihf"),
}
# The loop of row_3x3_quick (dwpack_frame.h) at stride 1 without borders, for outputs that are cut at the zero point.
ROW_3X3 = """
void inner(uint8_t *out, size_t step, const view *outer);
static inline __attribute__((always_inline)) column inside(const view *v, int32_t x)
{
    const size_t at = (size_t)x * v->step;
    return make_column(vec_load(v->row[0] + at), vec_load(v->row[1] + at), vec_load(v->row[2] + at), vec_load(v->row[3] + at));
}
void inner(uint8_t *out, size_t step, const view *outer)
{
    const packed_head head = *outer->h;
    view v = *outer;
    v.h = &head;
    const int32_t run = v.b->run;
    const term *t = terms_of(v.b);
    column w[3];
    for (int i = 0; i < 3; i++)
        for (int q = 0; q < QUARTERS; q++) w[i].q[q] = vec_load(t[i].q[q]);
    column a = inside(&v, 0), b = inside(&v, 1), c;
    for (int32_t x = 0; x < run; x += 3, out += 3 * step) {
        c = inside(&v, x + 2);
        output_3x3(out, &v, &a, &b, &c, w, CUT, %s);
        a = inside(&v, x + 3);
        output_3x3(out + step, &v, &b, &c, &a, w, CUT, %s);
        b = inside(&v, x + 4);
        output_3x3(out + 2 * step, &v, &c, &a, &b, w, CUT, %s);
    }
}
"""
# Kernel, architecture, flags of its level in src/kernels/arm/meson.build, processors (llvm-mca's name, ours); for ROW_3X3 the
# way of summing (b->sums) and how to call it.
# Of src/vision/arm/rows_neon.c: a row of the column pass, and pixels of the row pass, which go to memory four at a time.
DOWN = """
void inner(uint8_t *out, const uint8_t *const *rows, const int16_t *low, const int16_t *high, size_t bytes);
void inner(uint8_t *out, const uint8_t *const *rows, const int16_t *low, const int16_t *high, size_t bytes)
{
    for (size_t at = 0; at + STEP <= bytes; at += STEP) step_down(out, rows, low, high, 4, at, true);
}
"""
ACROSS = """
void inner(uint32_t *out, const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k);
void inner(uint32_t *out, const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k)
{
    for (int32_t o = 0; o < k->n_out; o++) vst1q_u32(out + 4 * o, pixel_3(in, k, o, 4, true));
}
"""
A53, A55 = ("cortex-a53", "Cortex-A53"), ("cortex-a55", "Cortex-A55")
A72, A76 = ("cortex-a72", "Cortex-A72"), ("neoverse-n1", "Cortex-A76")
N2, V1 = ("neoverse-n2", "Neoverse N2"), ("neoverse-v1", "Neoverse V1")
KERNELS = [
    ("gemm_neon", "arm64", [], [A53, A72, A76]),
    ("gemm_neondot", "arm64", ["-march=armv8.2-a+dotprod"], [A55, A76, N2]),
    ("gemm_i8mm", "arm64", ["-march=armv8.2-a+dotprod+i8mm"], [N2, V1]),
    ("dwpack_neon", "arm64", [], [A53, A72, A76]),
    ("dwpack_neondot", "arm64", ["-march=armv8.2-a+dotprod"], [A55, A76]),
    ("dwpack_neon", "arm64", [], [A53, A72, A76], "SUM_ALL", "3x3, 9 taps in 16 bits"),
    ("dwpack_neon", "arm64", [], [A53, A72, A76], "SUM_COLUMN", "3x3, 3 taps in 16 bits"),
    ("dwpack_neondot", "arm64", ["-march=armv8.2-a+dotprod"], [A55, A76], "0", "3x3"),
    ("rows_neon", "arm64", [], [A53, A72, A76], "down", "16 bytes of four rows"),
    ("rows_neon", "arm64", [], [A53, A72, A76], "across", "a pixel of four rows, four weights"),
    ("gemm_neon", "armhf", ["-march=armv7-a", "-mfpu=neon"], [("cortex-a9", "Cortex-A9"), ("cortex-a57", "Cortex-A72")]),
]
# Multiply-accumulates of an instruction, the first that matches.
MACS = [(r"(v?smmla)\b", 32), (r"(v?sdot)\b|vsdot\.", 16), (r"(smull|smlal)2?\s+v\d+\.8h|v(mull|mlal)\.s8", 8),
        (r"smlal2?\s+v\d+\.4s|vmlal\.s16", 4)]


def macs_of(line):
    for pattern, n in MACS:
        if re.match(rf"\s*(?:{pattern})", line):
            return n
    return 0


def assembly(kernel, architecture, flags, more=""):
    """Of the kernel, or of the function `inner` in the C text `more`, which follows the kernel's own."""
    compiler = ARCHITECTURES[architecture][0]
    folder = ROOT / ("src/vision/arm" if kernel == "rows_neon" else "src/kernels/arm")
    text = (folder / (kernel + ".c")).read_text() + more
    out = subprocess.run([compiler, "-std=c11", "-O3", "-DNDEBUG", "-ffp-contract=off", "-D_POSIX_C_SOURCE=200809L",
                          "-I", ROOT / "include", "-I", ROOT / "src", *flags, "-S", "-o", "-", "-x", "c", "-"],
                         input=text, check=True, capture_output=True, text=True).stdout
    return out[out.index("\ninner:"):] if more else out


def loops(text):
    """Lines of each innermost loop: from a label to the branch back to it, with no other label between."""
    label, body = None, []
    for line in text.splitlines():
        stripped = line.strip()
        if re.match(r"\.?\w+:", stripped):
            label, body = stripped.rstrip(":"), []
        elif stripped and not stripped.startswith((".", "@", "//")):
            body.append(line)
            if label and re.match(rf"\s*(b\.?\w*|cbn?z\s+\w+,|tbn?z\s+\w+,.*,)\s+{re.escape(label)}$", line):
                yield list(body)


def analyse(tool, lines, architecture, processor):
    command = [tool, "-mtriple=" + ARCHITECTURES[architecture][1], "-mcpu=" + processor, "-mattr=+neon", "-iterations=200"]
    if architecture == "arm64":
        command[-2:-1] = ["-mattr=+dotprod,+i8mm"]
    run = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(command)}: {run.stderr.strip()}")
    cycles = int(re.search(r"^Total Cycles:\s+(\d+)", run.stdout, re.MULTILINE).group(1)) / 200
    return cycles, run.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--show", metavar="KERNEL")
    options = parser.parse_args()
    tool = next((t for t in ("llvm-mca-19", "llvm-mca-18", "llvm-mca-17", "llvm-mca-16", "llvm-mca") if shutil.which(t)), None)
    if not tool:
        sys.exit("mca: no llvm-mca; Debian's package is llvm-19")
    if not options.show:
        print("| kernel | architecture | processor | instructions | MACs | cycles | MACs per cycle |\n|---|---|---|---|---|---|---|")
    for kernel, architecture, flags, processors, *row in KERNELS:
        if options.show and options.show != kernel:
            continue
        texts = {"down": (DOWN, 16 * 4), "across": (ACROSS, 4 * 3 * 4)}
        more, macs = texts.get(row[0], (ROW_3X3.replace("%s", row[0]), 3 * 9 * 16)) if row else ("", 0)
        best = max(loops(assembly(kernel, architecture, flags, more)), key=lambda lines: sum(map(macs_of, lines)))
        macs = macs or sum(map(macs_of, best))
        kernel = f"`{kernel}`, {row[1]}" if row else f"`{kernel}`"
        for processor, name in processors:
            cycles, report = analyse(tool, best, architecture, processor)
            if options.show:
                print(f"== {kernel}, {architecture}, {name}\n" + "\n".join(best) + "\n" + report)
            else:
                print(f"| {kernel} | {architecture} | {name} | {len(best)} | {macs} | {cycles:.1f} | {macs / cycles:.1f} |")


if __name__ == "__main__":
    main()
