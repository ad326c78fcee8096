/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of .tflite files, of their metadata and of compiled packages as data: tables, their fields, unions, names
 * of enum values, operators. What is read, checked and written goes by it. Fields that code asks for by name are in
 * schema_fields.h; those of operators' options are read one after the other. schema.c and schema_fields.h are written
 * by tools/gen_schema.py. */
#ifndef CRL_MODEL_SCHEMA_H
#define CRL_MODEL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/schema_fields.h"

/* How a field is stored in the file. */
typedef enum crl_schema_kind {
    CRL_SCHEMA_BOOL,
    CRL_SCHEMA_I8,
    CRL_SCHEMA_I16,
    CRL_SCHEMA_I32,
    CRL_SCHEMA_U32,
    CRL_SCHEMA_I64,
    CRL_SCHEMA_U64,
    CRL_SCHEMA_F32,
    CRL_SCHEMA_TYPE, /* a byte: which table the union in the next field is, 0: none */
    /* From here on a distance to what is elsewhere: vectors and texts, */
    CRL_SCHEMA_TEXT,
    CRL_SCHEMA_BOOLS,
    CRL_SCHEMA_BYTES,
    CRL_SCHEMA_SHORTS, /* uint16 */
    CRL_SCHEMA_INTS,
    CRL_SCHEMA_UINTS,
    CRL_SCHEMA_LONGS, /* int64 */
    CRL_SCHEMA_FLOATS,
    CRL_SCHEMA_TEXTS,
    CRL_SCHEMA_TABLES,
    /* tables. */
    CRL_SCHEMA_TABLE,
    CRL_SCHEMA_UNION
} crl_schema_kind;

typedef struct crl_schema_enum {
    const char *const *names; /* of the values 0 to n - 1 */
    int32_t n;
} crl_schema_enum;

typedef struct crl_schema_field {
    const char *name;
    uint8_t id;       /* place in the table; deprecated fields leave gaps */
    uint8_t kind;     /* crl_schema_kind */
    uint8_t of;       /* of numbers: the enum, 0 for none; of tables: which; of unions and their types: which union */
    int8_t preset;    /* value of a field that the file leaves out */
    bool is_subgraph; /* a number that names a subgraph which the operator calls */
} crl_schema_field;

typedef struct crl_schema_table {
    const char *name;
    uint16_t first, n; /* its fields */
} crl_schema_table;

/* Type 1 is table `first`. */
typedef struct crl_schema_union {
    uint8_t first, n;
} crl_schema_union;

typedef struct crl_schema_operator {
    const char *name;
    uint8_t options; /* a table, 0: none */
} crl_schema_operator;

extern const crl_schema_enum crl_schema_enums[];
extern const crl_schema_field crl_schema_fields[];
extern const crl_schema_table crl_schema_tables[];
extern const crl_schema_union crl_schema_unions[];
extern const crl_schema_operator crl_schema_operators[];
extern const int32_t crl_schema_n_operators;

#endif
