/* SPDX-License-Identifier: Apache-2.0 */
/* Sides: see side.h. */
#include "engine/side.h"

/* --- rows --------------------------------------------------------------------------------------------- */

static void make_row(crl_profile_row *r, const crl_schedule *s, const crl_step *step)
{
    *r = (crl_profile_row){ .op = step->node->index, .name = step->name, .kernel = step->kernel, .output = "",
                            .why_plain = step->why_plain, .macs = step->macs, .bytes = step->weight_bytes };
    if (step->node->n_out) {
        r->output = step->node->out[0]->name;
        r->shape = step->node->out[0]->shape;
    }
    for (int32_t i = 0; i < step->n_reads; i++) {
        const crl_tensor *t = s->values[step->reads[i]].tensor;
        if (!(t->flags & CRL_TENSOR_CONST)) r->bytes += t->bytes;
    }
    for (int32_t i = 0; i < step->n_writes; i++) r->bytes += s->values[step->writes[i]].tensor->bytes;
}

static crl_status make_rows(crl_side *side, crl_error *err)
{
    int32_t n = 0;
    for (const crl_part *p = side->main->first; p; p = p->next) n += p->schedule.n_steps;
    crl_pile pile = crl_pile_beside(&side->programs.pile);
    crl_profile_row *rows = crl_pile_array(&pile, (size_t)n, sizeof *rows);
    if (!rows) return crl_fail_memory(err, "the profile");
    crl_pile_free(&side->row_pile);
    side->row_pile = pile;
    side->rows = rows;
    side->n_rows = n;
    for (const crl_part *p = side->main->first; p; p = p->next)
        for (int32_t k = 0; k < p->schedule.n_steps; k++) make_row(rows++, &p->schedule, &p->schedule.steps[k]);
    return CRL_OK;
}

/* After anything that may have made parts anew. */
static crl_status update_rows(crl_side *side, crl_error *err)
{
    if (side->rows && side->seen == side->main->changes) return CRL_OK;
    crl_status s = make_rows(side, err);
    if (!s) side->seen = side->main->changes;
    return s;
}

void crl_side_profile(crl_side *side, bool on)
{
    side->programs.profile = on;
    for (const crl_part *p = side->main ? side->main->first : NULL; on && p; p = p->next)
        for (int32_t k = 0; k < p->schedule.n_steps; k++) p->schedule.steps[k].ns = p->schedule.steps[k].runs = 0;
}

const crl_profile_row *crl_side_rows(crl_side *side, int32_t *n)
{
    crl_profile_row *r = side->rows;
    for (const crl_part *p = side->main->first; p; p = p->next)
        for (int32_t k = 0; k < p->schedule.n_steps && r < side->rows + side->n_rows; k++, r++) {
            r->ns = p->schedule.steps[k].ns;
            r->least_ns = p->schedule.steps[k].least_ns;
            r->runs = p->schedule.steps[k].runs;
        }
    *n = side->n_rows;
    return side->rows;
}

static void add_up(crl_engine_info *info, const crl_program *p)
{
    for (const crl_part *part = p ? p->first : NULL; part; part = part->next) {
        info->arena_bytes += part->schedule.arena_bytes;
        info->live_bytes += part->schedule.live_bytes;
        info->scratch_bytes += part->schedule.scratch_bytes;
        info->packed_bytes += part->schedule.packed_bytes;
        for (int32_t k = 0; k < part->schedule.n_steps; k++) info->macs += part->schedule.steps[k].macs;
    }
}

void crl_side_describe(const crl_side *side, crl_engine_info *info)
{
    add_up(info, side->main);
    for (int32_t i = 0; side->programs.of && i < side->programs.model->n_subgraphs; i++) add_up(info, side->programs.of[i]);
}

/* --- programs ----------------------------------------------------------------------------------------- */

crl_status crl_side_tell(const crl_side *side, crl_status s, const crl_error *found, crl_error *err)
{
    const crl_account *a = &side->programs.host.account;
    if (s == CRL_ERR_MEMORY && a->refused)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%.180s: at most %zu MiB are allowed", found->text, a->most >> 20);
    if (s && err) *err = *found;
    return s;
}

crl_status crl_side_make(crl_side *side, int32_t subgraph, const crl_shape *shapes, crl_binding *binding, crl_program **before,
                         crl_error *err)
{
    crl_account *account = &side->programs.host.account;
    crl_program *old = side->main;
    crl_error found;
    crl_programs_begin(&side->programs);
    account->spare = old ? account->held : 0;
    crl_status s = crl_program_new(&side->main, &side->programs, subgraph, shapes, binding, &found);
    account->spare = 0;
    side->seen = 0; /* no program has made no part */
    if (!s) s = update_rows(side, &found);
    if (s) {
        crl_program_free(side->main);
        side->main = old;
        return crl_side_tell(side, s, &found, err);
    }
    if (before) *before = old;
    return CRL_OK;
}

crl_status crl_side_run(crl_side *side, crl_error *err)
{
    crl_error found;
    crl_programs_begin(&side->programs);
    crl_status s = crl_program_run(side->main, &side->programs, &found);
    crl_status u = update_rows(side, s ? NULL : &found);
    return crl_side_tell(side, s ? s : u, &found, err);
}

void crl_side_reset(crl_side *side)
{
    if (!side->main) return;
    crl_graph_reset(&side->main->graph);
    crl_programs_reset(&side->programs);
}

crl_status crl_side_release(crl_side *side, crl_error *err)
{
    crl_program_free(side->main);
    crl_pile_free(&side->row_pile);
    crl_status s = crl_programs_release(&side->programs, err);
    *side = (crl_side){ 0 };
    return s;
}
