/* SPDX-License-Identifier: Apache-2.0 */
/* See v2.h. */
#include "serve/v2.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/say.h"

enum { MOST_NEST = CRL_MAX_RANK, MORE_TEXT = 65536, DIGITS = 26 };

static const struct {
    crl_type type;
    const char *name;
} types[] = { { CRL_BOOL, "BOOL" },   { CRL_UINT8, "UINT8" },   { CRL_UINT16, "UINT16" }, { CRL_UINT32, "UINT32" }, { CRL_UINT64, "UINT64" },
              { CRL_INT8, "INT8" },   { CRL_INT16, "INT16" },   { CRL_INT32, "INT32" },   { CRL_INT64, "INT64" },   { CRL_FLOAT16, "FP16" },
              { CRL_FLOAT32, "FP32" }, { CRL_FLOAT64, "FP64" }, { CRL_BFLOAT16, "BF16" } };

const char *cli_v2_type(crl_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type) return types[i].name;
    return NULL;
}

size_t cli_v2_most_bytes(const cli_ports *ports)
{
    size_t n = MORE_TEXT;
    for (int i = 0; i < ports->n_in; i++) n += crl_shape_count(&ports->in[i].shape) * DIGITS;
    return n;
}

/* ---- numbers ---- */

typedef struct sink {
    uint8_t *to;
    crl_type type;
    size_t n, most;
} sink;

/* Whether an integer fits; the range of UINT64 is that of jansson's integers. */
static bool in_range(crl_type type, json_int_t v)
{
    const int bits = (int)crl_type_bytes(type) * 8;
    const bool is_signed = type == CRL_INT8 || type == CRL_INT16 || type == CRL_INT32 || type == CRL_INT64;
    if (type == CRL_BOOL) return v == 0 || v == 1;
    if (bits == 64) return is_signed || v >= 0;
    const json_int_t top = (json_int_t)1 << (is_signed ? bits - 1 : bits);
    return v < top && v >= (is_signed ? -top : 0);
}

static bool put_number(sink *s, const json_t *v)
{
    const bool real = s->type == CRL_FLOAT32 || s->type == CRL_FLOAT64;
    const size_t size = crl_type_bytes(s->type);
    uint8_t *to = s->to + s->n * size;
    if (s->n == s->most) return false;
    if (real && json_is_number(v)) {
        const double d = json_number_value(v);
        if (s->type == CRL_FLOAT64)
            memcpy(to, &d, size);
        else
            memcpy(to, &(float){ fabs(d) > 3.4028235677973366e38 ? (float)copysign(INFINITY, d) : (float)d }, size);
    } else if (!real && (json_is_integer(v) || (s->type == CRL_BOOL && json_is_boolean(v)))) {
        const json_int_t i = json_is_boolean(v) ? json_is_true(v) : json_integer_value(v);
        if (!in_range(s->type, i)) return false;
        memcpy(to, &i, size); /* little-endian, as all machines that this runs on */
    } else {
        return false;
    }
    s->n++;
    return true;
}

/* Flat, or nested as the shape is. */
static bool put_numbers(sink *s, const json_t *v, int depth)
{
    if (!json_is_array(v)) return put_number(s, v);
    if (depth > MOST_NEST) return false;
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!put_numbers(s, json_array_get(v, i), depth + 1)) return false;
    return true;
}

/* ---- inputs ---- */

typedef struct reading {
    cli_v2_request *out;
    const cli_ports *ports;
    const uint8_t *tail; /* behind the JSON */
    size_t left;
    crl_error *err;
} reading;

/* The shape of a request has to be the model's, but for the rows of a batch. */
static crl_status read_shape(reading *r, const json_t *shape, const cli_port *port, size_t *count)
{
    char text[CRL_SHAPE_TEXT];
    crl_shape wanted = port->shape;
    const json_int_t rows = json_integer_value(json_array_get(shape, 0));
    bool fits = json_is_array(shape) && (int32_t)json_array_size(shape) == wanted.rank;
    if (fits && r->ports->batch > 1 && rows >= 1 && rows <= r->ports->batch) wanted.dim[0] = (int32_t)rows;
    for (int32_t i = 0; i < wanted.rank && fits; i++) {
        const json_t *d = json_array_get(shape, (size_t)i);
        fits = json_is_integer(d) && json_integer_value(d) == wanted.dim[i];
    }
    if (!fits)
        return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s': its shape is %s%s", port->name, crl_shape_text(&port->shape, text, sizeof text),
                        r->ports->batch > 1 ? ", or of fewer rows" : "");
    if (r->ports->batch > 1 && r->out->rows && r->out->rows != wanted.dim[0])
        return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s': another input has %d rows; all have to have as many", port->name, r->out->rows);
    r->out->rows = r->ports->batch > 1 ? wanted.dim[0] : 1;
    *count = crl_shape_count(&wanted);
    return CRL_OK;
}

