/* SPDX-License-Identifier: Apache-2.0 */
/* Packages: read as they are, and refused where anything is broken. */
#include <corallite/package.h>

#include <string.h>

#include "areas.h"
#include "check.h"
#include "make.h"
#include "real.h"

static void reads_a_package(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    crl_package *p;
    crl_error err = { .text = "" };
    made_begin(&m);
    made_finish(&m);
    if (check_that(t, !crl_package_open(&p, &m.model, 0, &err), "%s", err.text)) {
        check_that(t, p->min_runtime == 13 && !strcmp(p->compiler, "made") && p->n_executables == 2, "the package");
        const crl_executable *run = p->running, *cache = p->caching;
        check_that(t, run && cache && run->kind == CRL_EXECUTABLE_RUNNING && cache->kind == CRL_EXECUTABLE_CACHING, "who is who");
        check_that(t, run->token == 0x1234567890abcdef && cache->token == run->token, "token %llx", (unsigned long long)run->token);
        check_that(t, cache->parameter_bytes == 64 && cache->parameters[1] == 2 && !run->parameters, "parameters");
        check_that(t, run->n_chunks == 1 && run->chunks[0].size == 112 && !memcmp(run->chunks[0].bytes, m.program[0], 112), "program");
        check_that(t, run->chunks[0].n_relocations == 1 && run->chunks[0].relocations[0].bit == 326, "relocation");
        check_that(t, run->n_hints == 4 && run->hints[1].kind == CRL_HINT_TRANSFER && run->hints[1].base == CRL_BASE_INPUT &&
                          run->hints[1].layer == 0 && run->hints[1].size == 24 && !run->hints[1].to_host && run->hints[2].to_host &&
                          run->hints[3].kind == CRL_HINT_INTERRUPT, "hints");
        const crl_package_layer *out = &run->outputs[0];
        check_that(t, out->y_dim == 2 && out->x_dim == 3 && out->z_dim == 4 && out->scale == 0.5f && out->zero_point == 128 &&
                          out->layout.n_tiles == 2 && out->layout.tile_offset[1] == 12, "output");
        check_that(t, run->deterministic, "deterministic");
        crl_package_close(p);
    }
    made_end(&m);
}

/* ---- one thing wrong ---- */

static void token(made *m) { made_number(m->executable[1], CRL_FIELD_EXECUTABLE_PARAMETER_CACHING_TOKEN, 5); }
static void two_of_a_kind(made *m) { made_number(m->executable[1], CRL_FIELD_EXECUTABLE_TYPE, CRL_EXECUTABLE_RUNNING); }
static void only_caching(made *m) { m->executable[0] = m->executable[1], m->n_executables = 1; }
static void none(made *m) { m->n_executables = 0; }
static void type(made *m) { made_number(m->executable[0], CRL_FIELD_EXECUTABLE_TYPE, 3); }
static void chip(made *m) { made_number(m->package, CRL_FIELD_PACKAGE_VIRTUAL_CHIP_ID, -1); }
static void half_a_word(made *m) { crl_tree_at(m->chunk[0], CRL_FIELD_INSTRUCTION_BITSTREAM_BITSTREAM)->n = 100; }
static void no_chunks(made *m) { crl_tree_at(m->executable[0], CRL_FIELD_EXECUTABLE_INSTRUCTION_BITSTREAMS)->n = 0; }
static void batch(made *m) { made_number(m->executable[0], CRL_FIELD_EXECUTABLE_BATCH_SIZE, 0); }
static void no_outputs(made *m)
{
    crl_tree_at(m->executable[0], CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS)->n = 0;
    crl_tree_at(m->hints[0], CRL_FIELD_DMA_HINTS_HINTS)->n = 2;
}
static void address(made *m)
{
    crl_tree *a = crl_tree_at(m->chunk[0], CRL_FIELD_INSTRUCTION_BITSTREAM_FIELD_OFFSETS)->tables[0];
    made_number(a, CRL_FIELD_FIELD_OFFSET_OFFSET_BIT, 112 * 8 - 31);
}
static void wrong_chunk(made *m) { made_number(made_hint(m, 0, 0), CRL_FIELD_INSTRUCTION_HINT_INSTRUCTION_CHUNK_INDEX, 1); }
static void interrupt(made *m) { made_number(made_hint(m, 0, 3), CRL_FIELD_INTERRUPT_HINT_TYPE, 4); }
static void too_much(made *m) { made_number(made_hint(m, 1, 1), CRL_FIELD_DMA_DESCRIPTOR_HINT_SIZE_IN_BYTES, 65); }
static void before(made *m) { made_number(made_hint(m, 0, 1), CRL_FIELD_DMA_DESCRIPTOR_HINT_OFFSET_IN_BYTES, -1); }
static void nobody(made *m)
{
    crl_tree *meta = crl_tree_at(made_hint(m, 0, 1), CRL_FIELD_DMA_DESCRIPTOR_HINT_META)->table;
    crl_tree_at(meta, CRL_FIELD_META_NAME)->n = 1; /* "i" */
}
static void large(made *m) { made_number(m->input, CRL_FIELD_LAYER_X_DIM, 1 << 30); }
static void empty(made *m) { made_number(m->input, CRL_FIELD_LAYER_Z_DIM, 0); }
static void data_type(made *m) { made_number(m->input, CRL_FIELD_LAYER_DATA_TYPE, 6); }
static void small(made *m) { made_number(m->output, CRL_FIELD_LAYER_SIZE_BYTES, 23); }
static void map_length(made *m) { crl_tree_at(m->layout, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LOCAL_Y_OFFSET)->n = 1; }
static void map_leads_out(made *m)
{
    static const int32_t out[] = { 0, 2 };
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LINEAR_TILE_ID_MAP, out, 2);
}
static void offset_leads_out(made *m)
{
    static const int32_t out[] = { 0, 13 };
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_LINEARIZED_TILE_BYTE_OFFSET, out, 2);
}
static void row_overflows(made *m)
{
    static const int32_t rows[] = { 0, INT32_MAX }, bytes[] = { INT32_MAX, INT32_MAX, INT32_MAX };
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LOCAL_Y_OFFSET, rows, 2);
    made_ints(m->layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_Y_ROW_SIZE, bytes, 3);
}

