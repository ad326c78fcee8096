/* SPDX-License-Identifier: Apache-2.0 */
/* .npy files in and out: see npy.h. Layout: numpy.lib.format in NumPy's documentation. */
#include "io/npy.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/say.h"

static const struct {
    crl_type type;
    const char *descr;
} types[] = {
    { CRL_FLOAT32, "<f4" },   { CRL_UINT8, "|u1" },       { CRL_INT8, "|i1" },   { CRL_INT16, "<i2" },
    { CRL_INT32, "<i4" },     { CRL_INT64, "<i8" },       { CRL_BOOL, "|b1" },   { CRL_FLOAT16, "<f2" },
    { CRL_FLOAT64, "<f8" },   { CRL_UINT16, "<u2" },      { CRL_UINT32, "<u4" }, { CRL_UINT64, "<u8" },
    { CRL_COMPLEX64, "<c8" }, { CRL_COMPLEX128, "<c16" },
};
enum { N_TYPES = sizeof types / sizeof types[0] };

/* The header's text, read from left to right. */
typedef struct cursor {
    const char *at, *end;
} cursor;

static void blanks(cursor *c)
{
    while (c->at < c->end && strchr(" \t\r\n", *c->at) && *c->at) c->at++;
}

static bool take(cursor *c, char what)
{
    blanks(c);
    if (c->at == c->end || *c->at != what) return false;
    c->at++;
    return true;
}

static bool take_word(cursor *c, const char *word)
{
    blanks(c);
    const size_t n = strlen(word);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n)) return false;
    c->at += n;
    return true;
}

