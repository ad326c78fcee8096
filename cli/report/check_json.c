/* SPDX-License-Identifier: Apache-2.0 */
/* See check_json.h. */
#include "report/check_json.h"

static json_t *text_or_null(const char *text)
{
    return text ? cli_json_text(text) : json_null();
}

static json_t *ops_json(const crl_model *m, const crl_check *c)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < c->n_ops; i++) {
        const crl_check_op *op = &c->ops[i];
        json_t *o = json_object();
        json_object_set_new(o, "index", json_integer(i));
        json_object_set_new(o, "op", cli_json_text(m->subgraphs[0].operators[i].name));
        json_object_set_new(o, "mapped", json_boolean(!op->mapping));
        json_object_set_new(o, "status", json_string(crl_mapping_text(op->mapping)));
        json_object_set_new(o, "reason", text_or_null(op->reason));
        json_object_set_new(o, "cure", text_or_null(op->cure));
        json_object_set_new(o, "parameter_bytes", json_integer((json_int_t)op->parameter_bytes));
        json_object_set_new(o, "streamed", json_boolean(op->streamed));
        json_object_set_new(o, "tile_bytes", json_integer((json_int_t)op->tile_bytes));
        json_object_set_new(o, "macs", json_integer((json_int_t)op->macs));
        json_array_append_new(array, o);
    }
    return array;
}

static json_t *layers_json(const crl_model *m, const crl_check_layer *layers, int32_t n)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < n; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "tensor", json_integer(layers[i].tensor));
        json_object_set_new(o, "name", cli_json_text(m->subgraphs[0].tensors[layers[i].tensor].name));
        json_object_set_new(o, "y", json_integer(layers[i].y));
        json_object_set_new(o, "x", json_integer(layers[i].x));
        json_object_set_new(o, "z", json_integer(layers[i].z));
        json_object_set_new(o, "size_bytes", json_integer((json_int_t)layers[i].bytes));
        json_array_append_new(array, o);
    }
    return array;
}

json_t *cli_range_json(double low, double high)
{
    json_t *o = json_object();
    json_object_set_new(o, "low", cli_json_real(low));
    json_object_set_new(o, "high", cli_json_real(high));
    return o;
}

static json_t *requirements_json(const crl_check *c)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < c->n_requirements; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "name", json_string(c->requirements[i].name));
        json_object_set_new(o, "met", json_boolean(c->requirements[i].met));
        json_object_set_new(o, "finding", cli_json_text(c->requirements[i].finding));
        json_array_append_new(array, o);
    }
    return array;
}

json_t *cli_check_json(const crl_model *m, const crl_check *c, const char *name)
{
    static const char *const names[] = { "quantised", "float", "dynamic_range", "float16", "int16", "compiled" };
    json_t *o = json_object(), *latency = json_object();
    for (int32_t i = 0; i < c->n_latency; i++)
        json_object_set_new(latency, c->latency[i].host, cli_range_json(c->latency[i].low_ms, c->latency[i].high_ms));
    json_object_set_new(o, "model", cli_json_text(name));
    json_object_set_new(o, "kind", json_string(names[c->kind]));
    json_object_set_new(o, "mapped", json_integer(c->n_mapped));
    json_object_set_new(o, "advice", text_or_null(c->advice));
    json_object_set_new(o, "first_cpu", c->first_cpu < 0 ? json_null() : json_integer(c->first_cpu));
    json_object_set_new(o, "requirements", requirements_json(c));
    json_object_set_new(o, "ops", ops_json(m, c));
    json_object_set_new(o, "parameter_bytes", json_integer((json_int_t)c->parameter_bytes));
    json_object_set_new(o, "cached_bytes", json_integer((json_int_t)c->cached_bytes));
    json_object_set_new(o, "streamed_bytes", json_integer((json_int_t)c->streamed_bytes));
    json_object_set_new(o, "near_limit", json_boolean(c->near_limit));
    json_object_set_new(o, "tile_bytes", json_integer((json_int_t)c->tile_bytes));
    json_object_set_new(o, "tile_limit", json_integer((json_int_t)c->tile_limit));
    json_object_set_new(o, "inputs", layers_json(m, c->inputs, c->n_inputs));
    json_object_set_new(o, "outputs", layers_json(m, c->outputs, c->n_outputs));
    json_object_set_new(o, "latency_ms", latency);
    return o;
}
