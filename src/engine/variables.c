/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of a model: see variables.h. */
#include "engine/variables.h"

#include <string.h>

void crl_variables_init(crl_variables *v, crl_host *host)
{
    *v = (crl_variables){ .pile = { .account = crl_host_account(host) } };
}

void crl_variables_release(crl_variables *v, crl_host *host)
{
    for (int32_t i = 0; i < v->n; i++) crl_given_release(&v->list[i].room, host);
    crl_pile_free(&v->pile);
    *v = (crl_variables){ 0 };
}

static crl_status add(crl_variables *v, const char *container, const char *name, crl_error *err)
{
    if (v->n == v->cap) {
        const int32_t cap = v->cap ? 2 * v->cap : 8;
        crl_pile pile = crl_pile_beside(&v->pile);
        crl_variable *list = crl_pile_array(&pile, (size_t)cap, sizeof *list);
        if (!list) return crl_fail_memory(err, "the model's variables");
        if (v->n) memcpy(list, v->list, (size_t)v->n * sizeof *list);
        crl_pile_free(&v->pile);
        v->pile = pile;
        v->list = list;
        v->cap = cap;
    }
    v->list[v->n++] = (crl_variable){ .container = container, .name = name };
    return CRL_OK;
}

crl_status crl_variables_find(crl_variables *v, const char *container, const char *name, int32_t *id, crl_error *err)
{
    int32_t i = 0;
    while (i < v->n && (strcmp(v->list[i].name, name) || strcmp(v->list[i].container, container))) i++;
    *id = i;
    return i < v->n ? CRL_OK : add(v, container, name, err);
}

static crl_status check_id(const crl_variables *v, int32_t id, crl_error *err)
{
    if (id >= 0 && id < v->n) return CRL_OK;
    return crl_fail(err, CRL_ERR_FORMAT, "%d is no handle of a variable, the model has %d variables", id, v->n);
}

crl_status crl_variables_assign(crl_variables *v, crl_host *host, int32_t id, const crl_tensor *value, crl_error *err)
{
    crl_status s = check_id(v, id, err);
    if (s) return s;
    crl_variable *to = &v->list[id];
    if (!to->room.data || value->bytes > to->room.bytes) {
        crl_given larger = { 0 }; /* beside the old one: where there is no memory, the value stays */
        s = crl_given_enlarge(&larger, value->bytes, host, "the variables", err);
        if (s) return s;
        crl_given_release(&to->room, host);
        to->room = larger;
        to->value.data = larger.data;
    }
    to->value.type = value->type;
    to->value.shape = value->shape;
    to->value.bytes = value->bytes;
    if (value->bytes) memcpy(to->value.data, value->data, value->bytes);
    return CRL_OK;
}

crl_status crl_variables_read(const crl_variables *v, int32_t id, const crl_tensor **value, crl_error *err)
{
    crl_status s = check_id(v, id, err);
    if (s) return s;
    const crl_variable *from = &v->list[id];
    if (!from->value.data)
        return crl_fail(err, CRL_ERR_FORMAT, "variable \"%.60s\" is read, but nothing was assigned to it yet", from->name);
    *value = &from->value;
    return CRL_OK;
}
