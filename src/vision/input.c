/* SPDX-License-Identifier: Apache-2.0 */
/* Which inputs a picture fits. */
#include "base/error.h"
#include "vision/vision.h"

/* How else a picture is laid out than it is here, and what to do about it; NULL: the tensor is none at all. */
static const char *other_layout(const crl_shape *s, const char **cure)
{
    const int32_t *d = s->dim;
    *cure = "export the model for 1 or 3 of them";
    if (s->rank == 3 && d[0] > 3 && (d[2] == 1 || d[2] == 3)) {
        *cure = "export the model with a first dimension of 1";
        return "no batch";
    }
    if (s->rank != 4) return NULL;
    if ((d[1] == 1 || d[1] == 3 || d[1] == 4) && d[2] > 4 && d[3] > 4) {
        *cure = "convert the model to channels last";
        return "channels first";
    }
    if (d[0] > 1 && (d[3] == 1 || d[3] == 3)) {
        *cure = "export the model for one picture at a time";
        return "several pictures at once";
    }
    if (d[0] == 1 && d[1] > 1 && d[2] > 1 && d[3] == 4) return "four channels, as RGBA has";
    return NULL;
}

static crl_status not_a_picture(const crl_tensor *t, crl_error *err)
{
    char shape[CRL_SHAPE_TEXT];
    const char *cure, *layout = other_layout(&t->shape, &cure);
    crl_shape_text(&t->shape, shape, sizeof shape);
    if (layout)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\": the model takes its picture as %s (%s); [1,h,w,3], [1,h,w,1] "
                        "and [1,h,w] are filled here: %s", t->name, shape, layout, cure);
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\" is %s %s, no picture; [1,h,w,3], [1,h,w,1] and [1,h,w] of "
                    "UINT8, INT8, INT16 or FLOAT32 are", t->name, crl_type_name(t->type), shape);
}

crl_status crl_input_check(const crl_tensor *t, crl_error *err)
{
    const crl_shape *s = &t->shape;
    const bool type = t->type == CRL_UINT8 || t->type == CRL_INT8 || t->type == CRL_INT16 || t->type == CRL_FLOAT32;
    const bool shape = (s->rank == 3 || (s->rank == 4 && (s->dim[3] == 1 || s->dim[3] == 3))) && s->dim[0] == 1 &&
                       s->dim[1] > 0 && s->dim[2] > 0;
    if (!type || !shape) return not_a_picture(t, err);
    if (s->dim[1] > CRL_IMAGE_MAX_SIDE || s->dim[2] > CRL_IMAGE_MAX_SIDE ||
        (int64_t)s->dim[1] * s->dim[2] > CRL_IMAGE_MAX_PIXELS)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\" takes a picture of %d x %d pixels, past the limit of %d",
                        t->name, s->dim[2], s->dim[1], CRL_IMAGE_MAX_PIXELS);
    return CRL_OK;
}
