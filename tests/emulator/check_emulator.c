/* SPDX-License-Identifier: Apache-2.0 */
/* The emulator: a program of its own, what it refuses and what it finds stuck; and real packages against the models that they were made
 * from, where both are at hand: all outputs equal. */
#include <corallite/engine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "areas.h"
#include "backend/edgetpu/emulator/emulator.h"
#include "check.h"
#include "emulated.h"

/* ---- a program of its own ------------------------------------------------------------------------------------ */

/* Words are filled in, weights moved to wide memory, four products computed and sent to the host. */
#define BEGIN "start\nfence tiles=0xffff counters=0x7ffff units=0x3ff token=1\n"                                                       \
              "wait tiles=0xffff counters=0x1ff for_tokens=1 token_tiles=0xffff units=0x1f\n"
#define INPUT "north tiles=0x20 to_step=1 fills=1 fill=0x04030201\n"
#define WEIGHTS "north tiles=0x20 to=64 to_step=1 fills=1 fill=0x2\nnorth tiles=0x20 to=68 to_step=1 fills=1 fill=0x200\n"             \
                "north tiles=0x20 to=72 to_step=1 fills=1 fill=0x20000\nnorth tiles=0x20 to=76 to_step=1 fills=1 fill=0x2000000\n"     \
                "fence tiles=0xffff units=0x3ff\n"                                                                                     \
                "widen tiles=0x20 from=16 step=1,-3,-3,-3,-3,-3 count=3 to=8192 to_step=1 done_at=1 bits@543=0x1\n"
#define PRODUCTS(more)                                                                                                                 \
    "tensor tiles=0x20 in_step=1,1,1,1,1,1,1,1 out=128 out_step=1,1,1,1,1,1,1,1 par=8192 op0=1 counter=13 start=1 set=1 op2=0x6 "      \
    "last_channels=3 channels=3 multiplier=1 high=255 out_zero=1 " more "\nfence tiles=0xffff units=0x3ff\n"
#define OUTPUT                                                                                                                         \
    "widen tiles=0x20 from=32 step=1,-1,-1,-1,-1,-1 count=1 to=8296 to_step=1 done_at=1 bits@543=0x1\n"                                \
    "alu operation=0x2f to=1 b=0x8\nalu operation=0x2f to=2 b=0x3\nalu store=0xa store_at=0x2 store_from=1\n"                          \
    "alu store=0xa store_at=0x3 store_from=2\nalu store=0xc\noutfeed to_host=3 lanes=0x7f\n"                                           \
    "produce tiles=0x20 from=8296 step=1 counter=13 start=2 set=1 to=0x10000\n"
#define END "halt code=4\nalu\nalu\nalu\nalu\nend bits=128\n"

/* Of four words the greatest bytes, at each place: the words become columns of wide memory. */
#define GREATEST                                                                                                                       \
    "north tiles=0x20 to_step=1 fills=1 fill=0x01020304\nnorth tiles=0x20 to=4 to_step=1 fills=1 fill=0x04030201\n"                    \
    "north tiles=0x20 to=8 to_step=1 fills=1 fill=0x9\nnorth tiles=0x20 to=12 to_step=1 fills=1 fill=0x10000000\n"                     \
    "fence tiles=0xffff units=0x3ff\n"                                                                                                 \
    "widen tiles=0x20 step=1,-3,-3,-3,-3,-3 count=3 to=8192 to_step=1 transpose=1 done_at=1 bits@543=0x1\n" GREATEST_OF_COLUMNS
#define GREATEST_OF_COLUMNS                                                                                                            \
    "max tiles=0x20 loop=3 out=128 out_step=1,1,1,1,1,1,1,1 par=8192 par_low=1 par_step=0,-1,-1,-1,-1,-1,-1,-1 "                       \
    "par_next=1,1,1,1,1,1,1 par_count=3 sum_count=3 sum_flags=0x840 op0=1 counter=13 start=1 set=1 op2=0x6 op3=0x7 group_level=1 "      \
    "reduces=0x1 last_channels=3 channels=3 multiplier=1 high=255 out_zero=1\nfence tiles=0xffff units=0x3ff\n"

/* The same of the last of three words of each place: the second group of channels is shorter than the first, of two. */
#define GREATEST_OF_LAST                                                                                                               \
    "north tiles=0x20 to=8 to_step=1 fills=1 fill=0x01020304\nnorth tiles=0x20 to=20 to_step=1 fills=1 fill=0x04030201\n"              \
    "north tiles=0x20 to=32 to_step=1 fills=1 fill=0x9\nnorth tiles=0x20 to=44 to_step=1 fills=1 fill=0x10000000\n"                    \
    "fence tiles=0xffff units=0x3ff\n"                                                                                                 \
    "widen tiles=0x20 step=3,-8,-8,-12,-12,-12 count=3,1,1 last_level=2 skip=1 to=8188 to_step=1,-1,-1,-1 to_count=1 transpose=1 "     \
    "done_at=2 bits@543=0x5\n" GREATEST_OF_COLUMNS

