/* SPDX-License-Identifier: Apache-2.0 */
/* Programs: making parts, running them, calling one another. */
#include "engine/program.h"

#include <string.h>

/* --- the basis of a part ------------------------------------------------------------------------------ */

/* A tensor of an earlier part that this one reads: its shape, where it was, and a copy of its values where an operator
 * asked for them in prepare. */
typedef struct crl_basis {
    struct crl_basis *next;
    const crl_tensor *tensor;
    crl_shape shape;
    const void *data;
    void *values; /* NULL: nobody asked */
} crl_basis;

static bool still_holds(const crl_part *part)
{
    for (const crl_basis *b = part->basis; b; b = b->next) {
        if (!crl_shape_equal(&b->shape, &b->tensor->shape)) return false;
        if (b->values && memcmp(b->values, b->tensor->data, b->tensor->bytes)) return false;
    }
    return true;
}

/* What was made elsewhere may have moved, with a port that it is a view of, or because it grew: views of it follow. */
static void follow(crl_part *part)
{
    bool moved = false;
    for (crl_basis *b = part->basis; b; b = b->next) {
        moved |= b->data != b->tensor->data;
        b->data = b->tensor->data;
    }
    if (moved) crl_schedule_settle(&part->schedule);
}

static crl_basis *find_basis(const crl_part *part, const crl_tensor *t)
{
    crl_basis *b = part->basis;
    while (b && b->tensor != t) b = b->next;
    return b;
}

static crl_status note_values(crl_part *part, crl_basis *b, crl_error *err)
{
    const size_t bytes = b->tensor->bytes;
    b->values = crl_pile_alloc(&part->schedule.pile, bytes);
    if (!b->values) return crl_fail(err, CRL_ERR_MEMORY, "no memory for a copy of %zu bytes", bytes);
    if (bytes) memcpy(b->values, b->tensor->data, bytes);
    return CRL_OK;
}

/* `seen` has an element for each tensor of the graph. */
static crl_status note_basis(crl_part *part, bool *seen, crl_error *err)
{
    const crl_schedule *s = &part->schedule;
    const crl_graph *g = s->graph;
    for (int32_t k = s->part.from; k < s->part.to; k++) {
        const crl_operator *op = g->nodes[k].def;
        for (int32_t i = 0; i < op->n_inputs; i++) {
            const int32_t index = op->inputs[i];
            if (index < 0 || g->def->tensors[index].data || crl_graph_within(g, index, s->part)) continue;
            if (!seen[index]) {
                const crl_tensor *t = &g->tensors[index];
                crl_basis *b = crl_pile_alloc(&part->schedule.pile, sizeof *b);
                if (!b) return crl_fail_memory(err, "the schedule");
                *b = (crl_basis){ .next = part->basis, .tensor = t, .shape = t->shape, .data = t->data };
                part->basis = b;
                seen[index] = true;
            }
            if (i >= 64 || !(g->asked[k] >> i & 1)) continue;
            crl_basis *b = find_basis(part, &g->tensors[index]);
            crl_status st = b->values ? CRL_OK : note_values(part, b, err);
            if (st) return st;
        }
    }
    return CRL_OK;
}

/* --- parts -------------------------------------------------------------------------------------------- */

static void free_parts(crl_program *p, crl_part **from)
{
    for (crl_part *part = *from, *next; part; part = next) {
        next = part->next;
        crl_schedule_release(&part->schedule);
        crl_free(part);
        p->n_parts--;
        p->changes++;
    }
    *from = NULL;
}

/* Of making a part: all tensors and operators are looked at several times, also those of other parts. */
static uint64_t overhead(const crl_graph *g)
{
    enum { ITEM = 100 };
    return ITEM * ((uint64_t)g->def->n_tensors + (uint64_t)g->def->n_operators);
}

/* Notes whose fault it is. */
static crl_status blame(crl_programs *all, int32_t owner, crl_status s)
{
    if (s && all->fault < 0) all->fault = owner;
    return s;
}

static crl_status claim_one(const crl_node *node, crl_programs *all, int32_t *owner, crl_error *err)
{
    bool taken = false;
    for (*owner = 0; *owner < all->n_owners; ++*owner) {
        const crl_owner *o = &all->owners[*owner];
        crl_status s = blame(all, *owner, o->backend->claim(o->state, node, &taken, err));
        if (s || taken) return s;
    }
    return crl_op_unknown(node->def, err);
}

