/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: building, planning, running. */
#include "graph/schedule.h"

#include <string.h>
#include <time.h>

#include "graph/plan.h"
#include "ops/work.h"

/* Room for one more element in a list that lives in the schedule's pile. The old list stays there until
 * the end: lists grow by doubling, so that is at most as much again. */
static bool grow(crl_schedule *s, void **list, int32_t n, int32_t *cap, size_t size)
{
    if (n < *cap) return true;
    const int32_t wanted = *cap ? *cap * 2 : 64;
    void *bigger = crl_pile_array(&s->pile, (size_t)wanted, size);
    if (!bigger) return false;
    if (n) memcpy(bigger, *list, (size_t)n * size);
    *list = bigger;
    *cap = wanted;
    return true;
}

static int32_t add_value(crl_schedule *s, crl_tensor *t)
{
    void *list = s->values;
    if (!grow(s, &list, s->n_values, &s->cap_values, sizeof *s->values)) return -1;
    s->values = list;
    s->values[s->n_values] = (crl_value){ .tensor = t, .base = -1 };
    return s->n_values++;
}

static void keep(crl_schedule *s, const int32_t *tensors, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (tensors[i] >= 0 && crl_graph_within(s->graph, tensors[i], s->part)) s->last_use[tensors[i]] = CRL_KEPT;
}

crl_status crl_schedule_init(crl_schedule *s, crl_graph *graph, crl_span part, crl_error *err)
{
    *s = (crl_schedule){ .graph = graph, .part = part, .span = part, .macs_at_once = 1, .pile = crl_pile_beside(&graph->pile) };
    const crl_subgraph *def = graph->def;
    s->last_use = crl_pile_array(&s->pile, (size_t)def->n_tensors, sizeof *s->last_use);
    if (!s->last_use) return crl_fail_memory(err, "the schedule");
    for (int32_t i = 0; i < def->n_tensors; i++) s->last_use[i] = -1;
    for (int32_t k = part.from; k < part.to; k++) {
        const crl_operator *op = &def->operators[k];
        for (int32_t i = 0; i < op->n_inputs; i++)
            if (op->inputs[i] >= 0) s->last_use[op->inputs[i]] = k;
    }
    keep(s, def->outputs, def->n_outputs);
    for (int32_t k = part.to; k < def->n_operators; k++) keep(s, def->operators[k].inputs, def->operators[k].n_inputs);
    for (int32_t i = 0; i < def->n_tensors; i++)
        if (add_value(s, &graph->tensors[i]) < 0) return crl_fail_memory(err, "the schedule");
    return CRL_OK;
}

void crl_schedule_keep(crl_schedule *s)
{
    const crl_graph *g = s->graph;
    for (int32_t i = 0; i < g->def->n_tensors; i++)
        if (crl_graph_within(g, i, s->part) && !(g->tensors[i].flags & CRL_TENSOR_CONST)) s->last_use[i] = CRL_KEPT;
}

crl_status crl_schedule_divide(crl_schedule *s, const int32_t *owner, crl_error *err)
{
    int32_t n = 1;
    for (int32_t k = s->part.from, last = -1; k < s->part.to; k++) {
        if (owner[k] < 0) continue;
        n += last >= 0 && owner[k] != last;
        last = owner[k];
    }
    s->segments = crl_pile_array(&s->pile, (size_t)n, sizeof *s->segments);
    if (!s->segments) return crl_fail_memory(err, "the schedule");
    crl_schedule_segment *g = s->segments;
    *g = (crl_schedule_segment){ .owner = -1, .from = s->part.from, .to = s->part.to };
    for (int32_t k = s->part.from; k < s->part.to; k++) {
        if (owner[k] < 0 || owner[k] == g->owner) continue;
        if (g->owner >= 0) {
            g->to = k;
            *++g = (crl_schedule_segment){ .from = k, .to = s->part.to };
        }
        g->owner = owner[k];
    }
    s->n_segments = n;
    return CRL_OK;
}