static crl_status read_bytes(reading *r, const json_t *size, const cli_port *port, cli_v2_input *in)
{
    const json_int_t n = json_integer_value(size);
    if (!json_is_integer(size) || n < 0 || (uint64_t)n != in->bytes)
        return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s': binary_data_size is to be %zu", port->name, in->bytes);
    if (in->bytes > r->left)
        return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s': %zu bytes are announced, %zu follow", port->name, in->bytes, r->left);
    in->data = r->tail;
    r->tail += in->bytes;
    r->left -= in->bytes;
    return CRL_OK;
}

static crl_status read_data(reading *r, const json_t *data, const cli_port *port, cli_v2_input *in, size_t count)
{
    sink s = { .type = port->type, .most = count };
    if (port->type == CRL_FLOAT16 || port->type == CRL_BFLOAT16)
        return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s': %s goes as bytes only (binary_data_size)", port->name, cli_v2_type(port->type));
    if (!json_is_array(data)) return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s': neither data nor binary_data_size", port->name);
    in->data = in->owned = s.to = malloc(in->bytes + 1);
    if (!s.to) return cli_fail(r->err, CRL_ERR_MEMORY, "no memory for input '%.80s'", port->name);
    if (!put_numbers(&s, data, 1) || s.n != count)
        return cli_fail(r->err, CRL_ERR_ARGUMENT,
                        "input '%.80s': data are to be %zu numbers of %s; number %zu is none, or one too many or few",
                        port->name, count, cli_v2_type(port->type), s.n);
    return CRL_OK;
}

static int find(const cli_port *ports, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(ports[i].name, name)) return i;
    return -1;
}

static crl_status read_input(reading *r, const json_t *o)
{
    const char *name = json_string_value(json_object_get(o, "name")), *type = json_string_value(json_object_get(o, "datatype"));
    const json_t *binary = json_object_get(json_object_get(o, "parameters"), "binary_data_size");
    const int i = name ? find(r->ports->in, r->ports->n_in, name) : -1;
    if (!name) return cli_fail(r->err, CRL_ERR_ARGUMENT, "an input has no \"name\"; the model's first is '%.80s'", r->ports->in[0].name);
    if (i < 0) return cli_fail(r->err, CRL_ERR_ARGUMENT, "the model has no input '%.80s'; its first is '%.80s'", name, r->ports->in[0].name);
    const cli_port *port = &r->ports->in[i];
    cli_v2_input *in = &r->out->in[i];
    if (in->data) return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s' is there twice", port->name);
    if (!type || strcmp(type, cli_v2_type(port->type)))
        return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s': its datatype is %s", port->name, cli_v2_type(port->type));
    size_t count = 0;
    crl_status s = read_shape(r, json_object_get(o, "shape"), port, &count);
    if (s) return s;
    in->bytes = count * crl_type_bytes(port->type);
    return binary ? read_bytes(r, binary, port, in) : read_data(r, json_object_get(o, "data"), port, in, count);
}

static crl_status read_inputs(reading *r, const json_t *inputs)
{
    if (!json_is_array(inputs))
        return cli_fail(r->err, CRL_ERR_ARGUMENT,
                        "a request is {\"inputs\": [{\"name\", \"shape\", \"datatype\", \"data\"}]}");
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        const crl_status s = read_input(r, json_array_get(inputs, i));
        if (s) return s;
    }
    for (int i = 0; i < r->ports->n_in; i++)
        if (!r->out->in[i].data) return cli_fail(r->err, CRL_ERR_ARGUMENT, "input '%.80s' is missing", r->ports->in[i].name);
    if (r->left) return cli_fail(r->err, CRL_ERR_ARGUMENT, "%zu bytes follow that belong to no input", r->left);
    return CRL_OK;
}

/* ---- outputs ---- */

