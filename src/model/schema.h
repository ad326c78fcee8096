/* SPDX-License-Identifier: Apache-2.0 */
/* The TensorFlow Lite schema as data: names of operators, fields of their options, names of enum values.
 * schema.c is written by tools/gen_schema.py. */
#ifndef CRL_MODEL_SCHEMA_H
#define CRL_MODEL_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

/* How a field is stored in the file. */
typedef enum crl_schema_kind {
    CRL_SCHEMA_BOOL,
    CRL_SCHEMA_I8,
    CRL_SCHEMA_I32,
    CRL_SCHEMA_U32,
    CRL_SCHEMA_I64,
    CRL_SCHEMA_F32,
    CRL_SCHEMA_TEXT,
    CRL_SCHEMA_INTS,
    CRL_SCHEMA_FLOATS,
    CRL_SCHEMA_LONGS
} crl_schema_kind;

typedef struct crl_schema_enum {
    const char *const *names; /* of the values 0 to n - 1 */
    int32_t n;
} crl_schema_enum;

typedef struct crl_schema_field {
    const char *name;
    uint8_t id;          /* place in the table; deprecated fields leave gaps */
    uint8_t kind;        /* crl_schema_kind */
    uint8_t enumeration; /* index into crl_schema_enums, 0: not an enum */
    int8_t preset;       /* value of a field that the file leaves out */
} crl_schema_field;

typedef struct crl_schema_options {
    const char *name;
    const crl_schema_field *fields;
    int32_t n_fields;
} crl_schema_options;

typedef struct crl_schema_operator {
    const char *name;
    uint8_t options; /* index into crl_schema_option_tables */
} crl_schema_operator;

extern const crl_schema_enum crl_schema_enums[];
extern const crl_schema_options crl_schema_option_tables[];
extern const int32_t crl_schema_n_option_tables;
/* From here on they are those of the second union, whose type 1 is the first of them. */
extern const int32_t crl_schema_second_options;
extern const crl_schema_operator crl_schema_operators[];
extern const int32_t crl_schema_n_operators;

#endif
