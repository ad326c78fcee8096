/* SPDX-License-Identifier: Apache-2.0 */
/* See arrays.h. */
#include "quantize/arrays.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/pictures.h"
#include "io/say.h"

enum { MOST_SAMPLES = 1 << 24, MOST_BYTES = 1 << 30 };

static int is_array(const struct dirent *entry)
{
    const size_t n = strlen(entry->d_name);
    return n > 4 && *entry->d_name != '.' && !strcmp(entry->d_name + n - 4, ".npy");
}

static int is_picture(const struct dirent *entry)
{
    return *entry->d_name != '.' && cli_is_named_picture(entry->d_name);
}

static int count(const char *folder, int (*which)(const struct dirent *))
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, which, NULL);
    for (int i = 0; i < n; i++) free(entries[i]);
    if (n >= 0) free(entries);
    return n;
}

bool cli_arrays_are_in(const char *folder)
{
    return count(folder, is_array) > 0 && count(folder, is_picture) == 0;
}

/* How many samples an array has for an input; 0: it is none for it. */
static size_t samples_in(const cli_npy *npy, const crl_tensor *t)
{
    crl_shape one = npy->shape;
    if (npy->type != t->type) return 0;
    if (crl_shape_equal(&npy->shape, &t->shape)) return 1;
    if (one.rank != t->shape.rank || !one.rank || t->shape.dim[0] != 1) return 0;
    one.dim[0] = 1;
    return crl_shape_equal(&one, &t->shape) ? (size_t)npy->shape.dim[0] : 0;
}

static int load_file(cli_arrays *a, int i, const crl_tensor *t, size_t *rows)
{
    crl_error err;
    char its[CRL_SHAPE_TEXT], wanted[CRL_SHAPE_TEXT];
    cli_npy_file *f = &a->files[i];
    crl_status s = cli_expect_regular(a->paths[i], &err); /* a pipe that is found in a folder may have nobody who writes to it */
    if (!s) s = cli_npy_load(f, a->paths[i], MOST_BYTES, &err);
    if (s) return cli_failed(&err);
    if (f->npy.bytes > MOST_BYTES) s = cli_fail(&err, CRL_ERR_UNSUPPORTED, "%zu bytes; at most 1 GiB is read: divide it", f->npy.bytes);
    *rows = s ? 0 : samples_in(&f->npy, t);
    if (!s && !*rows)
        s = cli_fail(&err, CRL_ERR_ARGUMENT, "%s %s; input \"%s\" is %s %s, and an array has that shape, or N of it where the first number is 1",
                     crl_type_name(f->npy.type), crl_shape_text(&f->npy.shape, its, sizeof its), t->name, crl_type_name(t->type),
                     crl_shape_text(&t->shape, wanted, sizeof wanted));
    if (!s) s = cli_npy_check(f, t->type, &f->npy.shape, &err);
    if (!s) return CLI_DONE;
    cli_within(&err, s, "%s", a->paths[i]);
    return cli_failed(&err);
}

/* The file of input i, whichever of both names it has. */
static int find_file(cli_arrays *a, const char *folder, int i, const crl_tensor *t)
{
    for (int k = 0; k < 2; k++) {
        char *path = k ? cli_format("%s/%s.npy", folder, t->name) : cli_format("%s/%d.npy", folder, i);
        struct stat st;
        if (!(k && strchr(t->name, '/')) && !stat(path, &st)) {
            a->paths[i] = path;
            return CLI_DONE;
        }
        free(path);
    }
    cli_error("--data %s: the model has several inputs, and there is no array for input %d \"%s\": %d.npy or NAME.npy is expected", folder, i, t->name, i);
    return CLI_FAILED;
}

static int find_files(cli_arrays *a, const char *folder, crl_engine *engine)
{
    struct dirent **entries;
    int code = CLI_DONE;
    a->by_input = crl_engine_input_count(engine) > 1;
    const int found = a->by_input ? 0 : scandir(folder, &entries, is_array, alphasort);
    a->n = a->by_input ? crl_engine_input_count(engine) : found > 0 ? found : 0;
    a->paths = cli_alloc((size_t)a->n + 1, sizeof *a->paths);
    a->files = cli_alloc((size_t)a->n + 1, sizeof *a->files);
    for (int i = 0; i < found; i++) {
        a->paths[i] = cli_format("%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (!a->by_input && found >= 0) free(entries);
    for (int i = 0; i < a->n && a->by_input && !code; i++) code = find_file(a, folder, i, crl_engine_input(engine, i));
    return code;
}

int cli_arrays_load(cli_arrays *a, const char *folder, crl_engine *engine, cli_sample **samples, int *n)
{
    *samples = NULL;
    *n = 0;
    int code = find_files(a, folder, engine);
    for (int i = 0; i < a->n && !code; i++) {
        size_t rows;
        code = load_file(a, i, crl_engine_input(engine, a->by_input ? i : 0), &rows);
        if (!code && a->by_input && i) {
            if (rows == (size_t)*n) continue;
            cli_error("%s has %zu samples, and %s %d; all inputs are to have as many", a->paths[i], rows, a->paths[0], *n);
            code = CLI_FAILED;
        } else if (!code && rows > (size_t)(MOST_SAMPLES - *n)) {
            cli_error("--data %s: more than %d samples", folder, MOST_SAMPLES);
            code = CLI_FAILED;
        }
        if (code) break;
        *samples = cli_grow(*samples, (size_t)*n + rows, sizeof **samples);
        for (size_t row = 0; row < rows; row++) (*samples)[(*n)++] = (cli_sample){ cli_format("%s", a->paths[i]), i, row };
    }
    return code;
}

static void quantise(crl_tensor *t, const float *from, size_t n)
{
    const float scale = t->quant.n ? t->quant.scale[0] : 1;
    const int32_t zero = t->quant.n ? t->quant.zero_point[0] : 0, least = t->type == CRL_INT8 ? -128 : 0;
    for (size_t i = 0; i < n; i++) {
        const float q = fmaxf((float)least, fminf((float)least + 255, rintf(from[i] / scale) + (float)zero));
        ((uint8_t *)t->data)[i] = (uint8_t)(int32_t)q;
    }
}

void cli_arrays_fill(const cli_arrays *a, const cli_sample *sample, crl_engine *engine)
{
    for (int32_t i = 0; i < crl_engine_input_count(engine); i++) {
        crl_tensor *t = crl_engine_input(engine, i);
        const cli_npy_file *f = &a->files[a->by_input ? i : sample->file];
        const size_t n = crl_shape_count(&t->shape), bytes = n * crl_type_bytes(f->npy.type);
        const uint8_t *from = f->bytes + f->npy.offset + sample->row * bytes;
        if (t->type == f->npy.type) {
            memcpy(t->data, from, bytes);
            continue;
        }
        float *numbers = cli_alloc(n, sizeof *numbers); /* rows of a file lie anywhere */
        memcpy(numbers, from, bytes);
        quantise(t, numbers, n);
        free(numbers);
    }
}

void cli_arrays_release(cli_arrays *a)
{
    for (int i = 0; i < a->n; i++) {
        if (a->paths) free(a->paths[i]);
        if (a->files) free(a->files[i].bytes);
    }
    free(a->paths);
    free(a->files);
    *a = (cli_arrays){ 0 };
}