static crl_status read_outputs(reading *r, const json_t *outputs, bool all_binary)
{
    cli_v2_request *q = r->out;
    if (!outputs || (json_is_array(outputs) && !json_array_size(outputs))) { /* none are named: all are wanted */
        for (q->n_out = 0; q->n_out < r->ports->n_out; q->n_out++) q->out[q->n_out] = q->n_out, q->binary[q->n_out] = all_binary;
        return CRL_OK;
    }
    if (!json_is_array(outputs) || json_array_size(outputs) > (size_t)r->ports->n_out)
        return cli_fail(r->err, CRL_ERR_ARGUMENT, "outputs are to be a list of at most %d names", r->ports->n_out);
    for (size_t i = 0; i < json_array_size(outputs); i++) {
        const json_t *o = json_array_get(outputs, i), *parameters = json_object_get(o, "parameters"),
                     *binary = json_object_get(parameters, "binary_data");
        const char *name = json_string_value(json_object_get(o, "name"));
        const int which = name ? find(r->ports->out, r->ports->n_out, name) : -1;
        if (!name) return cli_fail(r->err, CRL_ERR_ARGUMENT, "an output has no \"name\"; the model's first is '%.80s'", r->ports->out[0].name);
        if (which < 0)
            return cli_fail(r->err, CRL_ERR_ARGUMENT, "the model has no output '%.80s'; its first is '%.80s'", name, r->ports->out[0].name);
        if (json_object_get(parameters, "classification")) return cli_fail(r->err, CRL_ERR_ARGUMENT, "the extension 'classification' is not served");
        q->binary[q->n_out] = binary ? json_is_true(binary) : all_binary;
        q->out[q->n_out++] = which;
    }
    return CRL_OK;
}

/* ---- all of it ---- */

/* jansson makes an object of each value, tens of bytes of one digit; so what has more values than a request for this model can have is
 * not parsed. */
static bool is_too_much(const char *text, size_t n, const cli_ports *ports)
{
    size_t values = 0, most = 4096;
    for (int i = 0; i < ports->n_in; i++) most += 2 * crl_shape_count(&ports->in[i].shape);
    for (size_t i = 0; i < n; i++) values += text[i] == ',' || text[i] == '[' || text[i] == '{';
    return values > most;
}

crl_status cli_v2_parse(cli_v2_request *out, const void *body, size_t bytes, size_t json_bytes, const cli_ports *ports, crl_error *err)
{
    json_error_t error;
    *out = (cli_v2_request){ 0 };
    if (json_bytes == SIZE_MAX) json_bytes = bytes;
    if (json_bytes > bytes)
        return cli_fail(err, CRL_ERR_ARGUMENT,
                        "Inference-Header-Content-Length is more than the body has, which is %zu bytes", bytes);
    if (!json_bytes) return cli_fail(err, CRL_ERR_ARGUMENT, "the request is empty");
    if (is_too_much(body, json_bytes, ports)) return cli_fail(err, CRL_ERR_ARGUMENT, "the request has more values than the model's inputs");
    json_t *root = json_loadb(body, json_bytes, 0, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory) return cli_fail(err, CRL_ERR_MEMORY, "no memory for the request");
    if (!root && (json_error_code(&error) == json_error_null_character || json_error_code(&error) == json_error_null_byte_in_key))
        return cli_fail(err, CRL_ERR_ARGUMENT, "line %d: the character U+0000 is in no name that there is; leave it out", error.line);
    if (!root) return cli_fail(err, CRL_ERR_ARGUMENT, "the request is no JSON: line %d: %.150s", error.line, error.text);
    const char *id = json_string_value(json_object_get(root, "id"));
    const bool all_binary = json_is_true(json_object_get(json_object_get(root, "parameters"), "binary_data_output"));
    reading r = { out, ports, (const uint8_t *)body + json_bytes, bytes - json_bytes, err };
    out->id = id ? strdup(id) : NULL;
    crl_status s = read_inputs(&r, json_object_get(root, "inputs"));
    if (!s) s = read_outputs(&r, json_object_get(root, "outputs"), all_binary);
    json_decref(root);
    return s;
}

void cli_v2_release(cli_v2_request *r)
{
    free(r->id);
    for (int i = 0; i < CLI_V2_PORTS; i++) free(r->in[i].owned);
    *r = (cli_v2_request){ 0 };
}

/* ---- answers ---- */