/* A function: of x from 0 on x + 2, below 0 0. */
#define ZEROS_7 "0,0,0,0,0,0,0,"
#define TABLE "table tiles=0x20 coefficient=" ZEROS_7 ZEROS_7 ZEROS_7 ZEROS_7 ZEROS_7 "0x40000000,0x3f800000,0,0,0 mode=3\n"

/* The first word as two numbers of 16 bits, which are added up. */
#define TOTAL                                                                                                                          \
    "fence tiles=0xffff units=0x3ff\nwiden tiles=0x20 step=1 to=8192 to_step=1 done_at=1 bits@543=0x1\n"                               \
    "sum tiles=0x20 out=128 out_step=1,1,1,1,1,1,1,1 par=8192 op0=1 counter=13 start=1 set=1 op2=0x16 last_channels=3 channels=3 "     \
    "multiplier=0.00390625 high=255\nfence tiles=0xffff units=0x3ff\n"

typedef struct assembled {
    uint8_t *bytes;
    crl_chunk chunk;
    crl_executable executable;
    crl_disassembly *listing;
    crl_pile pile;
    uint8_t out[16];
} assembled;

static bool assemble(check *t, assembled *a, const char *text)
{
    crl_error err = { .text = "" };
    size_t n;
    *a = (assembled){ .bytes = NULL };
    if (!check_that(t, !crl_assemble(text, &a->bytes, &n, &err), "%s", err.text)) return false;
    a->chunk = (crl_chunk){ .bytes = a->bytes, .size = n };
    a->executable = (crl_executable){ .chunks = &a->chunk, .n_chunks = 1 };
    return check_that(t, !crl_disassemble(&a->listing, &a->executable, &err), "%s", err.text);
}

static void clean(assembled *a)
{
    crl_disassembly_free(a->listing);
    crl_pile_free(&a->pile);
    free(a->bytes);
}

static crl_status run(assembled *a, uint64_t limit, crl_error *err)
{
    crl_tpu_move move = { .kind = CRL_TPU_RECEIVE, .memory = a->out, .bytes = 8 };
    const crl_tpu_script script = { &move, 1 };
    crl_emu_program *program;
    const crl_status s = crl_emu_program_make(&program, a->listing, &a->pile, err);
    crl_emulator *e = crl_emulator_make(&a->pile);
    return s ? s : e ? crl_emulator_run(e, program, &script, limit, err) : CRL_ERR_MEMORY;
}

static void runs(check *t, const char *text, const uint8_t want[8])
{
    assembled a;
    crl_error err = { .text = "" };
    if (!assemble(t, &a, text)) return;
    if (check_that(t, !run(&a, 0, &err), "%s", err.text)) check_equal(t, want, a.out, 8, "what the host got");
    clean(&a);
}

static void fails(check *t, const char *text, uint64_t limit, crl_status status, const char *says)
{
    assembled a;
    crl_error err = { .text = "" };
    if (!assemble(t, &a, text)) return;
    const crl_status s = run(&a, limit, &err);
    check_that(t, s == status && strstr(err.text, says), "status %d, \"%s\", not \"%s\"", s, err.text, says);
    clean(&a);
}

static void runs_a_program(check *t, unsigned cpu)
{
    (void)cpu;
    runs(t, BEGIN INPUT WEIGHTS PRODUCTS("") OUTPUT END, (const uint8_t[]){ 3, 5, 7, 9, 0, 0, 0, 0 });
    runs(t, BEGIN INPUT WEIGHTS PRODUCTS("in_zero=2 weight_zero=1") OUTPUT END, (const uint8_t[]){ 1, 1, 1, 3, 0, 0, 0, 0 });
    runs(t, BEGIN GREATEST OUTPUT END, (const uint8_t[]){ 10, 4, 4, 17, 0, 0, 0, 0 });
    runs(t, BEGIN GREATEST_OF_LAST OUTPUT END, (const uint8_t[]){ 10, 4, 4, 17, 0, 0, 0, 0 });
    runs(t, BEGIN INPUT WEIGHTS PRODUCTS("offset=5") OUTPUT END, (const uint8_t[]){ 8, 10, 12, 14, 0, 0, 0, 0 });
    runs(t, BEGIN TABLE INPUT WEIGHTS PRODUCTS("function=1") OUTPUT END, (const uint8_t[]){ 5, 7, 9, 11, 0, 0, 0, 0 });
    runs(t, BEGIN INPUT WEIGHTS PRODUCTS("function=4 out_count=1 offset=250") OUTPUT END, (const uint8_t[]){ 253, 0, 255, 0, 0, 1, 0, 1 });
    runs(t, BEGIN INPUT TOTAL OUTPUT END, (const uint8_t[]){ 6, 0, 0, 0, 0, 0, 0, 0 });
}

