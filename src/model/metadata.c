/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata of a model: normalisation, label files, thresholds. Anchors are read by anchors.c. */
#include "model/metadata.h"

#include <math.h>

#include "model/anchors.h"
#include "model/flat_read.h"
#include "model/holder.h"
#include "model/zip.h"

/* AssociatedFileType of the schema. */
enum { FILE_AXIS_LABELS = 2, FILE_VALUE_LABELS = 3 };

/* Label files are text for people; this is far more than any. */
enum { MAX_LABEL_BYTES = 1 << 24 };

/* One value stands for all channels. */
static const float *spread(crl_reader *r, const float *v, int32_t n, int32_t wanted)
{
    if (n == wanted) return v;
    float *all = crl_reader_take(r, (size_t)wanted, sizeof *all);
    for (int32_t i = 0; all && i < wanted; i++) all[i] = v[0];
    return all;
}

static void read_norm(crl_reader *r, const crl_flat_table *options, crl_norm *norm)
{
    crl_flat *f = &r->flat;
    int32_t n_mean, n_std;
    const float *mean = crl_reader_floats(r, options, CRL_FIELD_NORMALIZATION_OPTIONS_MEAN, &n_mean);
    const float *std = crl_reader_floats(r, options, CRL_FIELD_NORMALIZATION_OPTIONS_STD, &n_std);
    if (f->status || !n_mean || !n_std) return;
    const int32_t n = n_mean > n_std ? n_mean : n_std;
    if ((n_mean != n && n_mean != 1) || (n_std != n && n_std != 1)) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "%d means, but %d standard deviations", n_mean, n_std);
        return;
    }
    for (int32_t i = 0; i < n_mean; i++)
        if (!isfinite(mean[i])) crl_flat_fail(f, CRL_ERR_FORMAT, "mean %d is %g", i, (double)mean[i]);
    for (int32_t i = 0; i < n_std; i++)
        if (!isfinite(std[i]) || std[i] == 0) crl_flat_fail(f, CRL_ERR_FORMAT, "std %d is %g", i, (double)std[i]);
    if (f->status) return;
    mean = spread(r, mean, n_mean, n);
    std = spread(r, std, n_std, n);
    if (mean && std) *norm = (crl_norm){ mean, std, n };
}

static void read_input(crl_reader *r, const crl_flat_table *tensor, crl_norm *norm)
{
    const crl_flat_vector units = crl_flat_list(tensor, CRL_FIELD_TENSOR_METADATA_PROCESS_UNITS);
    for (uint32_t i = 0; i < units.n && !r->flat.status; i++) {
        const crl_flat_table unit = crl_flat_item(&units, i);
        if (crl_flat_union(&unit, CRL_FIELD_PROCESS_UNIT_OPTIONS) != CRL_TABLE_NORMALIZATION_OPTIONS) continue;
        const crl_flat_table options = crl_flat_child(&unit, CRL_FIELD_PROCESS_UNIT_OPTIONS);
        read_norm(r, &options, norm);
    }
}

/* The first label file without a locale, else the first one. */
static void read_labels(crl_reader *r, const crl_flat_table *tensor, const char **label)
{
    const crl_flat_vector files = crl_flat_list(tensor, CRL_FIELD_TENSOR_METADATA_ASSOCIATED_FILES);
    bool found = false;
    for (uint32_t i = 0; i < files.n && !found && !r->flat.status; i++) {
        const crl_flat_table file = crl_flat_item(&files, i);
        const int type = crl_flat_i8(&file, CRL_FIELD_ASSOCIATED_FILE_TYPE);
        if (type != FILE_AXIS_LABELS && type != FILE_VALUE_LABELS) continue;
        found = !crl_flat_has(&file, CRL_FIELD_ASSOCIATED_FILE_LOCALE);
        if (found || !*label) *label = crl_reader_text(r, &file, CRL_FIELD_ASSOCIATED_FILE_NAME);
    }
}

/* A threshold that is left out is none: 0, which it would be, drops the logits below. */
static void read_threshold(crl_reader *r, const crl_flat_table *options, crl_output_notes *notes)
{
    notes->has_threshold = crl_flat_has(options, CRL_FIELD_SCORE_THRESHOLDING_OPTIONS_GLOBAL_SCORE_THRESHOLD);
    notes->threshold = crl_flat_f32(options, CRL_FIELD_SCORE_THRESHOLDING_OPTIONS_GLOBAL_SCORE_THRESHOLD);
    if (!isfinite(notes->threshold)) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "the score threshold is %g", (double)notes->threshold);
}

static void read_output(crl_reader *r, const crl_flat_table *tensor, crl_output_notes *notes)
{
    const crl_flat_vector units = crl_flat_list(tensor, CRL_FIELD_TENSOR_METADATA_PROCESS_UNITS);
    read_labels(r, tensor, &notes->labels);
    for (uint32_t i = 0; i < units.n && !r->flat.status; i++) {
        const crl_flat_table unit = crl_flat_item(&units, i);
        if (crl_flat_union(&unit, CRL_FIELD_PROCESS_UNIT_OPTIONS) != CRL_TABLE_SCORE_THRESHOLDING_OPTIONS) continue;
        const crl_flat_table options = crl_flat_child(&unit, CRL_FIELD_PROCESS_UNIT_OPTIONS);
        read_threshold(r, &options, notes);
    }
}