static void put_value(cli_text *t, crl_type type, const uint8_t *at)
{
    union {
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        float f;
        double d;
    } v = { 0 };
    memcpy(&v, at, crl_type_bytes(type));
    switch ((int)type) {
    case CRL_BOOL: cli_text_put(t, *at ? "true" : "false"); break;
    case CRL_UINT8: cli_text_format(t, "%u", *at); break;
    case CRL_INT8: cli_text_format(t, "%d", v.i8); break;
    case CRL_INT16: cli_text_format(t, "%d", v.i16); break;
    case CRL_UINT16: cli_text_format(t, "%u", v.u16); break;
    case CRL_INT32: cli_text_format(t, "%ld", (long)v.i32); break;
    case CRL_UINT32: cli_text_format(t, "%lu", (unsigned long)v.u32); break;
    case CRL_INT64: cli_text_format(t, "%lld", (long long)v.i64); break;
    case CRL_UINT64: cli_text_format(t, "%llu", (unsigned long long)v.u64); break;
    case CRL_FLOAT64: cli_text_format(t, isfinite(v.d) ? "%.17g" : "null", v.d); break;
    default: cli_text_float(t, v.f);
    }
}

static void put_shape(cli_text *t, const crl_shape *shape)
{
    cli_text_put(t, "[");
    for (int32_t i = 0; i < shape->rank; i++) cli_text_format(t, "%s%ld", i ? "," : "", (long)shape->dim[i]);
    cli_text_put(t, "]");
}

static void put_head(cli_text *t, const cli_port *port, const crl_shape *shape)
{
    cli_text_put(t, "{\"name\":");
    cli_text_string(t, port->name);
    cli_text_format(t, ",\"datatype\":\"%s\",\"shape\":", cli_v2_type(port->type));
    put_shape(t, shape);
}

void cli_v2_answer(cli_text *t, size_t *json_bytes, const char *model, const cli_v2_request *r, const cli_ports *ports, const crl_tensor *values)
{
    bool any = false;
    cli_text_put(t, "{\"model_name\":");
    cli_text_string(t, model);
    cli_text_put(t, ",\"model_version\":\"1\"");
    if (r->id) {
        cli_text_put(t, ",\"id\":");
        cli_text_string(t, r->id);
    }
    cli_text_put(t, ",\"outputs\":[");
    for (int i = 0; i < r->n_out; i++) {
        const crl_tensor *v = &values[r->out[i]];
        const size_t n = crl_shape_count(&v->shape), size = crl_type_bytes(v->type);
        const bool binary = r->binary[i] || v->type == CRL_FLOAT16 || v->type == CRL_BFLOAT16;
        any |= binary;
        if (i) cli_text_put(t, ",");
        put_head(t, &ports->out[r->out[i]], &v->shape);
        if (binary) {
            cli_text_format(t, ",\"parameters\":{\"binary_data_size\":%zu}}", n * size);
            continue;
        }
        cli_text_put(t, ",\"data\":[");
        for (size_t k = 0; k < n; k++) {
            if (k) cli_text_put(t, ",");
            put_value(t, v->type, (const uint8_t *)v->data + k * size);
        }
        cli_text_put(t, "]}");
    }
    cli_text_put(t, "]}");
    *json_bytes = any ? t->n : 0;
    for (int i = 0; i < r->n_out; i++) {
        const crl_tensor *v = &values[r->out[i]];
        if (r->binary[i] || v->type == CRL_FLOAT16 || v->type == CRL_BFLOAT16)
            cli_text_bytes(t, v->data, crl_shape_count(&v->shape) * crl_type_bytes(v->type));
    }
}

static void put_ports(cli_text *t, const char *key, const cli_port *ports, int n, bool batched)
{
    cli_text_format(t, ",\"%s\":[", key);
    for (int i = 0; i < n; i++) {
        crl_shape shape = ports[i].shape;
        if (batched && shape.rank) shape.dim[0] = -1;
        if (i) cli_text_put(t, ",");
        put_head(t, &ports[i], &shape);
        cli_text_put(t, "}");
    }
    cli_text_put(t, "]");
}

void cli_v2_metadata(cli_text *t, const char *model, const cli_ports *ports)
{
    cli_text_put(t, "{\"name\":");
    cli_text_string(t, model);
    cli_text_put(t, ",\"versions\":[\"1\"],\"platform\":\"tflite_corallite\"");
    put_ports(t, "inputs", ports->in, ports->n_in, ports->batch > 1);
    put_ports(t, "outputs", ports->out, ports->n_out, ports->batch > 1);
    cli_text_put(t, "}");
}
