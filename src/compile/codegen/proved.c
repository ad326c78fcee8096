/* SPDX-License-Identifier: Apache-2.0 */
/* Which forms are proved: a public compiled model of that very form comes out of its model byte for byte, but for the token. */
#include "compile/codegen/codegen.h"

#include <stdio.h>
#include <stdlib.h>

#define DENSE(n, m) { .family = CRL_FAMILY_DENSE, .inputs = (n), .outputs = (m), .channel_scales = true, .channel_zeros = true }
#define CONV(h, w, n, m)                                                                                               \
    {                                                                                                                  \
        .family = CRL_FAMILY_CONV, .height = (h), .width = (w), .inputs = (n), .outputs = (m), .is_signed = true,      \
        .zero_bias = true, .kernel_height = 3, .kernel_width = 3, .stride = 1, .channel_scales = true, .channel_zeros = true \
    }
#define GABOR(n, ...)                                                                                                  \
    {                                                                                                                  \
        .family = CRL_FAMILY_CONV, .height = (n), .width = (n), .inputs = 1, .outputs = 8, .zero_bias = true,          \
        .activation = 1, .kernel_height = 7, .kernel_width = 7, .stride = 1, .depthwise = true, .channel_zeros = true, __VA_ARGS__ \
    }

/* What the forms of public compiled models are. Source: the templates of LibrEdgeTPU (dense layers, one channel) and coral-usb-oxidized. */
static const crl_form proved[] = {
    DENSE(256, 256), DENSE(512, 512), DENSE(1024, 1024),
    CONV(12, 128, 32, 32), CONV(12, 176, 32, 32), CONV(12, 184, 32, 32), CONV(12, 192, 32, 32),
    CONV(12, 128, 64, 64), CONV(12, 176, 64, 64), CONV(12, 184, 64, 64), CONV(12, 192, 64, 64),
    CONV(12, 128, 128, 128), CONV(12, 176, 128, 128), CONV(12, 184, 128, 128), CONV(12, 192, 128, 128),
    GABOR(64, .pool = CRL_POOL_NONE), GABOR(128, .pool = CRL_POOL_NONE),
    GABOR(64, .pool = CRL_POOL_AVERAGE, .pool_size = 4), GABOR(128, .pool = CRL_POOL_AVERAGE, .pool_size = 4),
};

static bool same(const crl_form *a, const crl_form *b)
{
    return a->family == b->family && a->alone == b->alone && !a->next && !b->next && a->inputs == b->inputs && a->outputs == b->outputs && a->height == b->height && a->width == b->width &&
           a->is_signed == b->is_signed && a->zero_bias == b->zero_bias && a->bias == b->bias && a->activation == b->activation &&
           a->kernel_height == b->kernel_height && a->kernel_width == b->kernel_width && a->stride == b->stride && a->valid == b->valid &&
           a->depthwise == b->depthwise && a->pool == b->pool && a->pool_size == b->pool_size && a->each == b->each && a->softmax == b->softmax &&
           a->channel_scales == b->channel_scales && a->channel_zeros == b->channel_zeros;
}

static int32_t distance(const crl_form *a, const crl_form *b)
{
    if (a->family != b->family) return INT32_MAX;
    return abs(a->inputs - b->inputs) + abs(a->outputs - b->outputs) + abs(a->height - b->height) + abs(a->width - b->width) +
           abs(a->kernel_height - b->kernel_height) + abs(a->kernel_width - b->kernel_width) + (a->pool != b->pool);
}

bool crl_form_proved(const crl_form *form, char *near)
{
    const crl_form *best = &proved[0];
    for (size_t i = 0; i < sizeof proved / sizeof proved[0]; i++) {
        if (same(form, &proved[i])) return true;
        if (distance(form, &proved[i]) < distance(form, best)) best = &proved[i];
    }
    crl_form_text(best, near);
    return false;
}
