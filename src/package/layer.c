/* SPDX-License-Identifier: Apache-2.0 */
/* See layer.h. */
#include "package/layer.h"

#include <math.h>

int32_t crl_package_element(const crl_package_layer *layer)
{
    switch (layer->type) {
    case CRL_LAYER_U8:
    case CRL_LAYER_S8: return 1;
    case CRL_LAYER_U16:
    case CRL_LAYER_S16:
    case CRL_LAYER_BFLOAT:
    case CRL_LAYER_HALF: return 2;
    case CRL_LAYER_S32:
    case CRL_LAYER_SINGLE: return 4;
    }
    return 1;
}

static bool is_known(int type)
{
    return (type >= CRL_LAYER_U8 && type <= CRL_LAYER_SINGLE) || type == CRL_LAYER_S8 || type == CRL_LAYER_S16;
}

/* One of the maps, which has as many entries as the dimension that it goes by. */
static const int32_t *read_map(crl_reader *r, const crl_flat_table *t, int field, int32_t want)
{
    int32_t n;
    const int32_t *map = crl_reader_ints(r, t, field, &n);
    if (!r->flat.status && n != want)
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "\"%s\" has %d entries, the layer has %d", crl_schema_fields[field].name, n, want);
    return map;
}

/* The element at (y, x) is in the layer, with all that follow it in z. */
static bool is_inside(const crl_package_layer *l, int32_t y, int32_t x)
{
    const crl_output_layout *o = &l->layout;
    const int64_t tile = (int64_t)o->y_tile[y] + o->x_tile[x];
    if (tile < 0 || tile >= o->n_tiles || o->tile_offset[tile] < 0 || o->y_row[y] < 0 || o->x_row_bytes[x] < 0 || o->x_offset[x] < 0)
        return false;
    const int64_t at = (int64_t)o->tile_offset[tile] + o->x_offset[x], row = (int64_t)o->y_row[y] * o->x_row_bytes[x];
    const int64_t z = (int64_t)l->z_dim * crl_package_element(l), room = (int64_t)l->bytes;
    return row <= room && at <= room - row && z <= room - row - at;
}

static void read_layout(crl_reader *r, const crl_flat_table *t, crl_package_layer *l)
{
    crl_output_layout *o = &l->layout;
    o->y_tile = read_map(r, t, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LINEAR_TILE_ID_MAP, l->y_dim);
    o->y_row = read_map(r, t, CRL_FIELD_OUTPUT_LAYOUT_Y_COORDINATE_TO_LOCAL_Y_OFFSET, l->y_dim);
    o->x_tile = read_map(r, t, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LINEAR_TILE_ID_MAP, l->x_dim);
    o->x_offset = read_map(r, t, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_BYTE_OFFSET, l->x_dim);
    o->x_row_bytes = read_map(r, t, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_Y_ROW_SIZE, l->x_dim);
    o->tile_offset = crl_reader_ints(r, t, CRL_FIELD_OUTPUT_LAYOUT_LINEARIZED_TILE_BYTE_OFFSET, &o->n_tiles);
    if (!crl_flat_pay(&r->flat, (size_t)l->y_dim * (size_t)l->x_dim)) return;
    if (!o->n_tiles) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "an output layout without tiles");
    for (int32_t y = 0; y < l->y_dim && !r->flat.status; y++)
        for (int32_t x = 0; x < l->x_dim; x++)
            if (!is_inside(l, y, x)) {
                crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "the output layout puts row %d, column %d outside of the layer's %zu bytes", y, x,
                              l->bytes);
                break;
            }
}

/* Dimensions, and that their product is countable and in the layer. */
static void read_size(crl_reader *r, const crl_flat_table *t, crl_package_layer *l)
{
    const int32_t bytes = crl_flat_i32(t, CRL_FIELD_LAYER_SIZE_BYTES);
    l->y_dim = crl_flat_i32(t, CRL_FIELD_LAYER_Y_DIM);
    l->x_dim = crl_flat_i32(t, CRL_FIELD_LAYER_X_DIM);
    l->z_dim = crl_flat_i32(t, CRL_FIELD_LAYER_Z_DIM);
    l->bytes = bytes > 0 ? (size_t)bytes : 0;
    if (r->flat.status) return;
    if (l->y_dim < 1 || l->x_dim < 1 || l->z_dim < 1) {
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "%d rows of %d places of %d elements", l->y_dim, l->x_dim, l->z_dim);
        return;
    }
    const uint64_t room = l->bytes / (size_t)crl_package_element(l);
    if ((uint64_t)l->y_dim * (uint64_t)l->x_dim > room || (uint64_t)l->y_dim * (uint64_t)l->x_dim > room / (uint64_t)l->z_dim)
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "%d rows of %d places of %d elements in %d bytes", l->y_dim, l->x_dim, l->z_dim, bytes);
}

static void read_layer(crl_reader *r, const crl_flat_table *t, bool is_output, crl_package_layer *l)
{
    l->name = crl_reader_text(r, t, CRL_FIELD_LAYER_NAME);
    const int type = crl_flat_i16(t, CRL_FIELD_LAYER_DATA_TYPE);
    if (!is_known(type)) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a layer of data type %d", type);
    l->type = is_known(type) ? (crl_layer_type)type : CRL_LAYER_U8;
    read_size(r, t, l);
    const crl_flat_table numerics = crl_flat_child(t, CRL_FIELD_LAYER_NUMERICS);
    l->zero_point = crl_flat_i32(&numerics, CRL_FIELD_NUMERICS_CONSTANTS_ZERO_POINT);
    l->scale = crl_flat_f32(&numerics, CRL_FIELD_NUMERICS_CONSTANTS_DEQUANTIZATION_FACTOR);
    if (!isfinite(l->scale)) crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "a layer of scale %g", (double)l->scale);
    l->executions = crl_flat_i32(t, CRL_FIELD_LAYER_EXECUTION_COUNT_PER_INFERENCE);
    l->cached = crl_flat_bool(t, CRL_FIELD_LAYER_CACHE_ON_DRAM);
    if (!is_output || r->flat.status || crl_flat_union(t, CRL_FIELD_LAYER_ANY_LAYER) != CRL_TABLE_OUTPUT_LAYER) return;
    const crl_flat_table output = crl_flat_child(t, CRL_FIELD_LAYER_ANY_LAYER);
    const crl_flat_table layout = crl_flat_child(&output, CRL_FIELD_OUTPUT_LAYER_LAYOUT);
    if (layout.flat) read_layout(r, &layout, l);
}

const crl_package_layer *crl_package_layers_read(crl_reader *r, const crl_flat_table *executable, int field, int32_t *n)
{
    const crl_flat_vector list = crl_flat_list(executable, field);
    crl_package_layer *layers = crl_reader_take(r, list.n, sizeof *layers);
    *n = layers ? (int32_t)list.n : 0;
    for (int32_t i = 0; i < *n && !r->flat.status; i++) {
        const crl_flat_table t = crl_flat_item(&list, (uint32_t)i);
        read_layer(r, &t, field == CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS, &layers[i]);
    }
    return layers;
}
