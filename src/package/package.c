/* SPDX-License-Identifier: Apache-2.0 */
/* From a compiled operator's options to a crl_package. The options are a FlexBuffer map:
 *
 *   "1" version of the options   "4" the package          "6" versions of the chip, one for each package
 *   "2" chip, "3" caching executable, "5" preference: of old releases   "7" packages of further chips
 *
 * Source: docs/formats/edgetpu-package.md */
#include <corallite/package.h>

#include <string.h>

#include "model/flex.h"
#include "package/layer.h"

/* What the caller sees, and what has to be given back. */
typedef struct holder {
    crl_package package; /* first */
    crl_pile pile;
} holder;

int32_t crl_find_compiled(const crl_model *m, int32_t from)
{
    for (int32_t i = from > 0 ? from : 0; i < m->subgraphs[0].n_operators; i++)
        if (!strcmp(m->subgraphs[0].operators[i].name, CRL_EDGETPU_OP)) return i;
    return -1;
}

/* ---- hints ------------------------------------------------------------------------------------ */

static const char *const base_names[] = { "an output", "an input", "the parameters", "the scratch memory" };

/* A kind of address or transfer; false after a fault. */
static bool read_base(crl_reader *r, const crl_flat_table *meta, crl_package_base *base)
{
    const int desc = crl_flat_i16(meta, CRL_FIELD_META_DESC);
    if (desc < CRL_BASE_OUTPUT || desc > CRL_BASE_SCRATCH) {
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "\"desc\" is %d, 0 to 3 are known", desc);
        return false;
    }
    *base = (crl_package_base)desc;
    return !r->flat.status;
}

/* The batch of inputs and outputs. */
static int32_t read_batch(crl_reader *r, const crl_executable *e, const crl_flat_table *meta)
{
    const int32_t batch = crl_flat_i32(meta, CRL_FIELD_META_BATCH);
    if (batch < 0 || batch >= e->batch) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "batch %d of %d", batch, e->batch);
    return batch;
}

/* The layer that a hint names, and its bytes. */
static int32_t find_layer(const crl_executable *e, const crl_hint *h, size_t *room)
{
    const crl_package_layer *layers = h->base == CRL_BASE_INPUT ? e->inputs : e->outputs;
    const int32_t n = h->base == CRL_BASE_INPUT ? e->n_inputs : e->n_outputs;
    for (int32_t i = 0; i < n; i++) {
        *room = layers[i].bytes;
        if (!strcmp(layers[i].name, h->name)) return i;
    }
    return -1;
}

static void read_transfer(crl_reader *r, const crl_executable *e, const crl_flat_table *t, crl_hint *h)
{
    const crl_flat_table meta = crl_flat_child(t, CRL_FIELD_DMA_DESCRIPTOR_HINT_META);
    if (!meta.flat) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a transfer without \"meta\"");
    if (!read_base(r, &meta, &h->base)) return;
    h->name = crl_reader_text(r, &meta, CRL_FIELD_META_NAME);
    h->batch = read_batch(r, e, &meta);
    size_t room = 0;
    switch (h->base) {
    case CRL_BASE_PARAMETERS: room = e->parameter_bytes; break;
    case CRL_BASE_SCRATCH: room = e->scratch_bytes; break;
    default:
        h->layer = find_layer(e, h, &room);
        if (h->layer < 0) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a transfer of \"%s\", which is no layer", h->name);
    }
    const int64_t offset = crl_flat_i32(t, CRL_FIELD_DMA_DESCRIPTOR_HINT_OFFSET_IN_BYTES);
    const int64_t size = crl_flat_i32(t, CRL_FIELD_DMA_DESCRIPTOR_HINT_SIZE_IN_BYTES);
    if (offset < 0 || size < 0 || (uint64_t)(offset + size) > room)
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a transfer of %lld bytes from byte %lld of %s, which has %zu", (long long)size,
                      (long long)offset, h->name && *h->name ? h->name : base_names[h->base], room);
    h->offset = (size_t)offset;
    h->size = (size_t)size;
}