static void read_tensors(crl_reader *r, const crl_flat_table *subgraph, const crl_subgraph *def, crl_notes *notes)
{
    const crl_flat_vector in = crl_flat_list(subgraph, CRL_FIELD_SUB_GRAPH_METADATA_INPUT_TENSOR_METADATA);
    const crl_flat_vector out = crl_flat_list(subgraph, CRL_FIELD_SUB_GRAPH_METADATA_OUTPUT_TENSOR_METADATA);
    const int32_t n_in = in.n < (uint32_t)def->n_inputs ? (int32_t)in.n : def->n_inputs;
    const int32_t n_out = out.n < (uint32_t)def->n_outputs ? (int32_t)out.n : def->n_outputs;
    notes->inputs = crl_reader_take(r, (size_t)n_in, sizeof *notes->inputs);
    notes->outputs = crl_reader_take(r, (size_t)n_out, sizeof *notes->outputs);
    for (int32_t i = 0; i < n_in && !r->flat.status; i++) {
        const crl_flat_table t = crl_flat_item(&in, (uint32_t)i);
        read_input(r, &t, &notes->inputs[i]);
        notes->n_inputs = i + 1;
    }
    for (int32_t i = 0; i < n_out && !r->flat.status; i++) {
        const crl_flat_table t = crl_flat_item(&out, (uint32_t)i);
        read_output(r, &t, &notes->outputs[i]);
        notes->n_outputs = i + 1;
    }
}

crl_status crl_notes_read(crl_notes *notes, const crl_model *m, crl_pile *pile, crl_error *err)
{
    *notes = (crl_notes){ 0 };
    for (int32_t i = 0; i < m->n_metadata; i++) {
        const crl_metadata *d = &m->metadata[i];
        if (strcmp(d->name, "TFLITE_METADATA") || !d->bytes) continue;
        crl_reader r = { .flat = crl_flat_init(d->data, d->bytes, err), .pile = pile };
        const crl_flat_table root = crl_flat_root(&r.flat, CRL_TABLE_MODEL_METADATA, "M001");
        const crl_flat_vector subgraphs = crl_flat_list(&root, CRL_FIELD_MODEL_METADATA_SUBGRAPH_METADATA);
        if (subgraphs.n) {
            const crl_flat_table subgraph = crl_flat_item(&subgraphs, 0);
            read_tensors(&r, &subgraph, &m->subgraphs[0], notes);
            crl_anchors_read(&r, &subgraph, &notes->anchors);
        }
        if (r.flat.status) return crl_within(err, r.flat.status, "metadata %d \"TFLITE_METADATA\"", i);
        break;
    }
    return CRL_OK;
}

bool crl_model_input_norm(const crl_model *model, int32_t input, const float **mean, const float **std, int32_t *n)
{
    const crl_notes *notes = &((const crl_model_holder *)model)->notes;
    if (input < 0 || input >= notes->n_inputs || !notes->inputs[input].n) return false;
    *mean = notes->inputs[input].mean;
    *std = notes->inputs[input].std;
    *n = notes->inputs[input].n;
    return true;
}

bool crl_model_score_threshold(const crl_model *model, int32_t output, float *threshold)
{
    const crl_notes *notes = &((const crl_model_holder *)model)->notes;
    if (output < 0 || output >= notes->n_outputs || !notes->outputs[output].has_threshold) return false;
    *threshold = notes->outputs[output].threshold;
    return true;
}

/* Ultralytics puts a file behind its models, in an archive, which no metadata name. */
static crl_status unnamed_labels(const crl_model *model, const char **name, char **text, size_t *bytes, crl_error *err)
{
    static const char *const file = "metadata.json";
    const crl_status s = crl_zip_read(model->bytes, model->size, file, MAX_LABEL_BYTES, text, bytes, NULL);
    if (s == CRL_ERR_MEMORY) return crl_fail_memory(err, file);
    if (!s && strstr(*text, "\"names\"")) {
        *name = file;
        return CRL_OK;
    }
    crl_free(*text); /* there is none, or it is about other things */
    *text = NULL;
    *bytes = 0;
    return CRL_OK;
}

crl_status crl_model_label_file(const crl_model *model, int32_t output, const char **name, char **text, size_t *bytes,
                                crl_error *err)
{
    const crl_notes *notes = &((const crl_model_holder *)model)->notes;
    *name = NULL;
    *text = NULL;
    *bytes = 0;
    for (int32_t i = 0; i < notes->n_outputs && output < 0; i++)
        if (notes->outputs[i].labels) output = i;
    if (output < 0) return unnamed_labels(model, name, text, bytes, err);
    if (output >= notes->n_outputs || !notes->outputs[output].labels) return CRL_OK;
    const char *file = notes->outputs[output].labels;
    crl_status s = crl_zip_read(model->bytes, model->size, file, MAX_LABEL_BYTES, text, bytes, err);
    if (s) return crl_within(err, s, "label file \"%.80s\" inside the model", file);
    *name = file;
    return CRL_OK;
}
