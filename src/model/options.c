/* SPDX-License-Identifier: Apache-2.0 */
/* Options of operators: every field that the schema knows, with its default where the file leaves it out. */
#include "model/flat_read.h"
#include "model/schema.h"

/* Newer operators have theirs in a second union. */
enum { FIELD_OPTIONS_TYPE = 3, FIELD_OPTIONS = 4, FIELD_OPTIONS_2_TYPE = 11, FIELD_OPTIONS_2 = 12 };

static void read_number(const crl_flat_table *t, const crl_schema_field *f, crl_option *o)
{
    switch ((crl_schema_kind)f->kind) {
    case CRL_SCHEMA_BOOL:
        o->kind = CRL_OPTION_BOOL;
        o->i = crl_flat_bool(t, f->id, f->name, f->preset != 0);
        break;
    case CRL_SCHEMA_I8: o->i = crl_flat_i8(t, f->id, f->name, f->preset); break;
    case CRL_SCHEMA_I32: o->i = crl_flat_i32(t, f->id, f->name, f->preset); break;
    case CRL_SCHEMA_U32: o->i = crl_flat_u32(t, f->id, f->name, (uint32_t)f->preset); break;
    case CRL_SCHEMA_I64: o->i = crl_flat_i64(t, f->id, f->name, f->preset); break;
    default: break;
    }
    if (!f->enumeration) return;
    const crl_schema_enum *e = &crl_schema_enums[f->enumeration];
    if (o->i < 0 || o->i >= e->n) {
        crl_flat_fail(t->flat, CRL_ERR_FORMAT, "option \"%s\" is %d, the schema knows 0 (%s) to %d (%s)", f->name,
                      (int)o->i, e->names[0], e->n - 1, e->names[e->n - 1]);
        return;
    }
    o->text = e->names[o->i];
}

/* Dimensions and indices, which fit 32 bits. */
static const int32_t *read_longs(crl_reader *r, const crl_flat_table *t, const crl_schema_field *f, int32_t *n)
{
    const crl_flat_vector v = crl_flat_list(t, f->id, f->name, 8);
    int32_t *list = crl_reader_take(r, v.n, sizeof *list);
    *n = list ? (int32_t)v.n : 0;
    for (int32_t i = 0; i < *n; i++) {
        const int64_t value = (int64_t)crl_load_u64(r->flat.bytes + v.at + 8 * (size_t)i);
        if (value < INT32_MIN || value > INT32_MAX)
            crl_flat_fail(t->flat, CRL_ERR_FORMAT, "option \"%s\": entry %d is %lld, which does not fit 32 bits", f->name, i,
                          (long long)value);
        else
            list[i] = (int32_t)value;
    }
    return list;
}

static void read_field(crl_reader *r, const crl_flat_table *t, const crl_schema_field *f, crl_option *o)
{
    *o = (crl_option){ .name = f->name, .kind = CRL_OPTION_INT };
    switch ((crl_schema_kind)f->kind) {
    case CRL_SCHEMA_F32:
        o->kind = CRL_OPTION_FLOAT;
        o->f = crl_flat_f32(t, f->id, f->name, f->preset);
        break;
    case CRL_SCHEMA_TEXT:
        o->kind = CRL_OPTION_TEXT;
        o->text = crl_reader_text(r, t, f->id, f->name);
        break;
    case CRL_SCHEMA_INTS:
        o->kind = CRL_OPTION_INTS;
        o->v = crl_reader_ints(r, t, f->id, f->name, &o->n);
        break;
    case CRL_SCHEMA_LONGS:
        o->kind = CRL_OPTION_INTS;
        o->v = read_longs(r, t, f, &o->n);
        break;
    case CRL_SCHEMA_FLOATS:
        o->kind = CRL_OPTION_FLOATS;
        o->fv = crl_reader_floats(r, t, f->id, f->name, &o->n);
        break;
    default: read_number(t, f, o); break;
    }
}

void crl_options_read(crl_reader *r, const crl_flat_table *op_table, crl_operator *op)
{
    const int32_t want = op->code < crl_schema_n_operators ? crl_schema_operators[op->code].options : 0;
    if (!want) return; /* whatever stands there, nobody will look at it */
    const crl_schema_options *schema = &crl_schema_option_tables[want];
    const bool second = want >= crl_schema_second_options;
    int32_t got = second ? crl_flat_u8(op_table, FIELD_OPTIONS_2_TYPE, "builtin_options_2_type", 0)
                         : crl_flat_u8(op_table, FIELD_OPTIONS_TYPE, "builtin_options_type", 0);
    if (second && got) got += crl_schema_second_options - 1;
    if (got && got != want) {
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "options are of type %d (%s), the operator takes %s", got,
                      got < crl_schema_n_option_tables ? crl_schema_option_tables[got].name : "unknown", schema->name);
        return;
    }
    crl_flat_table t = { 0 }; /* absent: all fields get their defaults */
    if (got) t = second ? crl_flat_child(op_table, FIELD_OPTIONS_2, "builtin_options_2")
                        : crl_flat_child(op_table, FIELD_OPTIONS, "builtin_options");
    crl_option *list = crl_reader_take(r, (size_t)schema->n_fields, sizeof *list);
    if (!list) return;
    for (int32_t i = 0; i < schema->n_fields; i++) read_field(r, &t, &schema->fields[i], &list[i]);
    op->options = list;
    op->n_options = schema->n_fields;
}

const crl_option *crl_operator_option(const crl_operator *op, const char *name)
{
    for (int32_t i = 0; i < op->n_options; i++)
        if (!strcmp(op->options[i].name, name)) return &op->options[i];
    return NULL;
}
