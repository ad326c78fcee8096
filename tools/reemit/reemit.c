/* SPDX-License-Identifier: Apache-2.0 */
/* reemit MODEL_edgetpu.tflite...: writes the programs of compiled models again, by our rules, from the models beside
 * them, and prints for each kind of instruction how much is equal. --differences shows the instructions that are not.
 */
#include "reemit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/edit.h"

enum { OPCODES = 64 };

typedef struct count {
    int32_t instructions, ruled, equal, words, words_equal;
} count;

typedef struct counts {
    count of[OPCODES];
} counts;

static bool differences;

static bool apply(walk *w)
{
    switch (w->program->instructions[w->i].opcode) {
    case CRL_ISA_TENSOR: return reemit_layer(w);
    case CRL_ISA_SUM: return reemit_sum(w);
    case CRL_ISA_TABLE: return reemit_function(w);
    case CRL_ISA_NARROW: return reemit_tables(w) || reemit_receive(w);
    case CRL_ISA_ALU: return reemit_scalar(w);
    case CRL_ISA_POP:
    case CRL_ISA_INFEED: return reemit_stream(w);
    case CRL_ISA_FENCE:
    case CRL_ISA_WAIT: return reemit_fence(w);
    case CRL_ISA_CONSUME: return w->executable == w->package->caching ? reemit_cache(w) : reemit_consume(w);
    case CRL_ISA_PRODUCE: return reemit_produce(w);
    case CRL_ISA_NORTH: return reemit_fill(w);
    case CRL_ISA_WIDEN: return reemit_widen(w) || reemit_identity(w);
    case CRL_ISA_OUTFEED: return reemit_outfeed(w);
    case CRL_ISA_START: {
        const int32_t chunk = w->program->instructions[w->i].chunk;
        crl_isa_write(w->to, "bits", 128 * (w->executable->chunks[chunk].size / CRL_ISA_WORD - 2));
        return true;
    }
    case CRL_ISA_END: crl_isa_write(w->to, "bits", 128); return true;
    case CRL_ISA_HALT:
        if (w->program->instructions[w->i].chunk != w->executable->n_chunks - 1) return false;
        crl_isa_write(w->to, "code", 4);
        return true;
    default: return false;
    }
}

static void show(const walk *w, const crl_instruction *in)
{
    crl_chunk chunk = { .bytes = w->to, .size = (size_t)in->words * CRL_ISA_WORD };
    crl_executable e = { .chunks = &chunk, .n_chunks = 1 };
    crl_instruction one = *in;
    one.chunk = one.word = 0;
    const crl_disassembly d = { .instructions = &one, .n = 1, .executable = &e };
    char text[4096];
    crl_instruction_text(w->program, w->i, true, text, sizeof text);
    printf("%d op %d\n  is  %s\n", w->i, w->ops[w->i], text);
    crl_instruction_text(&d, 0, true, text, sizeof text);
    printf("  not %s\n", text);
}

/* One program, in one of the ways that releases have. */
static void go_through(walk *w, counts *c, bool shows)
{
    uint8_t words[CRL_ISA_MOST_WORDS * CRL_ISA_WORD];
    memset(w->fills, 0, sizeof w->fills);
    memset(w->groups, 0, sizeof w->groups);
    memset(w->sent, 0, sizeof w->sent);
    memset(w->widened, 0, sizeof w->widened);
    memset(w->received, 0, sizeof w->received);
    memset(w->taken, 0, sizeof w->taken);
    memset(w->receives, 0, sizeof w->receives);
    memset(w->sent_by, 0, sizeof w->sent_by);
    w->produced = 0;
    w->filled = 0;
    script_write(&w->script, w->executable, w->executable == w->package->caching, w->release.adds);
    uint32_t sequence = 0;
    for (w->i = 0; w->i < w->program->n; w->i++) {
        const crl_instruction *in = &w->program->instructions[w->i];
        const crl_isa_op *op = crl_isa_find((unsigned)in->opcode);
        const size_t bytes = (size_t)in->words * CRL_ISA_WORD;
        count *n = &c->of[in->opcode % OPCODES];
        w->at = w->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
        w->to = words;
        memset(words, 0, sizeof words);
        crl_isa_put(words, 6, 6, (uint64_t)in->opcode);
        if (crl_isa_field_of(op, "sequence")) crl_isa_write(words, "sequence", sequence++);
        if (crl_isa_field_of(op, "tiles")) crl_isa_write(words, "tiles", crl_isa_read(w->at, "tiles"));
        const bool ruled = apply(w), equal = ruled && !memcmp(words, w->at, bytes);
        n->instructions++;
        n->ruled += ruled;
        n->equal += equal;
        n->words += in->words;
        for (int32_t k = 0; k < in->words; k++) n->words_equal += ruled && !memcmp(words + k * CRL_ISA_WORD, w->at + k * CRL_ISA_WORD, CRL_ISA_WORD);
        if (shows && ruled && !equal) show(w, in);
        reemit_count(w);
        reemit_count_ring(w);
        reemit_count_fills(w);
    }
}