/* Makes the segments. What is folded already joins its neighbours. */
static crl_status claim(crl_program *p, crl_part *part, crl_programs *all, crl_error *err)
{
    crl_pile pile = crl_pile_beside(&p->graph.pile);
    int32_t *owner = crl_pile_array(&pile, (size_t)p->graph.n_nodes, sizeof *owner);
    if (!owner) return crl_fail_memory(err, "the schedule");
    crl_schedule *schedule = &part->schedule;
    crl_status s = CRL_OK;
    for (int32_t k = schedule->part.from; !s && k < schedule->part.to; k++) {
        const crl_node *node = &p->graph.nodes[k];
        owner[k] = -1;
        if (!node->folded) s = claim_one(node, all, &owner[k], err);
        if (s) s = crl_within(err, s, "op %d %s", k, node->def->name);
    }
    if (!s) s = crl_schedule_divide(schedule, owner, err);
    crl_pile_free(&pile);
    if (!s && schedule->segments->owner < 0) schedule->segments->owner = all->n_owners - 1; /* there is nothing to do */
    return s;
}

static crl_status lower(crl_schedule *schedule, crl_programs *all, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < schedule->n_segments; i++) {
        crl_schedule_segment *g = &schedule->segments[i];
        const crl_owner *o = &all->owners[g->owner];
        crl_schedule_begin_segment(schedule, g);
        s = blame(all, g->owner, o->backend->lower(o->state, schedule, &all->options, err));
        crl_schedule_end_segment(schedule, g);
    }
    return s;
}

static crl_status run_part(crl_part *part, crl_programs *all, crl_error *err)
{
    crl_schedule *schedule = &part->schedule;
    crl_work work = crl_schedule_work(schedule, all->pool);
    crl_status s = CRL_OK;
    schedule->profile = all->profile;
    for (int32_t i = 0; !s && i < schedule->n_segments; i++) {
        const crl_schedule_segment *g = &schedule->segments[i];
        const crl_owner *o = &all->owners[g->owner];
        s = blame(all, g->owner, o->backend->run(o->state, schedule, g, &work, err));
    }
    return s;
}

static crl_status fill_part(crl_program *p, crl_part *part, crl_programs *all, crl_span span, crl_error *err)
{
    crl_status s = crl_host_spend(p->graph.host, overhead(&p->graph), err);
    if (!s) s = crl_graph_prepare(&p->graph, &span, err);
    if (!s) s = crl_schedule_init(&part->schedule, &p->graph, span, err);
    if (!s && all->options.keep) crl_schedule_keep(&part->schedule);
    if (!s) s = claim(p, part, all, err);
    if (!s) s = lower(&part->schedule, all, err);
    if (!s) s = crl_schedule_afford(&part->schedule, err);
    if (!s && span.first && p->binding) s = crl_binding_attach(p->binding, &p->ends, &part->schedule, err);
    if (!s) s = crl_schedule_allocate(&part->schedule, err);
    if (s || span.first) return s;
    crl_pile pile = crl_pile_beside(&p->graph.pile);
    bool *seen = crl_pile_array(&pile, (size_t)p->graph.def->n_tensors, sizeof *seen);
    if (!seen) return crl_fail_memory(err, "the schedule");
    s = note_basis(part, seen, err);
    crl_pile_free(&pile);
    return s;
}

/* Parts remember all tensors: too many of both would need more memory than a model can ask for. */
static crl_status check_number(const crl_program *p, crl_error *err)
{
    const int64_t most = 1 << 22;
    if (!p->n_parts || (int64_t)(p->n_parts + 1) * p->graph.def->n_tensors <= most) return CRL_OK;
    return crl_fail(err, CRL_ERR_UNSUPPORTED,
                    "shapes that are known only while running divide the model into more than %d parts, which is too many",
                    p->n_parts);
}

/* Makes the part that begins with operator `from`; `*at` is where it hangs. */
static crl_status make_part(crl_program *p, crl_part **at, crl_programs *all, int32_t from, crl_error *err)
{
    crl_status s = check_number(p, err);
    crl_part *part = s ? NULL : crl_alloc(sizeof *part);
    if (!part) return s ? s : crl_fail_memory(err, "the schedule");
    *at = part;
    p->n_parts++;
    p->changes++;
    const crl_span span = { .first = part == p->first, .from = from };
    if (!span.first) crl_graph_forget(&p->graph, from);
    s = fill_part(p, part, all, span, err);
    if (s) free_parts(p, at);
    return s;
}