static void finds_what_is_stuck(check *t, unsigned cpu)
{
    (void)cpu;
    fails(t, BEGIN INPUT PRODUCTS("") OUTPUT END, 0, CRL_ERR_FORMAT,
          "instruction 4 (word 10, tensor) on tile 5 waits for ever: NARROW_TO_WIDE is 0, 1 is awaited");
    fails(t, BEGIN "west tiles=0x8 step=1\nwest tiles=0x2 to_step=1\n" END, 0, CRL_ERR_FORMAT,
          "instruction 4 (word 10, west) on tile 1 waits for ever, for words from its neighbour");
    fails(t, BEGIN "narrow tiles=0x1 step=1 to_step=1 done_at=8 counter=14 start=3 flag=0,1\nfence tiles=0xffff units=0x3ff\n" END, 0, CRL_ERR_FORMAT,
          "instruction 3 (word 4, narrow) on tile 0 waits for ever: RING_READ_A is 0, 3 is awaited");
    fails(t, BEGIN "wait for_tokens=1 token_tiles=0x4\n" END, 0, CRL_ERR_FORMAT, "instruction 3 (word 4, wait) waits for ever, for tiles");
    fails(t, BEGIN "outfeed to_host=3 lanes=0x7f\n" END, 0, CRL_ERR_FORMAT, "instruction 3 (word 4, outfeed) waits for ever, for data");
}

static void refuses_what_it_does_not_know(check *t, unsigned cpu)
{
    (void)cpu;
    fails(t, BEGIN "tensor5 tiles=0x1\n" END, 0, CRL_ERR_UNSUPPORTED, "instruction 3 (word 4, tensor5): the opcode is 0x5");
    fails(t, BEGIN PRODUCTS("function=3") END, 0, CRL_ERR_UNSUPPORTED, "function is 0x3, which the emulator does not know to execute");
    fails(t, BEGIN "table tiles=0x1\n" END, 0, CRL_ERR_UNSUPPORTED, "mode is 0x0, which the emulator does not know to execute");
    fails(t, BEGIN PRODUCTS("op3=0x2") END, 0, CRL_ERR_UNSUPPORTED, "op3 is 0x2, which the emulator does not know to execute");
    fails(t, BEGIN PRODUCTS("bits@2110=0x5") END, 0, CRL_ERR_UNSUPPORTED, "bits 2110 to 2125 is 0x5");
    fails(t, BEGIN "loop count=2 body=9\n" END, 0, CRL_ERR_FORMAT, "instruction 3 (word 4, loop) goes to word 14, where none begins");
}

static void stops_where_memory_ends(check *t, unsigned cpu)
{
    (void)cpu;
    fails(t, BEGIN "north tiles=0x1 to=262140 to_step=1 fills=1\n" END, 0, CRL_ERR_FORMAT, "on tile 0 reaches byte 262140 of narrow memory");
    fails(t, BEGIN "widen tiles=0x8000 step=1 to=8320 to_step=1 done_at=1\n" END, 0, CRL_ERR_FORMAT, "on tile 15 reaches unit 8320 of wide memory");
    fails(t, BEGIN "north tiles=0x1 step=1\n" END, 0, CRL_ERR_FORMAT, "on tile 0 sends to a neighbour that is not there");
    fails(t, BEGIN "alu operation=0x2f to=1 b=0x8\nalu store=0xa store_at=0x2 store_from=1\nalu operation=0x2f to=1 b=0x1\n"
          "alu store=0xa store_at=0x3 store_from=1\nalu store=0xc\n" END, 0, CRL_ERR_FORMAT, "asks for more bytes than the host has to send");
    fails(t, BEGIN "loop count=65535 body=2\nloop count=65535 body=1\nalu\nalu\n" END, 10000, CRL_ERR_TIMEOUT, "needs more than 10000 steps");
    fails(t, BEGIN "alu operation=0x2f to=1 b=0x8\nalu operation=0x2f to=2 b=0x3\nalu store=0xa store_at=0x2 store_from=1\n"
          "alu store=0xa store_at=0x3 store_from=2\nalu store=0xc\n" END, 0, CRL_ERR_FORMAT, "ends with 0 bytes for the host, of 8");
}

