/* SPDX-License-Identifier: Apache-2.0 */
/* corallite bench: how long a model takes to open, to prepare and to run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "io/json.h"
#include "models/model.h"
#include "models/profile.h"
#include "io/say.h"

typedef struct bench_settings {
    cli_common_settings common;
    cli_engine_settings engine;
    cli_list models; /* one */
    int warmup, runs;
    bool profile;
} bench_settings;

static const cli_option options[] = {
    { "warmup", 0, CLI_INT, offsetof(bench_settings, warmup), "N", "runs before the clock counts, besides the first",
      .preset = "2", .max = 100000 },
    { "runs", 'r', CLI_INT, offsetof(bench_settings, runs), "N", "runs that are timed", .preset = "20", .min = 1,
      .max = 100000 },
    { "profile", 'p', CLI_FLAG, offsetof(bench_settings, profile), NULL, "also the time of each operator" },
    { 0 },
};
static const cli_group group = { "Timing", options };
static const cli_part parts[] = {
    { &group, 0 },
    { &cli_engine_group, offsetof(bench_settings, engine) },
    { &cli_common_group, offsetof(bench_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite bench model.tflite",
    "as it would run here",
    "corallite bench --threads 1 --cpu avx2 --runs 100 --profile model.tflite",
    "one thread of an older machine, operator by operator",
    NULL,
};

/* One timing of a model. */
typedef struct timing {
    double first_ms, min_ms, median_ms, p90_ms, mean_ms;
} timing;

/* The same numbers are drawn for each run, and written anew, as a frame would be. */
static crl_status run_once(crl_engine *e, double *ms, crl_error *err)
{
    uint64_t state = 1;
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) {
        const crl_tensor *t = crl_engine_input(e, i);
        cli_fill_random(t->data, t->type, t->bytes, &state);
    }
    const double start = cli_now_ms();
    const crl_status s = crl_engine_run(e, err);
    *ms = cli_now_ms() - start;
    return s;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static crl_status measure(crl_engine *e, const bench_settings *settings, timing *t, crl_error *err)
{
    double warm, *ms = cli_alloc((size_t)settings->runs, sizeof *ms), sum = 0;
    crl_status s = run_once(e, &t->first_ms, err);
    for (int i = 0; i < settings->warmup && !s; i++) s = run_once(e, &warm, err);
    if (settings->profile) crl_engine_profile(e, true);
    for (int i = 0; i < settings->runs && !s; i++) {
        s = run_once(e, &ms[i], err);
        sum += ms[i];
    }
    const int n = settings->runs;
    qsort(ms, (size_t)n, sizeof *ms, ascending);
    t->min_ms = ms[0];
    t->median_ms = n % 2 ? ms[n / 2] : (ms[n / 2 - 1] + ms[n / 2]) / 2;
    t->p90_ms = ms[(int)ceil(0.9 * n) - 1]; /* nine runs out of ten were as fast */
    t->mean_ms = sum / n;
    free(ms);
    return s;
}

static void print_json(const cli_model *m, const timing *t, bool profile)
{
    const crl_engine_info info = crl_engine_describe(m->engine);
    json_t *o = json_object();
    json_object_set_new(o, "model", cli_json_text(m->name));
    json_object_set_new(o, "backend", json_string(crl_backend_name(info.backend)));
    json_object_set_new(o, "isa", cli_json_text(info.isa));
    json_object_set_new(o, "threads", json_integer(info.threads));
    json_object_set_new(o, "load_ms", cli_json_real(m->load_ms));
    json_object_set_new(o, "prepare_ms", cli_json_real(m->prepare_ms));
    json_object_set_new(o, "first_ms", cli_json_real(t->first_ms));
    json_object_set_new(o, "min_ms", cli_json_real(t->min_ms));
    json_object_set_new(o, "median_ms", cli_json_real(t->median_ms));
    json_object_set_new(o, "p90_ms", cli_json_real(t->p90_ms));
    json_object_set_new(o, "mean_ms", cli_json_real(t->mean_ms));
    json_object_set_new(o, "arena_bytes", json_integer((json_int_t)info.arena_bytes));
    json_object_set_new(o, "io_bytes", json_integer((json_int_t)info.io_bytes));
    json_object_set_new(o, "live_bytes", json_integer((json_int_t)info.live_bytes));
    json_object_set_new(o, "scratch_bytes", json_integer((json_int_t)info.scratch_bytes));
    json_object_set_new(o, "packed_bytes", json_integer((json_int_t)info.packed_bytes));
    json_object_set_new(o, "macs", json_integer((json_int_t)info.macs));
    if (profile) {
        const cli_profile_sum all = cli_profile_whole(m->engine);
        json_object_set_new(o, "peak_gmacs_per_s", all.gmacs > 0 ? cli_json_real(all.gmacs) : json_null());
        json_object_set_new(o, "profile", cli_profile_json(m->engine, all));
    }
    cli_json_print(o, stdout);
    putchar('\n');
}

/* Rows of the table, and a last one that adds them up. */
static void print_rows(crl_engine *e, cli_profile_sum all)
{
    int32_t n;
    const crl_profile_row *rows = crl_engine_profile_rows(e, &n);
    crl_profile_row sum = { 0 };
    cli_table table;
    cli_table_init(&table, "rlllrrrrrr", 0);
    cli_table_row(&table, "op", "operator", "kernel", "output", "ms", "share", "MACs", "GMAC/s", "of peak", "bytes");
    for (int32_t i = 0; i <= n; i++) {
        const crl_profile_row *r = i < n ? &rows[i] : &sum;
        char shape[CRL_SHAPE_TEXT], ms[32], share[32], macs[32] = "", rate[32] = "", peak[32] = "", bytes[32], op[16];
        snprintf(op, sizeof op, "%d", r->op);
        snprintf(ms, sizeof ms, "%.3f", cli_row_ms(r));
        snprintf(share, sizeof share, "%.1f%%", 100 * cli_row_ms(r) / all.ms);
        if (r->macs) {
            cli_count_text((double)r->macs, macs);
            snprintf(rate, sizeof rate, "%.1f", cli_row_gmacs(r));
            if (all.gmacs > 0) snprintf(peak, sizeof peak, "%.0f%%", 100 * cli_row_gmacs(r) / all.gmacs);
        }
        cli_bytes_text((double)r->bytes, bytes);
        if (i < n)
            cli_table_row(&table, op, r->name, r->kernel ? r->kernel : "", crl_shape_text(&r->shape, shape, sizeof shape), ms,
                          share, macs, rate, peak, bytes);
        else
            cli_table_row(&table, "", "all", "", "", ms, share, macs, rate, peak, bytes);
        sum.macs += r->macs;
        sum.bytes += r->bytes;
        sum.least_ns += r->least_ns;
    }
    putchar('\n');
    cli_table_print(&table, stdout);
}

/* What runs on plain kernels though it multiplies, and the greatest of it by name. */
static void print_plain(crl_engine *e, uint64_t macs)
{
    int32_t n;
    const crl_profile_row *rows = crl_engine_profile_rows(e, &n), *most = NULL;
    uint64_t plain = 0;
    for (int32_t i = 0; i < n; i++) {
        if (!rows[i].why_plain) continue;
        plain += rows[i].macs;
        if (!most || rows[i].macs > most->macs) most = &rows[i];
    }
    if (!most || !macs) return;
    const double share = 100 * (double)plain / (double)macs;
    printf("  plain    %.*f%% of the work has no fast kernel: op %d %s, because %s\n", share < 1 ? 2 : 0, share, most->op, most->name,
           most->why_plain);
}

static void print_text(const cli_model *m, const timing *t, const bench_settings *settings)
{
    const crl_engine_info info = crl_engine_describe(m->engine);
    char a[32], b[32], c[32];
    char *name = cli_clean(m->name, CLI_FOR_TERMINAL);
    printf("%s\n", name);
    free(name);
    printf("  backend  %s, %s, %d thread%s\n", crl_backend_name(info.backend), info.isa, info.threads,
           info.threads == 1 ? "" : "s");
    printf("  load     %.2f ms\n", m->load_ms);
    printf("  prepare  %.2f ms\n", m->prepare_ms);
    printf("  first    %.3f ms\n", t->first_ms);
    printf("  run      %.3f ms, the median of %d (least %.3f, nine in ten within %.3f, mean %.3f)\n", t->median_ms,
           settings->runs, t->min_ms, t->p90_ms, t->mean_ms);
    if (info.macs)
        printf("  work     %s multiply-accumulates, %.2f billion a second\n", cli_count_text((double)info.macs, a),
               (double)info.macs / (t->median_ms * 1e6));
    print_plain(m->engine, info.macs);
    printf("  memory   %s for activations, %s for scratch, %s for packed weights\n",
           cli_bytes_text((double)(info.arena_bytes + info.io_bytes), a), cli_bytes_text((double)info.scratch_bytes, b),
           cli_bytes_text((double)info.packed_bytes, c));
    if (!settings->profile) return;
    const cli_profile_sum all = cli_profile_whole(m->engine);
    if (all.gmacs > 0) printf("  peak     %.1f billion multiply-accumulates a second\n", all.gmacs);
    print_rows(m->engine, all);
}

static int bench(const void *given)
{
    const bench_settings *settings = given;
    cli_model model;
    crl_error err;
    timing t = { 0 };
    int code = cli_model_prepare(&model, &settings->engine, settings->models.items[0]);
    if (!code && measure(model.engine, settings, &t, &err)) {
        cli_within(&err, err.status, "%s", model.name);
        code = cli_failed(&err);
    }
    if (!code && settings->common.json)
        print_json(&model, &t, settings->profile);
    else if (!code)
        print_text(&model, &t, settings);
    cli_model_close(&model);
    return code;
}

const cli_verb cli_bench = {
    .name = "bench",
    .summary = "time a model: load, prepare, run",
    .operand = "MODEL",
    .operands_name_models = true,
    .min_operands = 1,
    .max_operands = 1,
    .about =
        "Times opening and verifying the file (load), laying it out for this machine (prepare), the first run, and "
        "then whole runs on random inputs, which are the same every time.",
    .json = "{\"model\", \"backend\", \"isa\", \"threads\", \"load_ms\", \"prepare_ms\", \"first_ms\", "
            "\"min_ms\", \"median_ms\", \"p90_ms\", \"mean_ms\", \"arena_bytes\", \"io_bytes\", \"live_bytes\", "
            "\"scratch_bytes\", \"packed_bytes\", \"macs\"}; live_bytes is what no arena can do without; "
            "with --profile also \"peak_gmacs_per_s\" and \"profile\": [{\"op\", \"name\", \"kernel\", \"output\", "
            "\"shape\", \"ms\", \"share\", \"macs\", \"gmacs_per_s\", \"peak_share\", \"bytes\", \"why_plain\"}]; ms is the "
            "least of all runs, peak_share is null where the level has no peak, why_plain where a kernel is fast",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(bench_settings),
    .operands_at = offsetof(bench_settings, models),
    .common_at = offsetof(bench_settings, common),
    .run = bench
};
