/* SPDX-License-Identifier: Apache-2.0 */
/* See notes.h. */
#include "learn/notes.h"

#include <string.h>

#include "base/error.h"

enum { FILE_AXIS_LABELS = 2 };
static const char key[] = "TFLITE_METADATA";

/* How numbers are changed before or after: `options` is a table of the union. */
static void add_unit(crl_graft *g, crl_tree *tensor, crl_tree *options)
{
    crl_tree *unit = crl_graft_table(g, CRL_TABLE_PROCESS_UNIT);
    crl_graft_child(g, unit, CRL_FIELD_PROCESS_UNIT_OPTIONS, options);
    crl_graft_add(g, tensor, CRL_FIELD_TENSOR_METADATA_PROCESS_UNITS, unit);
}

static crl_tree *describe_input(crl_graft *g, const crl_extractor *e)
{
    crl_tree *tensor = crl_graft_table(g, CRL_TABLE_TENSOR_METADATA);
    if (!e->n_norm) return tensor;
    crl_tree *norm = crl_graft_table(g, CRL_TABLE_NORMALIZATION_OPTIONS);
    crl_graft_list(g, norm, CRL_FIELD_NORMALIZATION_OPTIONS_MEAN, e->mean, (size_t)e->n_norm);
    crl_graft_list(g, norm, CRL_FIELD_NORMALIZATION_OPTIONS_STD, e->std, (size_t)e->n_norm);
    add_unit(g, tensor, norm);
    return tensor;
}

static crl_tree *describe_output(crl_graft *g, const crl_classifier_info *info)
{
    crl_tree *tensor = crl_graft_table(g, CRL_TABLE_TENSOR_METADATA);
    crl_graft_text(g, tensor, CRL_FIELD_TENSOR_METADATA_NAME, "probability");
    if (info->threshold > 0) {
        crl_tree *least = crl_graft_table(g, CRL_TABLE_SCORE_THRESHOLDING_OPTIONS);
        if (least)
            *crl_tree_at(least, CRL_FIELD_SCORE_THRESHOLDING_OPTIONS_GLOBAL_SCORE_THRESHOLD) =
                (crl_tree_value){ .f = info->threshold, .present = true };
        add_unit(g, tensor, least);
    }
    if (!info->labels) return tensor;
    crl_tree *file = crl_graft_table(g, CRL_TABLE_ASSOCIATED_FILE);
    crl_graft_text(g, file, CRL_FIELD_ASSOCIATED_FILE_NAME, CRL_LABELS_FILE);
    crl_graft_number(g, file, CRL_FIELD_ASSOCIATED_FILE_TYPE, FILE_AXIS_LABELS);
    crl_graft_add(g, tensor, CRL_FIELD_TENSOR_METADATA_ASSOCIATED_FILES, file);
    return tensor;
}

static crl_tree *describe(crl_graft *g, const crl_extractor *e, const crl_classifier_info *info)
{
    crl_tree *root = crl_graft_table(g, CRL_TABLE_MODEL_METADATA), *graph = crl_graft_table(g, CRL_TABLE_SUB_GRAPH_METADATA);
    if (info && info->name) crl_graft_text(g, root, CRL_FIELD_MODEL_METADATA_NAME, info->name);
    if (info && info->description) crl_graft_text(g, root, CRL_FIELD_MODEL_METADATA_DESCRIPTION, info->description);
    crl_graft_add(g, graph, CRL_FIELD_SUB_GRAPH_METADATA_INPUT_TENSOR_METADATA, describe_input(g, e));
    if (info) crl_graft_add(g, graph, CRL_FIELD_SUB_GRAPH_METADATA_OUTPUT_TENSOR_METADATA, describe_output(g, info));
    crl_graft_add(g, root, CRL_FIELD_MODEL_METADATA_SUBGRAPH_METADATA, graph);
    return root;
}

crl_status crl_graft_describe(crl_graft *g, const crl_extractor *e, const crl_classifier_info *info, uint8_t **bytes, crl_error *err)
{
    size_t n;
    *bytes = NULL;
    crl_graft_drop_notes(g);
    if (!info && !e->n_norm) return g->failed ? crl_fail_memory(err, "a model") : CRL_OK;
    crl_tree *root = describe(g, e, info);
    if (g->failed) return crl_fail_memory(err, "a model");
    const crl_status s = crl_tree_write(root, "M001", NULL, bytes, &n, err);
    if (s) return s;
    crl_tree *entry = crl_graft_table(g, CRL_TABLE_METADATA), *buffer = crl_graft_table(g, CRL_TABLE_BUFFER);
    crl_graft_text(g, entry, CRL_FIELD_METADATA_NAME, key);
    crl_graft_list(g, buffer, CRL_FIELD_BUFFER_DATA, *bytes, n);
    crl_graft_number(g, entry, CRL_FIELD_METADATA_BUFFER, crl_graft_add(g, g->root, CRL_FIELD_MODEL_BUFFERS, buffer));
    crl_graft_add(g, g->root, CRL_FIELD_MODEL_METADATA, entry);
    return g->failed ? crl_fail_memory(err, "a model") : CRL_OK;
}