/* ---- real packages ---------------------------------------------------------------------------------------------- */

/* What it claims to execute, of the public Coral test set and of the pairs beside it. */
#define CONV(w, c) "conv2d_12x" #w "x" #c "_to_" #c "_k3_s1_same_quant"
#define COLOUR(name, n) "color_" #name "_" #n "x" #n
#define COLOURS(n)                                                                                                                     \
    COLOUR(blue, n), COLOUR(cyan, n), COLOUR(green, n), COLOUR(magenta, n), COLOUR(red, n), COLOUR(white, n), COLOUR(yellow, n)
static const char *const claimed[] = { "dense_256", "dense_512", "dense_1024", "split_concat", "posenet_mobilenet_v1_075_353_481_16_quant_decoder",
                                       "gabor_64x64_7k_4o_2s", "gabor_128x128_7k_4o_2s", "gabor_64x64_p4", "gabor_128x128_p4",
                                       "looming_64x64_3x3", "looming_128x128_3x3", CONV(128, 32), CONV(128, 64), CONV(128, 128),
                                       CONV(176, 32), CONV(176, 64), CONV(176, 128),
                                       CONV(184, 32), CONV(184, 64), CONV(184, 128),
                                       CONV(192, 32), CONV(192, 64), CONV(192, 128),
                                       COLOURS(64), COLOURS(128), "bright_16x16", "bright_64x64", "bright_128x128", "mnist7", "mnist9",
                                       "mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.5_160_quant", "mobilenet_v1_0.75_192_quant", "mobilenet_v2_1.0_224_quant",
                                       "mobilenet_v1_1.0_224_quant_embedding_extractor", "mobilenet_v2_1.0_224_inat_bird_quant",
                                       "mobilenet_v2_1.0_224_inat_insect_quant", "deeplabv3_mnv2_dm05_pascal_quant", "deeplabv3_mnv2_pascal_quant",
                                       "deeplab_mobilenet_edgetpu_slim_cityscapes_quant", "posenet_mobilenet_v1_075_481_641_16_quant_decoder",
                                       "posenet_mobilenet_v1_075_721_1281_16_quant_decoder", "all_cnn", "conv_pool", "nin_cnn", "ensemble",
                                       "stacked_model" };

typedef struct pair {
    char compiled[2048], twin[2048];
} pair;

/* Both lie in one folder. */
static bool look_into(pair *p, const char *parent, size_t n, const char *folder, const char *name)
{
    snprintf(p->compiled, sizeof p->compiled, "%.*s/%s/%s_edgetpu.tflite", (int)n, parent, folder, name);
    snprintf(p->twin, sizeof p->twin, "%.*s/%s/%s.tflite", (int)n, parent, folder, name);
    return !access(p->compiled, R_OK) && !access(p->twin, R_OK);
}

/* Folders of $CRL_PAIRS, parted by colons, have more. */
static bool find(pair *p, const char *name)
{
    const char *data = getenv("CRL_TESTDATA"), *more = getenv("CRL_PAIRS");
    if (!data) data = "../shared/testdata";
    if (look_into(p, data, strlen(data), "../edgetpu/pairs", name) || look_into(p, data, strlen(data), "models", name)) return true;
    for (const char *at = more ? more : ""; *at;) {
        const size_t n = strcspn(at, ":");
        if (look_into(p, at, n, ".", name)) return true;
        at += n + (at[n] == ':');
    }
    return false;
}

static void computes_what_models_do(check *t, unsigned cpu)
{
    (void)cpu;
    int seen = 0;
    for (size_t i = 0; i < sizeof claimed / sizeof claimed[0]; i++) {
        pair p;
        if (!find(&p, claimed[i])) continue;
        seen++;
        check_name(t, claimed[i]);
        emulated_equals(t, p.compiled, p.twin, check_rounds(t, 2));
    }
    if (!seen) check_skip(t, "no compiled models in $CRL_TESTDATA or $CRL_PAIRS");
}

int area_emulator(int argc, char **argv)
{
    static const check_case cases[] = {
        { "runs_a_program", runs_a_program, false },
        { "finds_what_is_stuck", finds_what_is_stuck, false },
        { "refuses_what_it_does_not_know", refuses_what_it_does_not_know, false },
        { "stops_where_memory_ends", stops_where_memory_ends, false },
        { "computes_what_models_do", computes_what_models_do, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
