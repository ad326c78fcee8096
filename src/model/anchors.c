/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors in the metadata: see anchors.h. */
#include "model/anchors.h"

#include "model/holder.h"

static void read_table(crl_reader *r, const crl_flat_table *root, crl_anchors *anchors)
{
    const crl_flat_table options = crl_flat_child(root, CRL_FIELD_OBJECT_DETECTOR_OPTIONS_SSD_ANCHORS_OPTIONS);
    const crl_flat_table schema = crl_flat_child(&options, CRL_FIELD_SSD_ANCHORS_OPTIONS_FIXED_ANCHORS_SCHEMA);
    const crl_flat_vector list = crl_flat_list(&schema, CRL_FIELD_FIXED_ANCHORS_SCHEMA_ANCHORS);
    if (list.n > INT32_MAX) return;
    crl_anchor *table = crl_reader_take(r, list.n, sizeof *table);
    for (uint32_t i = 0; i < list.n && !r->flat.status; i++) {
        const crl_flat_table a = crl_flat_item(&list, i);
        table[i] = (crl_anchor){ crl_flat_f32(&a, CRL_FIELD_FIXED_ANCHOR_X_CENTER),
                                 crl_flat_f32(&a, CRL_FIELD_FIXED_ANCHOR_Y_CENTER),
                                 crl_flat_f32(&a, CRL_FIELD_FIXED_ANCHOR_WIDTH),
                                 crl_flat_f32(&a, CRL_FIELD_FIXED_ANCHOR_HEIGHT) };
    }
    anchors->anchor = table;
    anchors->n = (int32_t)list.n;
}

static void read_decoding(const crl_flat_table *root, crl_anchors *anchors)
{
    const crl_flat_table t = crl_flat_child(root, CRL_FIELD_OBJECT_DETECTOR_OPTIONS_TENSORS_DECODING_OPTIONS);
    anchors->classes = crl_flat_i32(&t, CRL_FIELD_TENSORS_DECODING_OPTIONS_NUM_CLASSES);
    anchors->x_scale = crl_flat_f32(&t, CRL_FIELD_TENSORS_DECODING_OPTIONS_X_SCALE);
    anchors->y_scale = crl_flat_f32(&t, CRL_FIELD_TENSORS_DECODING_OPTIONS_Y_SCALE);
    anchors->w_scale = crl_flat_f32(&t, CRL_FIELD_TENSORS_DECODING_OPTIONS_W_SCALE);
    anchors->h_scale = crl_flat_f32(&t, CRL_FIELD_TENSORS_DECODING_OPTIONS_H_SCALE);
    anchors->exponential = crl_flat_bool(&t, CRL_FIELD_TENSORS_DECODING_OPTIONS_APPLY_EXPONENTIAL_ON_BOX_SIZE);
    anchors->logits = crl_flat_bool(&t, CRL_FIELD_TENSORS_DECODING_OPTIONS_SIGMOID_SCORE);
}

/* A FlatBuffer within the other one, with a budget of its own: it is read once. */
static void read_nested(crl_reader *r, const crl_flat_vector *data, crl_anchors *anchors)
{
    crl_flat *f = &r->flat;
    crl_reader inner = { .flat = crl_flat_init(f->bytes + data->at, data->n, f->err), .pile = r->pile };
    const crl_flat_table root = crl_flat_root(&inner.flat, CRL_TABLE_OBJECT_DETECTOR_OPTIONS, "V001");
    read_table(&inner, &root, anchors);
    read_decoding(&root, anchors);
    if (!inner.flat.status) return;
    *anchors = (crl_anchors){ 0 };
    f->status = crl_within(f->err, inner.flat.status, "DETECTOR_METADATA");
}

void crl_anchors_read(crl_reader *r, const crl_flat_table *subgraph, crl_anchors *anchors)
{
    *anchors = (crl_anchors){ 0 };
    const crl_flat_vector list = crl_flat_list(subgraph, CRL_FIELD_SUB_GRAPH_METADATA_CUSTOM_METADATA);
    for (uint32_t i = 0; i < list.n && !r->flat.status; i++) {
        const crl_flat_table custom = crl_flat_item(&list, i);
        size_t n;
        const char *name = crl_flat_text(&custom, CRL_FIELD_CUSTOM_METADATA_NAME, &n);
        if (!name || strcmp(name, "DETECTOR_METADATA")) continue;
        const crl_flat_vector data = crl_flat_list(&custom, CRL_FIELD_CUSTOM_METADATA_DATA);
        if (data.n && !r->flat.status) read_nested(r, &data, anchors);
        return;
    }
}

bool crl_model_anchors(const crl_model *model, crl_anchors *out)
{
    *out = ((const crl_model_holder *)model)->notes.anchors;
    return out->n > 0;
}