static int32_t words_equal(const counts *c)
{
    int32_t n = 0;
    for (int k = 0; k < OPCODES; k++) n += c->of[k].words_equal;
    return n;
}

/* The way in which most is equal. */
static void best_of(walk *w, counts *sum)
{
    counts best = { .of = { { 0 } } };
    release found = { false, false };
    for (int way = 0; way < 4; way++) {
        counts c = { .of = { { 0 } } };
        w->release = (release){ .merged = way & 1, .adds = way & 2 };
        go_through(w, &c, false);
        if (way && words_equal(&c) <= words_equal(&best)) continue;
        best = c;
        found = w->release;
    }
    for (int k = 0; k < OPCODES; k++) {
        sum->of[k].instructions += best.of[k].instructions, sum->of[k].ruled += best.of[k].ruled, sum->of[k].equal += best.of[k].equal;
        sum->of[k].words += best.of[k].words, sum->of[k].words_equal += best.of[k].words_equal;
    }
    if (!differences) return;
    w->release = found;
    go_through(w, &(counts){ .of = { { 0 } } }, true);
}

static void print(const char *what, const counts *c)
{
    count all = { 0 };
    printf("\n%s\n\n| instruction | there are | with a rule | of them equal | words | equal |\n|---|---|---|---|---|---|\n", what);
    for (int32_t k = 0; k < crl_isa_n_ops; k++) {
        const count *n = &c->of[crl_isa_ops[k].opcode];
        if (!n->instructions) continue;
        printf("| %s | %d | %d | %d | %d | %d |\n", crl_isa_ops[k].name, n->instructions, n->ruled, n->equal, n->words, n->words_equal);
        all.instructions += n->instructions, all.ruled += n->ruled, all.equal += n->equal, all.words += n->words, all.words_equal += n->words_equal;
    }
    printf("| all | %d | %d | %d | %d | %d (%.1f %%) |\n", all.instructions, all.ruled, all.equal, all.words, all.words_equal,
           all.words ? 100.0 * all.words_equal / all.words : 0);
}

static crl_status package_of(walk *w, const crl_model *compiled, int32_t op, counts sum[2], crl_error *err)
{
    crl_package *package;
    crl_status s = crl_package_open(&package, compiled, op, err);
    if (s) return s;
    w->package = package;
    for (int k = 0; k < 2 && !s; k++) {
        crl_disassembly *d = NULL;
        int32_t *ops = NULL;
        w->executable = k ? package->caching : package->running;
        if (!w->executable) continue;
        s = crl_disassemble(&d, w->executable, err);
        if (!s) ops = malloc(((size_t)d->n + 1) * sizeof *ops);
        for (int32_t i = 0; ops && i < d->n; i++) ops[i] = -1;
        w->program = d;
        w->ops = ops;
        if (ops && !k)
            crl_edit_explain(&(crl_edit){ .twin = w->twin, .program = d, .constants = w->constants, .from = compiled->bytes,
                                          .to = (uint8_t *)compiled->bytes, .work = CRL_COMPILE_WORK }, ops);
        if (ops) best_of(w, &sum[k]);
        free(ops);
        crl_disassembly_free(d);
    }
    crl_package_close(package);
    return s;
}

static crl_status file(const char *path, crl_error *err)
{
    static walk w;
    char twin_path[4096];
    const char *end = strstr(path, "_edgetpu.tflite");
    crl_model *compiled = NULL, *twin = NULL;
    crl_pile pile = { 0 };
    crl_twin pair;
    crl_constants_table table;
    counts sum[2] = { { .of = { { 0 } } }, { .of = { { 0 } } } };
    if (!end || snprintf(twin_path, sizeof twin_path, "%.*s.tflite", (int)(end - path), path) >= (int)sizeof twin_path) return CRL_ERR_ARGUMENT;
    crl_status s = crl_model_open_file(&compiled, path, err);
    if (!s) s = crl_model_open_file(&twin, twin_path, err);
    const int32_t op = s ? -1 : crl_find_compiled(compiled, 0);
    if (!s && op < 0) s = CRL_ERR_ARGUMENT;
    if (!s) s = crl_twin_find(&pair, twin, twin, compiled, op, &pile, err);
    if (!s) s = crl_constants_find(&table, &pair, &pile, err);
    if (!s) {
        w.twin = &pair;
        w.constants = &table;
        s = package_of(&w, compiled, op, sum, err);
    }
    if (!s) {
        const char *name = strrchr(path, '/');
        char text[256];
        snprintf(text, sizeof text, "%.200s, the program that runs:", name ? name + 1 : path);
        print(text, &sum[0]);
        print("and the one that caches:", &sum[1]);
    }
    crl_pile_free(&pile);
    crl_model_close(compiled);
    crl_model_close(twin);
    return s;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        crl_error err = { .text = "no compiled model with its model beside it" };
        if (!strcmp(argv[i], "--differences")) {
            differences = true;
            continue;
        }
        if (!file(argv[i], &err)) continue;
        fprintf(stderr, "%s: %s\n", argv[i], err.text);
        failed = 1;
    }
    return failed;
}
