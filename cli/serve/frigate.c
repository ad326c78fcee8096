/* SPDX-License-Identifier: Apache-2.0 */
/* Frigate's messages: see frigate.h. */
#include "serve/frigate.h"

#include <string.h>

#include <jansson.h>

#include "io/say.h"

enum { MOST_HEAD = 65536, MOST_SIDE = 8192 };

/* The file's name without its folder and ending, in the letters that names have. */
static void take_name(char *out, size_t room, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *slash = strrchr(name, '/');
    if (slash) name = slash + 1;
    size_t n = strlen(name);
    if (n > 7 && !strcmp(name + n - 7, ".tflite")) n -= 7;
    if (n >= room) n = room - 1;
    for (size_t i = 0; i < n; i++) out[i] = strchr(letters, name[i]) ? name[i] : '_';
    out[n] = 0;
}

static crl_status read_frame(cli_frigate_message *out, const json_t *root, size_t body, crl_error *err)
{
    const json_t *shape = json_object_get(root, "shape");
    const char *type = json_string_value(json_object_get(root, "dtype"));
    json_int_t d[4] = { 0 };
    bool good = json_is_array(shape) && json_array_size(shape) == 4 && type && !strcmp(type, "uint8");
    for (size_t i = 0; i < 4 && good; i++) d[i] = json_integer_value(json_array_get(shape, i));
    good = good && d[0] == 1 && d[3] == 3 && d[1] >= 1 && d[1] <= MOST_SIDE && d[2] >= 1 && d[2] <= MOST_SIDE;
    if (!good) return cli_fail(err, CRL_ERR_ARGUMENT, "a frame is uint8 of shape [1,height,width,3] (Frigate: input_tensor: nhwc, input_dtype: int)");
    if ((uint64_t)body != (uint64_t)(d[1] * d[2] * 3))
        return cli_fail(err, CRL_ERR_ARGUMENT, "%zu bytes of a frame of %lld", body, (long long)(d[1] * d[2] * 3));
    out->kind = CLI_FRIGATE_LOOK;
    out->height = (int32_t)d[1];
    out->width = (int32_t)d[2];
    return CRL_OK;
}

crl_status cli_frigate_parse(cli_frigate_message *out, const void *head, size_t n, size_t body, crl_error *err)
{
    *out = (cli_frigate_message){ 0 };
    if (n > MOST_HEAD) return cli_fail(err, CRL_ERR_ARGUMENT, "the first part has %zu bytes, at most %d are expected", n, MOST_HEAD);
    json_t *root = n ? json_loadb(head, n, 0, NULL) : NULL;
    if (!json_is_object(root)) {
        json_decref(root);
        return cli_fail(err, CRL_ERR_ARGUMENT, "the first part is no JSON object");
    }
    const char *name = json_string_value(json_object_get(root, "model_name"));
    const bool has = json_is_true(json_object_get(root, "model_request")), takes = json_is_true(json_object_get(root, "model_data"));
    crl_status s = CRL_OK;
    if (!has && !takes)
        s = read_frame(out, root, body, err);
    else if (!name || !*name || (takes && !body))
        s = cli_fail(err, CRL_ERR_ARGUMENT, "a model's name%s is expected", takes ? ", and its bytes," : "");
    else {
        out->kind = has ? CLI_FRIGATE_HAS : CLI_FRIGATE_TAKE;
        take_name(out->model, sizeof out->model, name);
    }
    json_decref(root);
    return s;
}