/* A string in either quotes; none of those that matter has an escape in it. */
static bool take_string(cursor *c, char *buf, size_t size)
{
    blanks(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return false;
    const char quote = *c->at++;
    size_t n = 0;
    while (c->at < c->end && *c->at != quote && n + 1 < size) buf[n++] = *c->at++;
    buf[n] = 0;
    return take(c, quote);
}

static crl_status broken(crl_error *err, const char *what)
{
    return cli_fail(err, CRL_ERR_FORMAT, "broken .npy file: %s", what);
}

static crl_status read_type(cursor *c, cli_npy *out, crl_error *err)
{
    char descr[32];
    blanks(c);
    if (c->at < c->end && *c->at == '[')
        return cli_fail(err, CRL_ERR_UNSUPPORTED, "elements are records; an array of plain numbers is expected");
    if (!take_string(c, descr, sizeof descr)) return broken(err, "its 'descr' is no string");
    for (int i = 0; i < N_TYPES; i++) {
        const char *known = types[i].descr;
        const bool single = crl_type_bytes(types[i].type) == 1; /* byte order says nothing then */
        if (strcmp(descr + (*descr != 0), known + 1) || !strchr(single ? "|<>=" : "<", *descr)) continue;
        out->type = types[i].type;
        return CRL_OK;
    }
    if (*descr == '>')
        return cli_fail(err, CRL_ERR_UNSUPPORTED, "type '%s' is big-endian; only little-endian is read", descr);
    return cli_fail(err, CRL_ERR_UNSUPPORTED, "type '%s' is not one that a tensor can have", descr);
}

static crl_status read_shape(cursor *c, cli_npy *out, crl_error *err)
{
    if (!take(c, '(')) return broken(err, "its 'shape' is no tuple");
    while (!take(c, ')')) {
        int64_t v = 0;
        blanks(c);
        const char *first = c->at;
        for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
            if ((v = v * 10 + (*c->at - '0')) > INT32_MAX)
                return cli_fail(err, CRL_ERR_UNSUPPORTED, "a dimension is larger than %d", INT32_MAX);
        if (c->at == first) return broken(err, "a dimension is no number");
        if (out->shape.rank == CRL_MAX_RANK)
            return cli_fail(err, CRL_ERR_UNSUPPORTED, "more than %d dimensions", CRL_MAX_RANK);
        out->shape.dim[out->shape.rank++] = (int32_t)v;
        if (!take(c, ',') && (c->at == c->end || *c->at != ')'))
            return broken(err, "its 'shape' is no tuple of numbers");
    }
    return CRL_OK;
}

static crl_status read_dictionary(cursor c, cli_npy *out, bool *fortran, crl_error *err)
{
    enum { TYPE = 1, ORDER = 2, SHAPE = 4 };
    int seen = 0;
    if (!take(&c, '{')) return broken(err, "its header is no dictionary");
    while (!take(&c, '}')) {
        char key[32];
        crl_status s = CRL_OK;
        if (!take_string(&c, key, sizeof key) || !take(&c, ':')) return broken(err, "its header is no dictionary");
        const int which = !strcmp(key, "descr")           ? TYPE
                          : !strcmp(key, "fortran_order") ? ORDER
                          : !strcmp(key, "shape")         ? SHAPE
                                                          : 0;
        if (!which || seen & which) return broken(err, "its header has a key that does not belong there");
        seen |= which;
        if (which == TYPE)
            s = read_type(&c, out, err);
        else if (which == SHAPE)
            s = read_shape(&c, out, err);
        else if (!(*fortran = take_word(&c, "True")) && !take_word(&c, "False"))
            s = broken(err, "its 'fortran_order' is neither True nor False");
        if (s) return s;
        blanks(&c);
        if (!take(&c, ',') && (c.at == c.end || *c.at != '}')) return broken(err, "its header is no dictionary");
    }
    blanks(&c);
    if (seen != (TYPE | ORDER | SHAPE) || c.at != c.end) return broken(err, "its header is incomplete");
    return CRL_OK;
}

/* Columns first and rows first are one when at most one dimension is longer than 1. */
static bool order_matters(const crl_shape *s)
{
    int longer = 0;
    for (int32_t i = 0; i < s->rank; i++) longer += s->dim[i] > 1;
    return longer > 1;
}

crl_status cli_npy_parse(cli_npy *out, const uint8_t *file, size_t size, crl_error *err)
{
    *out = (cli_npy){ 0 };
    if (size < 10 || memcmp(file, "\x93NUMPY", 6)) return cli_fail(err, CRL_ERR_FORMAT, "not a .npy file");
    if (file[6] < 1 || file[6] > 3)
        return cli_fail(err, CRL_ERR_UNSUPPORTED, ".npy format %d.%d; 1.0 to 3.0 are read", file[6], file[7]);
    size_t length = file[8] | (size_t)file[9] << 8;
    size_t start = 10;
    if (file[6] > 1) {
        if (size < 12) return broken(err, "it ends within its header");
        length |= (size_t)file[10] << 16 | (size_t)file[11] << 24;
        start = 12;
    }
    if (length > CLI_NPY_READ)
        return cli_fail(err, CRL_ERR_UNSUPPORTED, "a header of %zu bytes; at most %d are read", length, CLI_NPY_READ);
    if (size - start < length) return broken(err, "it ends within its header");
    bool fortran = false;
    const char *text = (const char *)file + start;
    const crl_status s = read_dictionary((cursor){ text, text + length }, out, &fortran, err);
    if (s) return s;
    if (fortran && order_matters(&out->shape))
        return cli_fail(err, CRL_ERR_UNSUPPORTED, "the array is in Fortran order; save numpy.ascontiguousarray(a)");
    size_t bytes = crl_type_bytes(out->type);
    for (int32_t i = 0; i < out->shape.rank; i++)
        if (__builtin_mul_overflow(bytes, (size_t)out->shape.dim[i], &bytes))
            return cli_fail(err, CRL_ERR_UNSUPPORTED, "the array is larger than memory can be");
    out->offset = start + length;
    out->bytes = bytes;
    return CRL_OK;
}

crl_status cli_npy_load(cli_npy_file *out, const char *path, size_t most, crl_error *err)
{
    *out = (cli_npy_file){ 0 };
    /* One byte more than could be right, to see that there is more. */
    crl_status s = cli_read_file(path, 12 + CLI_NPY_READ + most + 1, &out->bytes, &out->size, err);
    if (s) return s;
    s = cli_npy_parse(&out->npy, out->bytes, out->size, err);
    return s ? cli_within(err, s, "%s", path) : CRL_OK;
}

crl_status cli_npy_check(const cli_npy_file *file, crl_type type, const crl_shape *shape, crl_error *err)
{
    const cli_npy *npy = &file->npy;
    const size_t size = file->size - npy->offset;
    if (npy->type != type || !crl_shape_equal(&npy->shape, shape)) {
        char have[CRL_SHAPE_TEXT], want[CRL_SHAPE_TEXT];
        return cli_fail(err, CRL_ERR_ARGUMENT, "%s %s, but the model takes %s %s", crl_type_name(npy->type),
                        crl_shape_text(&npy->shape, have, sizeof have), crl_type_name(type),
                        crl_shape_text(shape, want, sizeof want));
    }
    if (size < npy->bytes)
        return cli_fail(err, CRL_ERR_FORMAT, "it ends too early: %zu bytes of elements where its shape asks for %zu", size,
                        npy->bytes);
    if (size > npy->bytes)
        return cli_fail(err, CRL_ERR_FORMAT, "more bytes follow the %zu that its shape asks for", npy->bytes);
    return CRL_OK;
}

/* Format 1.0; returns the length, 0 for a type that NumPy has not. */
static size_t write_header(uint8_t out[CLI_NPY_WRITE], crl_type type, const crl_shape *shape)
{
    const char *descr = NULL;
    for (int i = 0; i < N_TYPES; i++)
        if (types[i].type == type) descr = types[i].descr;
    if (!descr) return 0;
    char dims[128] = "", text[CLI_NPY_WRITE];
    for (int32_t i = 0; i < shape->rank; i++) {
        const size_t used = strlen(dims);
        snprintf(dims + used, sizeof dims - used, i ? ", %d" : "%d", shape->dim[i]);
    }
    const int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }", descr, dims,
                           shape->rank == 1 ? "," : "");
    const size_t whole = ((size_t)n + 10 + 1 + 63) / 64 * 64; /* elements start on a multiple of 64 */
    memset(out, ' ', whole);
    memcpy(out, "\x93NUMPY\x01", 7);
    out[7] = 0;
    out[8] = (uint8_t)(whole - 10);
    out[9] = (uint8_t)((whole - 10) >> 8);
    memcpy(out + 10, text, (size_t)n);
    out[whole - 1] = '\n';
    return whole;
}

crl_status cli_npy_save(const char *path, const crl_tensor *tensor, crl_error *err)
{
    uint8_t header[CLI_NPY_WRITE];
    const size_t n = write_header(header, tensor->type, &tensor->shape);
    if (!n) return cli_fail(err, CRL_ERR_UNSUPPORTED, "%s: NumPy has no type %s", path, crl_type_name(tensor->type));
    return cli_write_file(path, header, n, tensor->data, tensor->bytes, err);
}