void crl_schedule_begin_segment(crl_schedule *s, crl_schedule_segment *g)
{
    s->span = (crl_span){ .first = s->part.first && g == s->segments, .from = g->from, .to = g->to };
    g->first_step = s->n_steps;
}

void crl_schedule_end_segment(crl_schedule *s, crl_schedule_segment *g)
{
    g->n_steps = s->n_steps - g->first_step;
    s->span = s->part;
}

struct crl_owned {
    struct crl_owned *next;
    void *object;
    void (*free_object)(void *);
};

crl_status crl_schedule_own(crl_schedule *s, void *object, void (*free_object)(void *), crl_error *err)
{
    struct crl_owned *o = crl_pile_alloc(&s->pile, sizeof *o);
    if (!o) {
        free_object(object);
        return crl_fail_memory(err, "the schedule");
    }
    *o = (struct crl_owned){ s->owned, object, free_object };
    s->owned = o;
    return CRL_OK;
}

void crl_schedule_release(crl_schedule *s)
{
    for (struct crl_owned *o = s->owned; o; o = o->next) o->free_object(o->object);
    if (s->graph) crl_host_drop(s->graph->host, s->held);
    crl_pages_free(s->arena);
    crl_pile_free(&s->pile);
    *s = (crl_schedule){ 0 };
}

int32_t crl_schedule_add_value(crl_schedule *s, const crl_tensor *t, crl_error *err)
{
    crl_tensor *copy = crl_pile_alloc(&s->pile, sizeof *copy);
    if (copy) *copy = *t;
    const int32_t i = copy ? add_value(s, copy) : -1;
    if (i < 0) crl_fail_memory(err, "the schedule");
    return i;
}

crl_step *crl_schedule_add_step(crl_schedule *s, const crl_node *node, crl_error *err)
{
    void *list = s->steps;
    if (!grow(s, &list, s->n_steps, &s->cap_steps, sizeof *s->steps)) {
        crl_fail_memory(err, "the schedule");
        return NULL;
    }
    s->steps = list;
    s->steps[s->n_steps] = (crl_step){ .node = node, .name = node->def->name };
    return &s->steps[s->n_steps++];
}

static const int32_t *copy_list(crl_schedule *s, const int32_t *from, int32_t *n)
{
    int32_t *list = crl_pile_array(&s->pile, (size_t)*n, sizeof *list);
    if (!list) return NULL;
    int32_t kept = 0;
    for (int32_t i = 0; i < *n; i++)
        if (from[i] >= 0) list[kept++] = from[i];
    *n = kept;
    return list;
}

crl_status crl_step_touches(crl_schedule *s, crl_step *step, const int32_t *reads, int32_t n_reads,
                            const int32_t *writes, int32_t n_writes, crl_error *err)
{
    step->reads = copy_list(s, reads, &n_reads);
    step->writes = copy_list(s, writes, &n_writes);
    if (!step->reads || !step->writes) return crl_fail_memory(err, "the schedule");
    step->n_reads = n_reads;
    step->n_writes = n_writes;
    return CRL_OK;
}

static crl_status run_invoke(const crl_step *step, crl_work *work, crl_error *err)
{
    return step->node->type->invoke(step->node, work, err);
}

crl_status crl_schedule_add_invoke(crl_schedule *s, const crl_node *node, crl_error *err)
{
    crl_step *step = crl_schedule_add_step(s, node, err);
    if (!step) return CRL_ERR_MEMORY;
    step->run = run_invoke;
    step->kernel = "ref";
    step->scratch_bytes = node->scratch_bytes;
    step->macs = node->macs;
    for (int32_t i = 0; i < node->n_in; i++)
        if (node->in[i] && (node->in[i]->flags & CRL_TENSOR_CONST)) step->weight_bytes += node->in[i]->bytes;
    return crl_step_touches(s, step, node->def->inputs, node->n_in, node->def->outputs, node->n_out, err);
}

/* The value that holds the storage, and where in it. What is found is noted on the way, so that long chains of views are
 * walked once. */
