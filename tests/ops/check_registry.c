/* SPDX-License-Identifier: Apache-2.0 */
/* The registry: its rows are those of the schema, in order, and each can be found. */
#include <string.h>
#include <strings.h>

#include "areas.h"
#include "check.h"
#include "model/schema.h"
#include "ops/op.h"

static void rows_are_sound(check *t, unsigned cpu)
{
    (void)cpu;
    const char *last = "";
    for (int32_t i = 0; crl_op_at(i); i++) {
        const crl_op_type *type = crl_op_at(i);
        const bool custom = type->code == CRL_CUSTOM;
        const char *name = custom ? type->name : crl_schema_operators[type->code].name;
        check_that(t, !strcmp(type->name, name), "%s has the code of %s", type->name, name);
        check_that(t, custom || strcasecmp(last, type->name) < 0, "%s stands behind %s", type->name, last);
        check_that(t, crl_op_find(&(crl_operator){ .name = name, .code = type->code }) == type, "%s is not found", name);
        check_that(t, type->in_max < 0 || type->in_min <= type->in_max, "%s: inputs", name);
        check_that(t, type->out_max < 0 || type->out_min <= type->out_max, "%s: outputs", name);
        check_that(t, type->prepare && type->invoke, "%s does nothing", name);
        if (!custom) last = type->name;
    }
    check_that(t, !crl_op_find(&(crl_operator){ .name = "BUILTIN_5000", .code = 5000 }), "code 5000 is found");
}

int area_registry(int argc, char **argv)
{
    static const check_case cases[] = {
        { "rows_are_sound", rows_are_sound, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