static void read_hint(crl_reader *r, const crl_executable *e, const crl_flat_table *t, crl_hint *h)
{
    h->name = "";
    h->layer = -1;
    h->to_host = crl_flat_i16(t, CRL_FIELD_DMA_HINT_DIRECTION) == 1;
    const int kind = crl_flat_union(t, CRL_FIELD_DMA_HINT_ANY_HINT);
    const crl_flat_table any = crl_flat_child(t, CRL_FIELD_DMA_HINT_ANY_HINT);
    if (!any.flat) {
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a hint of kind %d, 1 to 4 are known", -kind);
        return;
    }
    switch (kind) {
    case CRL_TABLE_DMA_DESCRIPTOR_HINT:
        h->kind = CRL_HINT_TRANSFER;
        read_transfer(r, e, &any, h);
        break;
    case CRL_TABLE_INSTRUCTION_HINT:
        h->kind = CRL_HINT_CHUNK;
        h->chunk = crl_flat_i32(&any, CRL_FIELD_INSTRUCTION_HINT_INSTRUCTION_CHUNK_INDEX);
        if (h->chunk < 0 || h->chunk >= e->n_chunks)
            crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a hint of chunk %d, there are %d", h->chunk, e->n_chunks);
        break;
    case CRL_TABLE_INTERRUPT_HINT:
        h->kind = CRL_HINT_INTERRUPT;
        h->interrupt = crl_flat_i16(&any, CRL_FIELD_INTERRUPT_HINT_TYPE);
        if (h->interrupt < 0 || h->interrupt > 3)
            crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "interrupt %d, 0 to 3 are known", h->interrupt);
        break;
    default: h->kind = CRL_HINT_FENCE; break;
    }
}

static void read_hints(crl_reader *r, const crl_flat_table *executable, crl_executable *e)
{
    const crl_flat_table t = crl_flat_child(executable, CRL_FIELD_EXECUTABLE_DMA_HINTS);
    const crl_flat_vector list = crl_flat_list(&t, CRL_FIELD_DMA_HINTS_HINTS);
    crl_hint *hints = crl_reader_take(r, list.n, sizeof *hints);
    e->hints = hints;
    e->n_hints = hints ? (int32_t)list.n : 0;
    e->deterministic = crl_flat_bool(&t, CRL_FIELD_DMA_HINTS_FULLY_DETERMINISTIC);
    for (int32_t i = 0; i < e->n_hints && !r->flat.status; i++) {
        const crl_flat_table hint = crl_flat_item(&list, (uint32_t)i);
        read_hint(r, e, &hint, &hints[i]);
    }
}

/* ---- programs --------------------------------------------------------------------------------- */

static void read_relocation(crl_reader *r, const crl_executable *e, const crl_flat_table *t, size_t bytes, crl_relocation *out)
{
    const crl_flat_table meta = crl_flat_child(t, CRL_FIELD_FIELD_OFFSET_META);
    if (!meta.flat) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "an address without \"meta\"");
    if (!read_base(r, &meta, &out->base)) return;
    out->high = crl_flat_i16(&meta, CRL_FIELD_META_POSITION) == 1;
    out->batch = read_batch(r, e, &meta);
    out->name = crl_reader_text(r, &meta, CRL_FIELD_META_NAME);
    const int64_t bit = crl_flat_i32(t, CRL_FIELD_FIELD_OFFSET_OFFSET_BIT);
    if (bit < 0 || (uint64_t)bit + 32 > 8 * (uint64_t)bytes)
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "an address at bit %lld of a chunk of %zu bytes", (long long)bit, bytes);
    out->bit = (uint32_t)bit;
}

static void read_chunk(crl_reader *r, const crl_executable *e, const crl_flat_table *t, crl_chunk *c)
{
    const crl_flat_vector bytes = crl_flat_list(t, CRL_FIELD_INSTRUCTION_BITSTREAM_BITSTREAM);
    const crl_flat_vector list = crl_flat_list(t, CRL_FIELD_INSTRUCTION_BITSTREAM_FIELD_OFFSETS);
    if (!r->flat.status && (!bytes.n || bytes.n % 16))
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a chunk of %u bytes, it has to be words of 16", bytes.n);
    c->bytes = r->flat.bytes + bytes.at;
    c->size = bytes.n;
    crl_relocation *relocations = crl_reader_take(r, list.n, sizeof *relocations);
    c->relocations = relocations;
    c->n_relocations = relocations ? (int32_t)list.n : 0;
    for (int32_t i = 0; i < c->n_relocations && !r->flat.status; i++) {
        const crl_flat_table item = crl_flat_item(&list, (uint32_t)i);
        read_relocation(r, e, &item, c->size, &relocations[i]);
    }
}

static void read_chunks(crl_reader *r, const crl_flat_table *executable, crl_executable *e)
{
    const crl_flat_vector list = crl_flat_list(executable, CRL_FIELD_EXECUTABLE_INSTRUCTION_BITSTREAMS);
    crl_chunk *chunks = crl_reader_take(r, list.n, sizeof *chunks);
    e->chunks = chunks;
    e->n_chunks = chunks ? (int32_t)list.n : 0;
    if (!e->n_chunks) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "no instructions");
    for (int32_t i = 0; i < e->n_chunks && !r->flat.status; i++) {
        const crl_flat_table item = crl_flat_item(&list, (uint32_t)i);
        read_chunk(r, e, &item, &chunks[i]);
    }
}

/* ---- executables ------------------------------------------------------------------------------- */