static int32_t storage(const crl_schedule *s, int32_t value, size_t *offset)
{
    crl_value *v = s->values;
    int32_t root = value;
    *offset = 0;
    for (; v[root].base >= 0; root = v[root].base) *offset += v[root].offset;
    for (size_t rest = *offset; v[value].base >= 0;) {
        const crl_value here = v[value];
        v[value].base = root;
        v[value].offset = rest;
        rest -= here.offset;
        value = here.base;
    }
    return root;
}

static void use(const crl_schedule *s, crl_plan_block *blocks, int32_t value, int32_t step)
{
    size_t offset;
    crl_plan_block *b = &blocks[storage(s, value, &offset)];
    if (b->first < 0 || step < b->first) b->first = step;
    if (step > b->last) b->last = step;
}

static void note_lives(const crl_schedule *s, crl_plan_block *blocks)
{
    const crl_subgraph *def = s->graph->def;
    for (int32_t i = 0; i < s->n_values; i++) blocks[i] = (crl_plan_block){ .first = -1, .last = -1 };
    for (int32_t i = 0; s->part.first && i < def->n_inputs; i++) use(s, blocks, def->inputs[i], 0);
    for (int32_t k = 0; k < s->n_steps; k++) {
        const crl_step *step = &s->steps[k];
        for (int32_t i = 0; i < step->n_reads; i++) use(s, blocks, step->reads[i], k);
        for (int32_t i = 0; i < step->n_writes; i++) use(s, blocks, step->writes[i], k);
    }
    for (int32_t i = 0; i < def->n_tensors; i++)
        if (s->last_use[i] == CRL_KEPT) use(s, blocks, i, s->n_steps);
}

/* A place in the arena for what this part makes; constants and tensors of other parts have one already. */
static crl_status plan_values(crl_schedule *s, crl_plan_block *blocks, crl_error *err)
{
    note_lives(s, blocks);
    for (int32_t i = 0; i < s->n_values; i++) {
        crl_tensor *t = s->values[i].tensor;
        if (s->values[i].base >= 0 || blocks[i].first < 0 || t->flags & CRL_TENSOR_CONST) continue;
        if (t->flags & CRL_TENSOR_VARIABLE) {
            crl_status st = crl_graph_allocate_variable(s->graph, t, err);
            if (st) return st;
        } else if (!s->values[i].outside && (i >= s->graph->def->n_tensors || crl_graph_within(s->graph, i, s->part)))
            blocks[i].bytes = t->bytes;
    }
    return crl_plan(blocks, s->n_values, &s->arena_bytes, &s->live_bytes, err);
}

static crl_status allocate_arena(crl_schedule *s, crl_error *err)
{
    for (int32_t k = 0; k < s->n_steps; k++)
        if (s->steps[k].scratch_bytes > s->scratch_bytes) s->scratch_bytes = s->steps[k].scratch_bytes;
    size_t whole;
    if (!crl_size_add(s->arena_bytes, s->scratch_bytes, &whole)) whole = SIZE_MAX;
    const size_t taken = crl_pages_bytes(whole);
    crl_status st = crl_host_hold(s->graph->host, taken,
                                  s->scratch_bytes > s->arena_bytes ? "the operators' scratch buffers" : "the activations", err);
    if (st) return st;
    s->held = taken;
    s->arena = crl_pages_new(whole);
    return s->arena ? CRL_OK : crl_fail(err, CRL_ERR_MEMORY, "no memory for an arena of %zu bytes", whole);
}

/* Invoke gives it its memory. */
static bool comes_late(const crl_schedule *s, int32_t value)
{
    if (value >= s->graph->def->n_tensors || s->graph->writer[value] < 0) return false;
    return s->graph->nodes[s->graph->writer[value]].late;
}

int32_t crl_schedule_storage(const crl_schedule *s, int32_t index)
{
    size_t offset;
    const int32_t value = storage(s, index, &offset);
    const crl_tensor *t = s->values[value].tensor;
    if (offset || t->bytes != s->values[index].tensor->bytes || t->flags & (CRL_TENSOR_CONST | CRL_TENSOR_VARIABLE)) return -1;
    if (value >= s->graph->def->n_tensors) return value;
    return crl_graph_within(s->graph, value, s->part) && !comes_late(s, value) ? value : -1;
}