static crl_status run_parts(crl_program *p, crl_programs *all, crl_error *err)
{
    crl_part **at = &p->first;
    for (int32_t from = 0;; from = (*at)->schedule.part.to, at = &(*at)->next) {
        if (*at && !still_holds(*at)) free_parts(p, at);
        crl_status s = *at ? CRL_OK : make_part(p, at, all, from, err);
        if (s) return s;
        follow(*at);
        s = run_part(*at, all, err);
        if (s || (*at)->schedule.part.to == p->graph.n_nodes) return s;
    }
}

crl_status crl_program_run(crl_program *p, crl_programs *all, crl_error *err)
{
    if (!p->binding) return run_parts(p, all, err);
    crl_status s = crl_binding_begin(p->binding, &p->ends, &p->first->schedule, err);
    if (!s) s = run_parts(p, all, err);
    return s ? s : crl_binding_end(p->binding, &p->ends, &p->graph, err);
}

/* --- programs ----------------------------------------------------------------------------------------- */

static crl_status list_ends(crl_program *p, crl_error *err)
{
    const crl_subgraph *def = p->graph.def;
    p->in = crl_pile_array(&p->graph.pile, (size_t)def->n_inputs, sizeof *p->in);
    p->out = crl_pile_array(&p->graph.pile, (size_t)def->n_outputs, sizeof *p->out);
    p->args = crl_pile_array(&p->graph.pile, (size_t)def->n_inputs, sizeof *p->args);
    crl_pile pile = crl_pile_beside(&p->graph.pile);
    p->port = crl_pile_array(&p->graph.pile, (size_t)def->n_inputs, sizeof *p->port);
    int32_t *filled = crl_pile_array(&pile, (size_t)def->n_tensors, sizeof *filled); /* by which input, and 1 */
    if (!p->in || !p->out || !p->args || !p->port || !filled) {
        crl_pile_free(&pile);
        return crl_fail_memory(err, "the graph");
    }
    for (int32_t i = 0; i < def->n_inputs; i++) p->in[i] = &p->graph.tensors[def->inputs[i]];
    for (int32_t i = 0; i < def->n_outputs; i++) p->out[i] = &p->graph.tensors[def->outputs[i]];
    for (int32_t i = def->n_inputs - 1; i >= 0; i--) {
        p->args[i] = filled[def->inputs[i]] ? NULL : p->in[i];
        if (!filled[def->inputs[i]]) filled[def->inputs[i]] = i + 1;
        p->port[i] = filled[def->inputs[i]] - 1;
    }
    crl_pile_free(&pile);
    return CRL_OK;
}

crl_status crl_program_new(crl_program **out, crl_programs *all, int32_t subgraph, const crl_shape *shapes,
                           crl_binding *binding, crl_error *err)
{
    *out = NULL;
    crl_program *p = crl_alloc(sizeof *p);
    if (!p) return crl_fail_memory(err, "a program");
    p->binding = binding;
    crl_status s = crl_graph_build(&p->graph, all->model, subgraph, shapes, all->options.chip, &all->host, err);
    if (!s) s = list_ends(p, err);
    if (!s) s = make_part(p, &p->first, all, 0, err);
    if (s)
        crl_program_free(p);
    else
        *out = p;
    return s;
}

void crl_program_free(crl_program *p)
{
    if (!p) return;
    free_parts(p, &p->first);
    crl_graph_release(&p->graph);
    crl_free(p);
}

/* --- what operators ask for --------------------------------------------------------------------------- */

/* A limit for loops that never end and for small files that ask for an endless number of calls. Preparing a subgraph
 * takes the time of many calls. */
enum { CALL = 1, BINDING = 64, MOST_EFFORT = 1 << 20 };

static crl_status spend(crl_programs *all, uint64_t effort, crl_error *err)
{
    all->effort += effort;
    if (all->effort <= MOST_EFFORT) return CRL_OK;
    return crl_fail(err, CRL_ERR_UNSUPPORTED,
                    "the model's subgraphs have called one another %d times without coming to an end, more is not allowed",
                    MOST_EFFORT);
}