static int32_t read_count(crl_reader *r, const crl_flat_table *t, int field)
{
    const int32_t n = crl_flat_i32(t, field);
    if (n < 0) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "\"%s\" is %d", crl_schema_fields[field].name, n);
    return n;
}

static void read_executable(crl_reader *r, const crl_flat_table *t, crl_executable *e)
{
    const int kind = crl_flat_i16(t, CRL_FIELD_EXECUTABLE_TYPE);
    if (kind < CRL_EXECUTABLE_ALONE || kind > CRL_EXECUTABLE_RUNNING)
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "an executable of type %d, 0 to 2 are known", kind);
    e->kind = (crl_executable_kind)kind;
    e->name = crl_reader_text(r, t, CRL_FIELD_EXECUTABLE_NAME);
    e->chip = crl_reader_text(r, t, CRL_FIELD_EXECUTABLE_CHIP);
    e->version = crl_flat_i32(t, CRL_FIELD_EXECUTABLE_VERSION);
    e->batch = crl_flat_i32(t, CRL_FIELD_EXECUTABLE_BATCH_SIZE);
    if (e->batch < 1) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a batch of %d", e->batch);
    e->scratch_bytes = (size_t)read_count(r, t, CRL_FIELD_EXECUTABLE_SCRATCH_SIZE_BYTES);
    e->narrow_bytes = (size_t)read_count(r, t, CRL_FIELD_EXECUTABLE_USED_NARROW_MEMORY_BYTES_PER_TILE);
    e->token = crl_flat_u64(t, CRL_FIELD_EXECUTABLE_PARAMETER_CACHING_TOKEN);
    e->cycles = crl_flat_i64(t, CRL_FIELD_EXECUTABLE_ESTIMATED_CYCLES_64BIT);
    if (!e->cycles) e->cycles = crl_flat_i32(t, CRL_FIELD_EXECUTABLE_ESTIMATED_CYCLES);
    e->parameters_in_dram = crl_flat_bool(t, CRL_FIELD_EXECUTABLE_USE_TPU_DRAM_FOR_PARAMETERS);
    const crl_flat_vector parameters = crl_flat_list(t, CRL_FIELD_EXECUTABLE_PARAMETERS);
    e->parameters = parameters.n ? r->flat.bytes + parameters.at : NULL;
    e->parameter_bytes = parameters.n;
    e->inputs = crl_package_layers_read(r, t, CRL_FIELD_EXECUTABLE_INPUT_LAYERS, &e->n_inputs);
    e->outputs = crl_package_layers_read(r, t, CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS, &e->n_outputs);
    read_chunks(r, t, e);
    read_hints(r, t, e);
}

/* The executable that the package keeps as text i of a list. */
static crl_status open_executable(const crl_flat_vector *list, uint32_t i, crl_pile *pile, crl_executable *e, crl_error *err)
{
    size_t size;
    const char *bytes = crl_flat_item_text(list, i, &size);
    if (list->flat->status) return list->flat->status;
    crl_reader r = { .flat = crl_flat_init(bytes, size, err), .pile = pile };
    const crl_flat_table t = crl_flat_root(&r.flat, CRL_TABLE_EXECUTABLE, NULL);
    if (!r.flat.status) read_executable(&r, &t, e);
    return r.flat.status ? crl_within(err, r.flat.status, "executable %u", i) : CRL_OK;
}

/* One alone, or one that caches and one that runs, in any order. */
static crl_status pair_up(crl_package *p, crl_error *err)
{
    for (int32_t i = 0; i < p->n_executables; i++) {
        const crl_executable *e = &p->executables[i];
        const crl_executable **place = e->kind == CRL_EXECUTABLE_CACHING ? &p->caching : &p->running;
        if (*place) return crl_fail(err, CRL_ERR_FORMAT, "two executables of type %d", e->kind);
        *place = e;
    }
    if (!p->running) return crl_fail(err, CRL_ERR_FORMAT, "an executable that caches parameters, and none that uses them");
    if (!p->running->n_outputs) return crl_fail(err, CRL_ERR_FORMAT, "a program without outputs");
    if (p->caching && (p->running->kind != CRL_EXECUTABLE_RUNNING || p->caching->token != p->running->token))
        return crl_fail(err, CRL_ERR_FORMAT, "the executables of type %d and %d have the tokens %016llx and %016llx: they do not belong together",
                        p->caching->kind, p->running->kind, (unsigned long long)p->caching->token, (unsigned long long)p->running->token);
    return CRL_OK;
}

