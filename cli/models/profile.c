/* SPDX-License-Identifier: Apache-2.0 */
/* See profile.h. */
#include "models/profile.h"

/* The least of all runs: a mean tells more of the neighbours than of the step. */
double cli_row_ms(const crl_profile_row *r)
{
    return (double)r->least_ns / 1e6;
}

/* Billions a second; 0 where there are none to count. */
double cli_row_gmacs(const crl_profile_row *r)
{
    return r->least_ns ? (double)r->macs / (double)r->least_ns : 0;
}

cli_profile_sum cli_profile_whole(crl_engine *e)
{
    int32_t n;
    const crl_profile_row *rows = crl_engine_profile_rows(e, &n);
    cli_profile_sum all = { 0, crl_engine_peak(e) / 1e9 };
    for (int32_t i = 0; i < n; i++) all.ms += cli_row_ms(&rows[i]);
    if (all.ms <= 0) all.ms = 1; /* no run, no share */
    return all;
}

json_t *cli_profile_json(crl_engine *e, cli_profile_sum all)
{
    int32_t n;
    const crl_profile_row *rows = crl_engine_profile_rows(e, &n);
    json_t *array = json_array();
    for (int32_t i = 0; i < n; i++) {
        const crl_profile_row *r = &rows[i];
        json_t *o = json_object();
        json_object_set_new(o, "op", json_integer(r->op));
        json_object_set_new(o, "name", cli_json_text(r->name));
        json_object_set_new(o, "kernel", cli_json_text(r->kernel));
        json_object_set_new(o, "output", cli_json_text(r->output));
        json_object_set_new(o, "shape", cli_json_shape(&r->shape));
        json_object_set_new(o, "ms", cli_json_real(cli_row_ms(r)));
        json_object_set_new(o, "share", cli_json_real(cli_row_ms(r) / all.ms));
        json_object_set_new(o, "macs", json_integer((json_int_t)r->macs));
        json_object_set_new(o, "gmacs_per_s", cli_json_real(cli_row_gmacs(r)));
        json_object_set_new(o, "peak_share", all.gmacs > 0 ? cli_json_real(cli_row_gmacs(r) / all.gmacs) : json_null());
        json_object_set_new(o, "bytes", json_integer((json_int_t)r->bytes));
        json_object_set_new(o, "why_plain", r->why_plain ? cli_json_text(r->why_plain) : json_null());
        json_array_append_new(array, o);
    }
    return array;
}
