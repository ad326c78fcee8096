/* SPDX-License-Identifier: Apache-2.0 */
/* Twins: the model that a compiled one was made from, which runs without an Edge TPU. */
#include <corallite/model.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "compile/follow.h"

bool crl_model_is_compiled(const crl_model *model)
{
    for (int32_t i = 0; i < model->n_subgraphs; i++)
        for (int32_t k = 0; k < model->subgraphs[i].n_operators; k++)
            if (!strcmp(model->subgraphs[i].operators[k].name, "edgetpu-custom-op")) return true;
    return false;
}

/* --- what it is called -------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Replaces the end of a path, for free(). */
static char *with_end(const char *path, size_t kept, const char *end)
{
    const size_t n = strlen(end) + 1;
    char *name = malloc(kept + n);
    if (!name) return NULL;
    memcpy(name, path, kept);
    memcpy(name + kept, end, n);
    return name;
}

/* How files beside one another are named: by the compiler, and by Frigate. `*name` is NULL where the path says nothing. */
static crl_status name_beside(char **name, const char *path, crl_error *err)
{
    static const char compiled[] = "_edgetpu.tflite";
    const size_t n = path ? strlen(path) : 0, tail = sizeof compiled - 1;
    *name = NULL;
    if (!n) return CRL_OK;
    if (!strcmp(base_name(path), "edgetpu_model.tflite"))
        *name = with_end(path, (size_t)(base_name(path) - path), "cpu_model.tflite");
    else if (n > tail && !strcmp(path + n - tail, compiled))
        *name = with_end(path, n - tail, ".tflite");
    else
        return CRL_OK;
    return *name ? CRL_OK : crl_fail_memory(err, "the name of a file");
}

/* --- whether it is believed --------------------------------------------------------------------------- */

static bool same_quant(const crl_quant *a, const crl_quant *b)
{
    if (a->n != b->n || (a->n > 1 && a->axis != b->axis)) return false;
    for (int32_t i = 0; i < a->n; i++)
        if (a->scale[i] != b->scale[i] || a->zero_point[i] != b->zero_point[i]) return false;
    return true;
}

static crl_status compare(const char *what, const crl_subgraph *a, const int32_t *of_a, int32_t n_a, const crl_subgraph *b,
                          const int32_t *of_b, int32_t n_b, crl_error *err)
{
    if (n_a != n_b) return crl_fail(err, CRL_ERR_ARGUMENT, "%d %ss instead of %d", n_b, what, n_a);
    for (int32_t i = 0; i < n_a; i++) {
        const crl_tensor_def *s = &a->tensors[of_a[i]], *t = &b->tensors[of_b[i]];
        char want[CRL_SHAPE_TEXT], have[CRL_SHAPE_TEXT];
        if (s->type != t->type || !crl_shape_equal(&s->shape, &t->shape))
            return crl_fail(err, CRL_ERR_ARGUMENT, "%s %d is %s %s instead of %s %s", what, i, crl_type_name(t->type),
                            crl_shape_text(&t->shape, have, sizeof have), crl_type_name(s->type),
                            crl_shape_text(&s->shape, want, sizeof want));
        if (!same_quant(&s->quant, &t->quant)) return crl_fail(err, CRL_ERR_ARGUMENT, "%s %d has another scale or zero point", what, i);
    }
    return CRL_OK;
}

/* Only one of the two may have labels that can be read: who compiles a model may add them later, or lose them. */
static crl_status compare_labels(const crl_model *a, const crl_model *b, crl_error *err)
{
    const char *name;
    char *of_a = NULL, *of_b = NULL;
    size_t n_a, n_b;
    crl_status s = CRL_OK;
    crl_model_label_file(a, -1, &name, &of_a, &n_a, NULL);
    crl_model_label_file(b, -1, &name, &of_b, &n_b, NULL);
    if (of_a && of_b && (n_a != n_b || memcmp(of_a, of_b, n_a))) s = crl_fail(err, CRL_ERR_ARGUMENT, "its labels are others");
    free(of_a);
    free(of_b);
    return s;
}

static crl_status check_twin(const crl_model *compiled, const crl_model *twin, crl_error *err)
{
    if (crl_model_is_compiled(twin)) return crl_fail(err, CRL_ERR_ARGUMENT, "it is compiled, too");
    const crl_subgraph *a = compiled->subgraphs, *b = twin->subgraphs;
    crl_status s = compare("input", a, a->inputs, a->n_inputs, b, b->inputs, b->n_inputs, err);
    if (!s) s = compare("output", a, a->outputs, a->n_outputs, b, b->outputs, b->n_outputs, err);
    return s ? s : compare_labels(compiled, twin, err);
}

/* --- opening ------------------------------------------------------------------------------------------ */

static crl_status open_as_twin(crl_model **out, const crl_model *compiled, const char *path, const char *name, crl_error *err)
{
    crl_status s = crl_model_open_file(out, name, err);
    if (s) return s;
    s = crl_twin_follow(*out, compiled, err);
    if (!s) s = check_twin(compiled, *out, err);
    if (!s) return CRL_OK;
    crl_model_close(*out);
    *out = NULL;
    if (s == CRL_ERR_MEMORY) return crl_within(err, s, "%.80s", name);
    return crl_within(err, s, "%.80s is not what %.60s was compiled from", name, path ? base_name(path) : "the model");
}

static crl_status fail_missing(const char *path, const char *beside, crl_error *err)
{
    if (beside)
        return crl_fail(err, CRL_ERR_DEVICE,
                        "%.60s is compiled for an Edge TPU, and none is here: put what it was compiled from beside it as %.60s, "
                        "or name it with CRL_CPU_TWIN=FILE", base_name(path), base_name(beside));
    return crl_fail(err, CRL_ERR_DEVICE, "%.60s is compiled for an Edge TPU, and none is here: name the model that it was compiled from with "
                    "CRL_CPU_TWIN=FILE", path ? base_name(path) : "the model");
}

/* What the environment names may be meant for another model of the same program. */
static crl_status search(crl_model **out, char **file, const crl_model *compiled, const char *path, const char *named, crl_error *err)
{
    const char *environment = getenv("CRL_CPU_TWIN");
    const char *first = named && *named ? named : environment && *environment ? environment : NULL;
    crl_error found;
    crl_status s = first ? open_as_twin(out, compiled, path, first, &found) : CRL_ERR_DEVICE;
    if (first && !s) *file = with_end(first, strlen(first), "");
    const bool more = s && (!first || first == environment);
    crl_status t = more ? name_beside(file, path, err) : CRL_OK;
    if (t) return t;
    if (more && *file && !access(*file, F_OK)) return open_as_twin(out, compiled, path, *file, err);
    if (!first) return fail_missing(path, *file, err);
    if (s && err) *err = found;
    return s;
}

crl_status crl_model_open_twin(crl_model **out, char **file, const crl_model *compiled, const char *path, const char *named,
                               crl_error *err)
{
    char *name = NULL;
    *out = NULL;
    if (file) *file = NULL;
    crl_status s = search(out, &name, compiled, path, named, err);
    if (!s && !name) {
        s = crl_fail_memory(err, "the name of a file");
        crl_model_close(*out);
        *out = NULL;
    }
    if (s || !file)
        free(name);
    else
        *file = name;
    return s;
}