static crl_status read_executables(crl_package *p, const uint8_t *bytes, size_t size, crl_pile *pile, crl_error *err)
{
    enum { MOST = 2 };
    crl_flat flat = crl_flat_init(bytes, size, err);
    const crl_flat_table t = crl_flat_root(&flat, CRL_TABLE_MULTI_EXECUTABLE, NULL);
    const crl_flat_vector list = crl_flat_list(&t, CRL_FIELD_MULTI_EXECUTABLE_SERIALIZED_EXECUTABLES);
    if (flat.status) return flat.status;
    if (list.n < 1 || list.n > MOST)
        return crl_fail(err, CRL_ERR_FORMAT, "%u executables; a package has one, or one that caches and one that runs", list.n);
    crl_executable *executables = crl_pile_array(pile, list.n, sizeof *executables);
    if (!executables) return crl_fail_memory(err, "executables");
    p->executables = executables;
    p->n_executables = (int32_t)list.n;
    for (uint32_t i = 0; i < list.n; i++) {
        const crl_status s = open_executable(&list, i, pile, &executables[i], err);
        if (s) return s;
    }
    return pair_up(p, err);
}

/* ---- the package ------------------------------------------------------------------------------- */

static crl_status read_package(crl_package *p, crl_pile *pile, crl_error *err)
{
    crl_reader r = { .flat = crl_flat_init(p->bytes, p->size, err), .pile = pile };
    const crl_flat_table t = crl_flat_root(&r.flat, CRL_TABLE_PACKAGE, "DWN1");
    p->min_runtime = crl_flat_i32(&t, CRL_FIELD_PACKAGE_MIN_RUNTIME_VERSION);
    p->compiler = crl_reader_text(&r, &t, CRL_FIELD_PACKAGE_COMPILER_VERSION);
    p->identifier = crl_reader_text(&r, &t, CRL_FIELD_PACKAGE_MODEL_IDENTIFIER);
    p->signature_bytes = crl_flat_list(&t, CRL_FIELD_PACKAGE_SIGNATURE).n;
    const int32_t chip = crl_flat_i32(&t, CRL_FIELD_PACKAGE_VIRTUAL_CHIP_ID);
    const crl_flat_vector several = crl_flat_list(&t, CRL_FIELD_PACKAGE_MULTI_CHIP_PACKAGE);
    const crl_flat_vector executables = crl_flat_list(&t, CRL_FIELD_PACKAGE_SERIALIZED_MULTI_EXECUTABLE);
    if (r.flat.status) return r.flat.status;
    if (several.n || chip < 0)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "made for several chips at once (virtual chip %d, %u packages inside)", chip, several.n);
    return read_executables(p, r.flat.bytes + executables.at, executables.n, pile, err);
}

static crl_status open_options(crl_package *p, const crl_operator *op, crl_pile *pile, crl_error *err)
{
    const crl_flex options = crl_flex_root(op->custom_options, op->custom_bytes);
    if (crl_flex_kind_of(options) != CRL_FLEX_MAP) return crl_fail(err, CRL_ERR_FORMAT, "its options are no map");
    const int64_t version = crl_flex_int(crl_flex_get(options, "1"), 0);
    if (version) return crl_fail(err, CRL_ERR_UNSUPPORTED, "options of version %lld, 0 is known", (long long)version);
    p->bytes = (const uint8_t *)crl_flex_text(crl_flex_get(options, "4"), &p->size);
    if (!p->bytes) return crl_fail(err, CRL_ERR_FORMAT, "its options have no package under \"4\"");
    const size_t more = crl_flex_count(crl_flex_get(options, "7"));
    if (more) return crl_fail(err, CRL_ERR_UNSUPPORTED, "%zu packages, for several chips; one is supported", more + 1);
    const int64_t chip = crl_flex_int(crl_flex_at(crl_flex_get(options, "6"), 0), 0);
    p->chip = chip > 0 && chip <= INT32_MAX ? (int32_t)chip : 0;
    return read_package(p, pile, err);
}

crl_status crl_package_open(crl_package **out, const crl_model *model, int32_t op, crl_error *err)
{
    *out = NULL;
    const crl_subgraph *g = &model->subgraphs[0];
    if (op < 0 || op >= g->n_operators || strcmp(g->operators[op].name, CRL_EDGETPU_OP))
        return crl_fail(err, CRL_ERR_ARGUMENT, "op %d is not " CRL_EDGETPU_OP, op);
    holder *h = crl_alloc(sizeof *h);
    if (!h) return crl_fail_memory(err, "a package");
    const crl_status s = open_options(&h->package, &g->operators[op], &h->pile, err);
    if (s) {
        crl_package_close(&h->package);
        return crl_within(err, s, "op %d " CRL_EDGETPU_OP, op);
    }
    *out = &h->package;
    return CRL_OK;
}

void crl_package_close(crl_package *package)
{
    if (!package) return;
    holder *h = (holder *)package;
    crl_pile_free(&h->pile);
    crl_free(h);
}