static crl_status check_args(const crl_subgraph *def, int32_t subgraph, crl_tensor *const *args, int32_t n, crl_error *err)
{
    if (n != def->n_inputs)
        return crl_fail(err, CRL_ERR_FORMAT, "subgraph %d takes %d inputs, it is called with %d", subgraph, def->n_inputs, n);
    for (int32_t i = 0; i < n; i++) {
        const crl_tensor_def *d = &def->tensors[def->inputs[i]];
        if (!args[i]) return crl_fail(err, CRL_ERR_FORMAT, "input %d of subgraph %d is left out", i, subgraph);
        if (args[i]->type != d->type)
            return crl_fail(err, CRL_ERR_FORMAT, "input %d of subgraph %d is %s, it is called with %s", i, subgraph,
                            crl_type_name(d->type), crl_type_name(args[i]->type));
        if (d->type != CRL_RESOURCE && !crl_type_bytes(d->type))
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "input %d of subgraph %d is %s, which cannot be passed on", i, subgraph,
                            crl_type_name(d->type));
    }
    return CRL_OK;
}

/* Of arguments that go to one tensor the last one counts, as in the reference. */
static bool fits(const crl_program *p, crl_tensor *const *args)
{
    for (int32_t i = 0; p && i < p->graph.def->n_inputs; i++)
        if (p->args[i] && !crl_shape_equal(&args[i]->shape, &p->args[i]->shape)) return false;
    return p;
}

static crl_status make_for(crl_programs *all, int32_t subgraph, crl_tensor *const *args, int32_t n, crl_error *err)
{
    crl_pile pile = crl_pile_beside(&all->pile);
    crl_shape *shapes = crl_pile_array(&pile, (size_t)n, sizeof *shapes);
    if (!shapes) return crl_fail_memory(err, "the shapes of a call");
    for (int32_t i = 0; i < n; i++) shapes[i] = args[i]->shape;
    crl_program_free(all->of[subgraph]);
    all->of[subgraph] = NULL;
    crl_program *p;
    crl_status s = spend(all, BINDING, err);
    if (!s) s = crl_program_new(&p, all, subgraph, shapes, NULL, err);
    if (!s) all->of[subgraph] = p;
    crl_pile_free(&pile);
    return s ? crl_within(err, s, "subgraph %d", subgraph) : CRL_OK;
}

static crl_status bind(crl_host *host, int32_t subgraph, crl_tensor *const *args, int32_t n, crl_callee *callee,
                       crl_error *err)
{
    crl_programs *all = (crl_programs *)host;
    if (subgraph < 0 || subgraph >= all->model->n_subgraphs)
        return crl_fail(err, CRL_ERR_FORMAT, "subgraph %d: the model has %d", subgraph, all->model->n_subgraphs);
    crl_status s = check_args(&all->model->subgraphs[subgraph], subgraph, args, n, err);
    if (s) return s;
    if (all->busy[subgraph])
        return crl_fail(err, CRL_ERR_FORMAT, "subgraph %d calls itself, or one that calls it", subgraph);
    if (!fits(all->of[subgraph], args)) {
        all->busy[subgraph] = true; /* preparing it asks for the subgraphs that it calls */
        s = make_for(all, subgraph, args, n, err);
        all->busy[subgraph] = false;
        if (s) return s;
    }
    const crl_program *p = all->of[subgraph];
    *callee = (crl_callee){ p->args, p->graph.def->n_inputs, p->out, p->graph.def->n_outputs };
    return CRL_OK;
}

/* Arguments and results are copied. */
static uint64_t call_work(const crl_program *p)
{
    enum { COPIED = 4, STEP = 500 }; /* bytes in a unit, units */
    uint64_t bytes = 0;
    for (int32_t i = 0; i < p->graph.def->n_inputs; i++) bytes += p->in[i]->bytes;
    for (int32_t i = 0; i < p->graph.def->n_outputs; i++) bytes += p->out[i]->bytes;
    return STEP + bytes / COPIED;
}

static crl_status call(crl_host *host, int32_t subgraph, crl_error *err)
{
    crl_programs *all = (crl_programs *)host;
    crl_status s = spend(all, CALL, err);
    if (!s) s = crl_host_spend(host, call_work(all->of[subgraph]), err);
    if (s) return s;
    all->busy[subgraph] = true;
    s = crl_program_run(all->of[subgraph], all, err);
    all->busy[subgraph] = false;
    return s ? crl_within(err, s, "subgraph %d", subgraph) : CRL_OK;
}

static crl_status variable(crl_host *host, const char *container, const char *name, int32_t *id, crl_error *err)
{
    return crl_variables_find(&((crl_programs *)host)->variables, container, name, id, err);
}

