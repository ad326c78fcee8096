/* SPDX-License-Identifier: Apache-2.0 */
/* See edited.h. */
#include "models/edited.h"

#include <stdlib.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "io/file.h"
#include "io/json.h"
#include "io/outputs.h"
#include "io/say.h"

int cli_edited_begin(cli_edited *w, const char *name, const char *output)
{
    crl_error err;
    cli_outputs outputs = { 0 };
    *w = (cli_edited){ .name = name, .output = output, .changes = cli_format("%s", "") };
    if (crl_model_open_file(&w->model, name, &err)) return cli_failed(&err);
    cli_outputs_protect(&outputs, name);
    const int code = cli_outputs_plan(&outputs, "output", output);
    cli_outputs_release(&outputs);
    return code;
}

void cli_edited_end(cli_edited *w)
{
    crl_model_close(w->model);
    free(w->bytes);
    free(w->changes);
}

int cli_edited_open(crl_model **out, const uint8_t *bytes, size_t size)
{
    crl_error err;
    return crl_model_open(out, bytes, size, &err) ? cli_failed(&err) : CLI_DONE;
}

int cli_edited_take(cli_edited *w, crl_model *after, uint8_t *bytes, int code, const char *what)
{
    if (code) {
        crl_model_close(after);
        free(bytes);
        return code;
    }
    crl_model_close(w->model);
    free(w->bytes);
    w->model = after;
    w->bytes = bytes;
    char *longer = cli_format("%s%s%s", w->changes, *w->changes ? ", " : "", what);
    free(w->changes);
    w->changes = longer;
    return CLI_DONE;
}

int cli_edited_batch(cli_edited *w, int32_t n)
{
    uint8_t *bytes;
    size_t size;
    crl_error err;
    crl_model *after = NULL;
    int code = crl_edit_batch(w->model, n, &bytes, &size, &err) ? cli_failed(&err) : cli_edited_open(&after, bytes, size);
    if (!code) code = cli_prove_batch(w->model, after, &w->proof);
    char *what = cli_format("batch of %d", n);
    code = cli_edited_take(w, after, bytes, code, what);
    free(what);
    return code;
}

int cli_edited_8bit_io(cli_edited *w)
{
    uint8_t *bytes;
    size_t size;
    crl_error err;
    crl_model *after = NULL;
    int32_t changed;
    int code = crl_edit_8bit_io(w->model, &changed, &bytes, &size, &err) ? cli_failed(&err) : cli_edited_open(&after, bytes, size);
    if (!code) code = cli_prove_equal(w->model, after, &w->proof);
    char *what = cli_format("%d of inputs and outputs in 8 bits", changed);
    code = cli_edited_take(w, after, bytes, code, what);
    free(what);
    return code;
}

int cli_edited_write(cli_edited *w, bool json)
{
    crl_error err;
    if (cli_write_file(w->output, w->model->bytes, w->model->size, NULL, 0, &err)) return cli_failed(&err);
    if (json) {
        json_t *o = json_object();
        json_object_set_new(o, "model", cli_json_text(w->name));
        json_object_set_new(o, "output", cli_json_text(w->output));
        json_object_set_new(o, "changes", cli_json_text(w->changes));
        json_object_set_new(o, "runs", json_integer(w->proof.runs));
        json_object_set_new(o, "bytes_compared", json_integer((json_int_t)w->proof.values));
        cli_json_print(o, stdout);
        putchar('\n');
        return CLI_DONE;
    }
    char *clean = cli_clean(w->output, CLI_FOR_TERMINAL), size[32];
    printf("%s: %s; %d run%s of both agree in %s\n", clean, w->changes, w->proof.runs, w->proof.runs == 1 ? "" : "s",
           cli_bytes_text(w->proof.values, size));
    free(clean);
    return CLI_DONE;
}
