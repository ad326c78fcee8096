/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors in the metadata: see anchors.h. */
#include "model/anchors.h"

#include "model/holder.h"

static void read_table(crl_reader *r, const crl_flat_table *root, crl_anchors *anchors)
{
    const crl_flat_table options = crl_flat_child(root, 1, "ssd_anchors_options");
    const crl_flat_table schema = crl_flat_child(&options, 0, "fixed_anchors_schema");
    const crl_flat_vector list = crl_flat_list(&schema, 0, "anchors", 4);
    if (list.n > INT32_MAX) return;
    crl_anchor *table = crl_reader_take(r, list.n, sizeof *table);
    for (uint32_t i = 0; i < list.n && !r->flat.status; i++) {
        const crl_flat_table a = crl_flat_item(&list, i);
        table[i] = (crl_anchor){ crl_flat_f32(&a, 0, "x_center", 0), crl_flat_f32(&a, 1, "y_center", 0),
                                 crl_flat_f32(&a, 2, "width", 0), crl_flat_f32(&a, 3, "height", 0) };
    }
    anchors->anchor = table;
    anchors->n = (int32_t)list.n;
}

static void read_decoding(const crl_flat_table *root, crl_anchors *anchors)
{
    const crl_flat_table t = crl_flat_child(root, 2, "tensors_decoding_options");
    anchors->classes = crl_flat_i32(&t, 0, "num_classes", 0);
    anchors->x_scale = crl_flat_f32(&t, 6, "x_scale", 0);
    anchors->y_scale = crl_flat_f32(&t, 7, "y_scale", 0);
    anchors->w_scale = crl_flat_f32(&t, 8, "w_scale", 0);
    anchors->h_scale = crl_flat_f32(&t, 9, "h_scale", 0);
    anchors->exponential = crl_flat_bool(&t, 10, "apply_exponential_on_box_size", false);
    anchors->logits = crl_flat_bool(&t, 11, "sigmoid_score", false);
}

/* A FlatBuffer within the other one, with a budget of its own: it is read once. */
static void read_nested(crl_reader *r, const crl_flat_vector *data, crl_anchors *anchors)
{
    crl_flat *f = &r->flat;
    crl_reader inner = { .flat = crl_flat_init(f->bytes + data->at, data->n, f->err), .pile = r->pile };
    const crl_flat_table root = crl_flat_root(&inner.flat, "V001");
    read_table(&inner, &root, anchors);
    read_decoding(&root, anchors);
    if (!inner.flat.status) return;
    *anchors = (crl_anchors){ 0 };
    f->status = crl_within(f->err, inner.flat.status, "DETECTOR_METADATA");
}

void crl_anchors_read(crl_reader *r, const crl_flat_table *subgraph, crl_anchors *anchors)
{
    *anchors = (crl_anchors){ 0 };
    const crl_flat_vector list = crl_flat_list(subgraph, 9, "custom_metadata", 4);
    for (uint32_t i = 0; i < list.n && !r->flat.status; i++) {
        const crl_flat_table custom = crl_flat_item(&list, i);
        size_t n;
        const char *name = crl_flat_text(&custom, 0, "name", &n);
        if (!name || strcmp(name, "DETECTOR_METADATA")) continue;
        const crl_flat_vector data = crl_flat_list(&custom, 1, "data", 1);
        if (data.n && !r->flat.status) read_nested(r, &data, anchors);
        return;
    }
}

bool crl_model_anchors(const crl_model *model, crl_anchors *out)
{
    *out = ((const crl_model_holder *)model)->notes.anchors;
    return out->n > 0;
}
