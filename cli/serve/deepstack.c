/* SPDX-License-Identifier: Apache-2.0 */
/* See deepstack.h. */
#include "serve/deepstack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/origin.h"
#include "serve/multipart.h"

static void answer(cli_request *r, int status, cli_text *t)
{
    if (t->lost) cli_text_free(t);
    cli_request_answer(r, status, "application/json", t->bytes, t->n);
}

void cli_deepstack_refuse(cli_request *r, int status, const char *text)
{
    cli_text t = { 0 };
    cli_text_format(&t, "{\"success\":false,\"code\":%d,\"error\":", status);
    cli_text_string(&t, text);
    cli_text_put(&t, ",\"predictions\":[]}");
    answer(r, status, &t);
}

static bool read_form(const cli_request *r, cli_form *form, crl_error *err)
{
    return !cli_multipart_parse(form, cli_request_header(r, "Content-Type"), r->body ? r->body : (const uint8_t *)"", r->n, err);
}

bool cli_deepstack_may(const cli_request *r, const char *token)
{
    cli_form form;
    char key[256];
    read_form(r, &form, NULL); /* of one that breaks off, the parts before */
    const cli_part_of_form *part = cli_form_find(&form, "api_key");
    if (!part || part->n >= sizeof key) return false;
    memcpy(key, part->bytes, part->n);
    key[part->n] = 0;
    return crl_same_secret(token, key);
}

/* 0.4 where the form does not say, as DeepStack has it; NaN where what it says is no number from 0 to 1. */
static float least_confidence(const cli_form *form)
{
    const cli_part_of_form *part = cli_form_find(form, "min_confidence");
    char text[32], *end;
    if (!part || !part->n) return 0.4f;
    if (part->n >= sizeof text) return NAN;
    memcpy(text, part->bytes, part->n);
    text[part->n] = 0;
    const float v = strtof(text, &end);
    return *end || !(v >= 0 && v <= 1) ? NAN : v;
}

static const cli_part_of_form *picture_of(const cli_form *form)
{
    const cli_part_of_form *part = cli_form_find(form, "image");
    for (int i = 0; i < form->n && !part; i++)
        if (form->parts[i].is_file) part = &form->parts[i];
    return part;
}

static void tell(cli_text *t, const crl_session *session, const crl_results *found, float least, bool face)
{
    cli_text_put(t, "{\"success\":true,\"code\":200,\"predictions\":[");
    int n = 0;
    for (int32_t i = 0; i < found->n_detections; i++) {
        const crl_detection *d = &found->detections[i];
        const char *label = crl_session_label(session, d->index);
        char number[16];
        snprintf(number, sizeof number, "%d", (int)d->index);
        if (d->score < least) continue;
        cli_text_put(t, n++ ? ",{\"confidence\":" : "{\"confidence\":");
        cli_text_float(t, d->score);
        if (!face) {
            cli_text_put(t, ",\"label\":");
            cli_text_string(t, label ? label : number);
        }
        cli_text_format(t, ",\"x_min\":%ld,\"y_min\":%ld,\"x_max\":%ld,\"y_max\":%ld}", lroundf(d->box.x0),
                        lroundf(d->box.y0), lroundf(d->box.x1), lroundf(d->box.y1));
    }
    const double ms = (double)(found->input_ns + found->run_ns + found->read_ns) / 1e6;
    cli_text_format(t, "],\"count\":%d,\"inferenceMs\":%.3f,\"duration\":%.6f}", n, ms, ms / 1e3);
}

void cli_deepstack(cli_served *v, int seat, cli_request *r, bool face)
{
    cli_form form;
    crl_error err = { .text = "" };
    crl_session *session = v->seats[seat].session;
    if (!read_form(r, &form, &err)) {
        cli_deepstack_refuse(r, 400, err.text);
        return;
    }
    const cli_part_of_form *picture = picture_of(&form);
    const float least = least_confidence(&form);
    if (!session || v->purpose != CRL_PURPOSE_DETECT || !picture || isnan(least)) {
        cli_deepstack_refuse(r, 400,
                             !picture       ? "the form has no picture: a part 'image' is expected"
                             : isnan(least) ? "min_confidence is a number from 0 to 1"
                                            : "this model is no detector");
        return;
    }
    crl_image image;
    const crl_results *found;
    crl_status s = crl_image_decode(&image, picture->bytes, picture->n, &(crl_image_options){ .channels = 3, .exif_orientation = true }, &err);
    if (!s) s = crl_session_run(session, &image, &found, &err);
    if (s) {
        cli_deepstack_refuse(r, s == CRL_ERR_MEMORY ? 503 : s == CRL_ERR_FORMAT || s == CRL_ERR_UNSUPPORTED ? 400 : 500, err.text);
    } else {
        cli_text t = { 0 };
        tell(&t, session, found, least, face);
        answer(r, 200, &t);
    }
    crl_image_fini(&image);
}
