/* SPDX-License-Identifier: Apache-2.0 */
/* The server's numbers, as Prometheus reads them: see server.h. */
#include "serve/server.h"

typedef struct row {
    const char *name, *kind, *help;
} row;

static void head(cli_text *t, row r)
{
    cli_text_format(t, "# HELP corallite_serve_%s %s\n# TYPE corallite_serve_%s %s\n", r.name, r.help, r.name, r.kind);
}

static void put_requests(cli_server *s, cli_text *t, int n)
{
    head(t, (row){ "requests_total", "counter", "Requests for a model, by how they ended." });
    for (int i = 0; i < n; i++) {
        const cli_slot *slot = &s->shop.slots[i];
        const struct {
            const char *result;
            unsigned long long n;
        } ends[] = { { "answered", atomic_load(&slot->counters.answered) }, { "refused", atomic_load(&slot->counters.refused) },
                     { "busy", atomic_load(&slot->counters.busy) }, { "failed", atomic_load(&slot->counters.failed) } };
        for (int k = 0; k < 4; k++)
            cli_text_format(t, "corallite_serve_requests_total{model=\"%s\",result=\"%s\"} %llu\n", slot->name,
                            ends[k].result, ends[k].n);
    }
}

/* From the head of a request to its answer. */
static void put_latency(cli_server *s, cli_text *t, int n)
{
    head(t, (row){ "request_seconds", "histogram", "From the head of a request to its answer, of those that were answered." });
    for (int i = 0; i < n; i++) {
        const cli_slot *slot = &s->shop.slots[i];
        unsigned long long sum = 0;
        for (int k = 0; k < CLI_LATENCIES - 1; k++) {
            sum += atomic_load(&slot->counters.latency[k]);
            cli_text_format(t, "corallite_serve_request_seconds_bucket{model=\"%s\",le=\"%g\"} %llu\n", slot->name, cli_latency_ms[k] / 1e3, sum);
        }
        sum += atomic_load(&slot->counters.latency[CLI_LATENCIES - 1]);
        cli_text_format(t, "corallite_serve_request_seconds_bucket{model=\"%s\",le=\"+Inf\"} %llu\n", slot->name, sum);
        cli_text_format(t,
                        "corallite_serve_request_seconds_sum{model=\"%s\"} "
                        "%.6f\ncorallite_serve_request_seconds_count{model=\"%s\"} %llu\n",
                        slot->name, (double)atomic_load(&slot->counters.total_ns) / 1e9, slot->name, sum);
    }
}

static double of_slot(cli_server *s, const cli_slot *slot, int which)
{
    switch (which) {
    case 0: return (double)atomic_load(&slot->counters.runs);
    case 1: return (double)atomic_load(&slot->counters.rows);
    case 2: return (double)atomic_load(&slot->counters.run_ns) / 1e9;
    case 3: return (double)atomic_load(&slot->counters.wait_ns) / 1e9;
    case 4: return cli_shop_waiting(&s->shop, slot);
    default: return cli_shop_is_ready(&s->shop, slot);
    }
}

void cli_server_metrics(cli_server *s, cli_http *http, cli_text *t)
{
    static const row rows[] = { { "runs_total", "counter", "Runs of the model's engines." },
                                { "rows_total", "counter", "Inputs that they took, several at once where the model has a batch." },
                                { "run_seconds_total", "counter", "Time of these runs." },
                                { "wait_seconds_total", "counter", "Time from the head of a request to its turn." },
                                { "waiting", "gauge", "Requests in the queue." },
                                { "model_ready", "gauge", "1: the model is loaded." } };
    const int n = cli_shop_count(&s->shop);
    put_requests(s, t, n);
    put_latency(s, t, n);
    for (int k = 0; k < 6; k++) {
        head(t, rows[k]);
        for (int i = 0; i < n; i++)
            cli_text_format(t, "corallite_serve_%s{model=\"%s\"} %.9g\n", rows[k].name, s->shop.slots[i].name, of_slot(s, &s->shop.slots[i], k));
    }
    head(t, (row){ "connections", "gauge", "Clients that are connected." });
    cli_text_format(t, "corallite_serve_connections %d\n", cli_http_connections(http));
    head(t, (row){ "body_bytes", "gauge", "Memory of bodies that are held." });
    cli_text_format(t, "corallite_serve_body_bytes %zu\n", cli_http_body_bytes(http));
    head(t, (row){ "limited_total", "counter", "Requests refused because their sender asks too often." });
    cli_text_format(t, "corallite_serve_limited_total %llu\n", atomic_load(&s->limited));
    head(t, (row){ "foreign_total", "counter", "Requests refused because of their token or origin." });
    cli_text_format(t, "corallite_serve_foreign_total %llu\n", atomic_load(&s->foreign));
}