static crl_status assign(crl_host *host, int32_t id, const crl_tensor *value, crl_error *err)
{
    return crl_variables_assign(&((crl_programs *)host)->variables, host, id, value, err);
}

static crl_status read(crl_host *host, int32_t id, const crl_tensor **value, crl_error *err)
{
    return crl_variables_read(&((crl_programs *)host)->variables, id, value, err);
}

static const crl_op_type *find(crl_host *host, const crl_operator *def)
{
    const crl_programs *all = (const crl_programs *)host;
    const crl_op_type *type = NULL;
    for (int32_t i = 0; !type && i < all->n_owners; i++)
        if (all->owners[i].backend->find) type = all->owners[i].backend->find(all->owners[i].state, def);
    return type;
}

static bool *called_once(crl_host *host, int32_t subgraph)
{
    return &((crl_programs *)host)->called_once[subgraph];
}

static const crl_subgraph *look(crl_host *host, int32_t subgraph)
{
    const crl_model *model = ((crl_programs *)host)->model;
    return subgraph < 0 || subgraph >= model->n_subgraphs ? NULL : &model->subgraphs[subgraph];
}

/* --- all of them -------------------------------------------------------------------------------------- */

/* A large model may work long; a small file that does is either broken or made to harm. Each byte beyond what structure
 * needs, which may be a weight, buys as many multiplications as a picture of 724 x 724 has pixels. */
static uint64_t usual_limit(const crl_model *model)
{
    const uint64_t least = UINT64_C(2000000000), of_byte = 1 << 19, structure = 1 << 14;
    const uint64_t most = (uint64_t)1 << 40, size = model->size < most ? model->size : most;
    return size > structure ? least + of_byte * (size - structure) : least;
}

static crl_status open_backends(crl_programs *all, const crl_backend *const *backends, crl_error *err)
{
    int32_t n = 0;
    while (backends[n]) n++;
    all->owners = crl_pile_array(&all->pile, (size_t)n, sizeof *all->owners);
    if (!all->owners) return crl_fail_memory(err, "the programs");
    for (int32_t i = 0; i < n; i++) {
        crl_owner *o = &all->owners[i];
        crl_status s = backends[i]->open ? blame(all, i, backends[i]->open(backends[i], &all->options, &o->state, err)) : CRL_OK;
        if (s) return s;
        o->backend = backends[i];
        all->n_owners++;
    }
    return CRL_OK;
}

crl_status crl_programs_init(crl_programs *all, const crl_model *model, const crl_backend *const *backends,
                             const crl_backend_options *options, crl_pool *pool, size_t most, crl_error *err)
{
    *all = (crl_programs){ .host = { bind, call, variable, assign, read, called_once, look, find, 0, { .most = most } },
                           .model = model, .fault = -1, .options = *options, .pool = pool };
    all->pile.account = &all->host.account;
    crl_variables_init(&all->variables, &all->host);
    all->host.work_limit = options->work_limit ? options->work_limit : usual_limit(model);
    const size_t n = (size_t)model->n_subgraphs;
    all->of = crl_pile_array(&all->pile, n, sizeof *all->of);
    all->busy = crl_pile_array(&all->pile, n, sizeof *all->busy);
    all->called_once = crl_pile_array(&all->pile, n, sizeof *all->called_once);
    if (!all->of || !all->busy || !all->called_once) return crl_fail_memory(err, "the programs");
    return open_backends(all, backends, err);
}

crl_status crl_programs_release(crl_programs *all, crl_error *err)
{
    for (int32_t i = 0; all->of && i < all->model->n_subgraphs; i++) crl_program_free(all->of[i]);
    crl_status s = CRL_OK;
    while (all->n_owners) {
        const crl_owner *o = &all->owners[--all->n_owners];
        crl_status closed = o->backend->close ? o->backend->close(o->state, s ? NULL : err) : CRL_OK;
        if (!s) s = closed;
    }
    crl_variables_release(&all->variables, &all->host);
    crl_pile_free(&all->pile);
    *all = (crl_programs){ 0 };
    return s;
}

void crl_programs_reset(crl_programs *all)
{
    all->host.resets++;
    for (int32_t i = 0; i < all->model->n_subgraphs; i++)
        if (all->of[i]) crl_graph_reset(&all->of[i]->graph);
}

void crl_programs_begin(crl_programs *all)
{
    all->host.spent = 0;
    all->effort = 0;
    all->fault = -1;
    all->host.account.refused = false;
}