void crl_schedule_place(crl_schedule *s, int32_t value, void *data)
{
    s->values[value].outside = true;
    s->values[value].tensor->data = data;
}

void crl_schedule_settle(crl_schedule *s)
{
    for (int32_t i = 0; i < s->n_values; i++) {
        if (s->values[i].base < 0) continue;
        size_t offset;
        const int32_t base = storage(s, i, &offset);
        s->values[i].tensor->data = (uint8_t *)s->values[base].tensor->data + offset;
    }
}

static void set_data(crl_schedule *s, const crl_plan_block *blocks)
{
    for (int32_t i = 0; i < s->n_values; i++)
        if (blocks[i].bytes) s->values[i].tensor->data = s->arena + blocks[i].offset;
    /* A tensor of no bytes gets an address, so that nobody has to ask. */
    for (int32_t i = 0; i < s->n_values; i++)
        if (s->values[i].base < 0 && !s->values[i].tensor->data && blocks[i].first >= 0 && !comes_late(s, i))
            s->values[i].tensor->data = s->arena;
    crl_schedule_settle(s);
}

/* The price of a step, when lowering has said all there is to say about it. */
static void price(const crl_schedule *s, crl_step *step)
{
    const uint64_t most = UINT64_MAX / 2, work = step->run == run_invoke
                                                     ? crl_node_work(step->node)
                                                     : crl_node_work_fast(step->node, step->macs, s->macs_at_once);
    step->work = (work < most ? work : most) + (step->more_work < most ? step->more_work : most);
}

static crl_status pay(const crl_schedule *s, const crl_step *step, crl_error *err)
{
    crl_status st = crl_host_spend(s->graph->host, step->work, err);
    return st ? crl_within(err, st, "op %d %s", step->node->index, step->node->def->name) : CRL_OK;
}

crl_status crl_schedule_afford(crl_schedule *s, crl_error *err)
{
    crl_host *host = s->graph->host;
    if (!host) return CRL_OK;
    const uint64_t before = host->spent;
    crl_status st = CRL_OK;
    host->spent = 0;
    for (int32_t k = 0; !st && k < s->n_steps; k++) {
        price(s, &s->steps[k]);
        st = pay(s, &s->steps[k], err);
    }
    host->spent = before;
    return st;
}

crl_status crl_schedule_allocate(crl_schedule *s, crl_error *err)
{
    crl_pile pile = crl_pile_beside(&s->pile);
    crl_plan_block *blocks = crl_pile_array(&pile, (size_t)s->n_values, sizeof *blocks);
    if (!blocks) return crl_fail_memory(err, "the memory plan");
    crl_status st = plan_values(s, blocks, err);
    if (!st) st = allocate_arena(s, err);
    if (!st) set_data(s, blocks);
    crl_pile_free(&pile);
    return st;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

crl_work crl_schedule_work(const crl_schedule *s, crl_pool *pool)
{
    return (crl_work){ .pool = pool, .scratch = s->arena + s->arena_bytes };
}

crl_status crl_schedule_run_steps(crl_schedule *s, int32_t first, int32_t n, crl_work *work, crl_error *err)
{
    crl_error unread;
    if (!err) err = &unread;
    for (int32_t k = first; k < first + n; k++) {
        crl_step *step = &s->steps[k];
        crl_status st = pay(s, step, err);
        if (st) return st;
        const uint64_t start = s->profile ? now_ns() : 0;
        st = step->run(step, work, err);
        if (s->profile) {
            const uint64_t ns = now_ns() - start;
            step->ns += ns;
            if (step->runs == 0 || ns < step->least_ns) step->least_ns = ns;
            step->runs++;
        }
        if (st) return crl_within(err, st, "op %d %s", step->node->index, step->node->def->name);
    }
    return CRL_OK;
}