static void refuses_what_is_broken(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        void (*change)(made *m);
        const char *says;
    } cases[] = {
        { token, "do not belong together" },
        { two_of_a_kind, "two executables of type 2" },
        { only_caching, "none that uses them" },
        { none, "0 executables" },
        { type, "type 3" },
        { chip, "several chips" },
        { half_a_word, "a chunk of 100 bytes" },
        { no_chunks, "no instructions" },
        { batch, "a batch of 0" },
        { no_outputs, "without outputs" },
        { address, "an address at bit 865" },
        { wrong_chunk, "a hint of chunk 1, there are 1" },
        { interrupt, "interrupt 4" },
        { too_much, "65 bytes from byte 0 of the parameters, which has 64" },
        { before, "from byte -1" },
        { nobody, "\"i\", which is no layer" },
        { large, "in 24 bytes" },
        { empty, "of 0 elements" },
        { data_type, "data type 6" },
        { small, "in 23 bytes" },
        { map_length, "has 1 entries, the layer has 2" },
        { map_leads_out, "row 1, column 0 outside" },
        { offset_leads_out, "row 1, column 2 outside" },
        { row_overflows, "outside of the layer" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        made m;
        crl_package *p;
        crl_error err = { .text = "" };
        made_begin(&m);
        cases[i].change(&m);
        made_finish(&m);
        const crl_status s = crl_package_open(&p, &m.model, 0, &err);
        check_that(t, s && !p && strstr(err.text, cases[i].says), "wanted \"%s\", got %d \"%s\"", cases[i].says, s, err.text);
        crl_package_close(p);
        made_end(&m);
    }
}

/* Cut anywhere, or with any byte changed, it is refused or read; nothing outside of it is touched. */
static void survives_any_change(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    crl_package *p;
    made_begin(&m);
    made_finish(&m);
    const size_t n = m.options_bytes;
    for (size_t i = 0; i < n; i++) {
        uint8_t *copy = check_guarded(t, n);
        memcpy(copy, m.options, n);
        copy[i] ^= (uint8_t)(1 << check_range(t, 0, 7));
        m.op.custom_options = copy;
        if (!crl_package_open(&p, &m.model, 0, NULL)) crl_package_close(p);
        copy = check_guarded(t, i);
        memcpy(copy, m.options, i);
        m.op.custom_options = copy;
        m.op.custom_bytes = i;
        check_that(t, crl_package_open(&p, &m.model, 0, NULL) && !p, "cut to %zu bytes, it is read", i);
        m.op.custom_bytes = n;
        check_release(t);
    }
    made_end(&m);
}

/* ---- real ones ---- */

/* What all packages have in common that were ever seen. */
static void is_usual(check *t, const char *name, const crl_package *p)
{
    check_that(t, p->n_executables == 2 && p->caching && p->running && p->executables[0].kind == CRL_EXECUTABLE_RUNNING, "%s: executables",
               name);
    check_that(t, !(p->size % 4096) && !p->signature_bytes, "%s: %zu bytes", name, p->size);
    check_that(t, !(p->caching->parameter_bytes % 64) && !(p->running->parameter_bytes % 64), "%s: parameters", name);
    for (int32_t i = 0; i < p->running->n_inputs; i++) {
        const crl_package_layer *l = &p->running->inputs[i];
        const size_t bytes = (size_t)l->y_dim * (size_t)l->x_dim * (size_t)l->z_dim * (size_t)crl_package_element(l);
        check_that(t, l->bytes == (bytes + 7) / 8 * 8, "%s: input %s of %zu bytes", name, l->name, l->bytes);
    }
    for (int32_t i = 0; i < p->running->n_outputs; i++) {
        const crl_package_layer *l = &p->running->outputs[i];
        const size_t z = ((size_t)l->z_dim + 3) / 4 * 4 * (size_t)crl_package_element(l);
        check_that(t, l->bytes == ((size_t)l->y_dim * (size_t)l->x_dim * z + 7) / 8 * 8, "%s: output %s of %zu bytes", name, l->name, l->bytes);
        check_that(t, l->layout.n_tiles > 0, "%s: output %s has no layout", name, l->name);
    }
    check_that(t, p->caching->n_hints == 3 && p->caching->hints[1].size == p->caching->parameter_bytes, "%s: hints", name);
}

static void reads_real_ones(check *t, unsigned cpu)
{
    (void)cpu;
    real_packages(t, is_usual);
}

int area_package(int argc, char **argv)
{
    static const check_case cases[] = {
        { "reads_a_package", reads_a_package, false },
        { "refuses_what_is_broken", refuses_what_is_broken, false },
        { "survives_any_change", survives_any_change, false },
        { "reads_real_ones", reads_real_ones, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
