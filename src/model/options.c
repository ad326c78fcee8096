/* SPDX-License-Identifier: Apache-2.0 */
/* Options of operators: every field that the schema knows, with its default where the file leaves it out. */
#include "model/flat_read.h"

static void read_number(const crl_flat_table *t, int field, crl_option *o)
{
    const crl_schema_field *f = &crl_schema_fields[field];
    switch ((crl_schema_kind)f->kind) {
    case CRL_SCHEMA_BOOL:
        o->kind = CRL_OPTION_BOOL;
        o->i = crl_flat_bool(t, field);
        break;
    case CRL_SCHEMA_I8: o->i = crl_flat_i8(t, field); break;
    case CRL_SCHEMA_I32: o->i = crl_flat_i32(t, field); break;
    case CRL_SCHEMA_U32: o->i = crl_flat_u32(t, field); break;
    case CRL_SCHEMA_I64: o->i = crl_flat_i64(t, field); break;
    default: break;
    }
    if (!f->of) return;
    const crl_schema_enum *e = &crl_schema_enums[f->of];
    if (o->i < 0 || o->i >= e->n) {
        crl_flat_fail(t->flat, CRL_ERR_FORMAT, "option \"%s\" is %d, the schema knows 0 (%s) to %d (%s)", f->name,
                      (int)o->i, e->names[0], e->n - 1, e->names[e->n - 1]);
        return;
    }
    o->text = e->names[o->i];
}

/* Dimensions and indices, which fit 32 bits. */
static const int32_t *read_longs(crl_reader *r, const crl_flat_table *t, int field, int32_t *n)
{
    const crl_flat_vector v = crl_flat_list(t, field);
    int32_t *list = crl_reader_take(r, v.n, sizeof *list);
    *n = list ? (int32_t)v.n : 0;
    for (int32_t i = 0; i < *n; i++) {
        const int64_t value = (int64_t)crl_load_u64(r->flat.bytes + v.at + 8 * (size_t)i);
        if (value < INT32_MIN || value > INT32_MAX)
            crl_flat_fail(t->flat, CRL_ERR_FORMAT, "option \"%s\": entry %d is %lld, which does not fit 32 bits",
                          crl_schema_fields[field].name, i, (long long)value);
        else
            list[i] = (int32_t)value;
    }
    return list;
}

/* Bytes and the like are no options: no operator that we have reads them. */
static bool is_option(int field)
{
    switch ((crl_schema_kind)crl_schema_fields[field].kind) {
    case CRL_SCHEMA_BYTES:
    case CRL_SCHEMA_BOOLS:
    case CRL_SCHEMA_UINTS: return false;
    default: return true;
    }
}

static void read_field(crl_reader *r, const crl_flat_table *t, int field, crl_option *o)
{
    *o = (crl_option){ .name = crl_schema_fields[field].name, .kind = CRL_OPTION_INT };
    switch ((crl_schema_kind)crl_schema_fields[field].kind) {
    case CRL_SCHEMA_F32:
        o->kind = CRL_OPTION_FLOAT;
        o->f = crl_flat_f32(t, field);
        break;
    case CRL_SCHEMA_TEXT:
        o->kind = CRL_OPTION_TEXT;
        o->text = crl_reader_text(r, t, field);
        break;
    case CRL_SCHEMA_INTS:
        o->kind = CRL_OPTION_INTS;
        o->v = crl_reader_ints(r, t, field, &o->n);
        break;
    case CRL_SCHEMA_LONGS:
        o->kind = CRL_OPTION_INTS;
        o->v = read_longs(r, t, field, &o->n);
        break;
    case CRL_SCHEMA_FLOATS:
        o->kind = CRL_OPTION_FLOATS;
        o->fv = crl_reader_floats(r, t, field, &o->n);
        break;
    default: read_number(t, field, o); break;
    }
}

/* Newer operators have theirs in a second union. */
static int options_field(int table)
{
    return table < crl_schema_unions[CRL_UNION_BUILTIN_OPTIONS2].first ? CRL_FIELD_OPERATOR_BUILTIN_OPTIONS
                                                                       : CRL_FIELD_OPERATOR_BUILTIN_OPTIONS_2;
}

void crl_options_read(crl_reader *r, const crl_flat_table *op_table, crl_operator *op)
{
    const int want = op->code < crl_schema_n_operators ? crl_schema_operators[op->code].options : 0;
    const crl_schema_table *schema = &crl_schema_tables[want];
    if (!want || !schema->n) return; /* whatever stands there, nobody will look at it */
    const int got = crl_flat_union(op_table, options_field(want));
    if (got && got != want) {
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "options are of type %d (%s), the operator takes %s", got < 0 ? -got : got,
                      got < 0 ? "unknown" : crl_schema_tables[got].name, schema->name);
        return;
    }
    const crl_flat_table t = crl_flat_child(op_table, options_field(want)); /* absent: all fields get their defaults */
    crl_option *list = crl_reader_take(r, schema->n, sizeof *list);
    if (!list) return;
    op->options = list;
    for (int field = schema->first; field < schema->first + schema->n; field++)
        if (is_option(field)) read_field(r, &t, field, &list[op->n_options++]);
}

const crl_option *crl_operator_option(const crl_operator *op, const char *name)
{
    for (int32_t i = 0; i < op->n_options; i++)
        if (!strcmp(op->options[i].name, name)) return &op->options[i];
    return NULL;
}
