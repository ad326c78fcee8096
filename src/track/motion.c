/* SPDX-License-Identifier: Apache-2.0 */
/* Kalman filters (motion.h). The noise is in parts of the box's size, as BoT-SORT has it. */
#include "track/motion.h"

#define NOISE_OF_PLACE (1 / 20.0)
#define NOISE_OF_SPEED (1 / 160.0)

static double square(double x)
{
    return x * x;
}

static crl_drift start(double x, double size)
{
    return (crl_drift){ .x = x, .xx = square(2 * NOISE_OF_PLACE * size), .vv = square(10 * NOISE_OF_SPEED * size) };
}

static void predict(crl_drift *d, double steps, double size)
{
    d->x += d->v * steps;
    d->xx += steps * (2 * d->xv + steps * d->vv) + steps * square(NOISE_OF_PLACE * size);
    d->xv += steps * d->vv;
    d->vv += steps * square(NOISE_OF_SPEED * size);
}

static void correct(crl_drift *d, double seen, double size)
{
    const double all = d->xx + square(NOISE_OF_PLACE * size), gain_x = d->xx / all, gain_v = d->xv / all, off = seen - d->x;
    d->x += gain_x * off;
    d->v += gain_v * off;
    d->vv -= gain_v * d->xv;
    d->xv -= gain_x * d->xv;
    d->xx -= gain_x * d->xx;
}

/* A box that shrinks has a size all the same. */
static double size(const crl_drift *d)
{
    return d->x > 1 ? d->x : 1;
}

void crl_motion_start(crl_motion *m, const crl_box *b)
{
    const double width = (double)b->x1 - b->x0, height = (double)b->y1 - b->y0;
    const double noise_x = width > 1 ? width : 1, noise_y = height > 1 ? height : 1;
    *m = (crl_motion){ start(((double)b->x0 + b->x1) / 2, noise_x), start(((double)b->y0 + b->y1) / 2, noise_y),
                       start(width, noise_x), start(height, noise_y) };
}

void crl_motion_predict(crl_motion *m, double steps, bool lost)
{
    const double width = size(&m->width), height = size(&m->height);
    if (lost) m->width.v = m->height.v = 0;
    predict(&m->centre_x, steps, width);
    predict(&m->centre_y, steps, height);
    predict(&m->width, steps, width);
    predict(&m->height, steps, height);
}

void crl_motion_correct(crl_motion *m, const crl_box *b)
{
    const double width = size(&m->width), height = size(&m->height);
    correct(&m->centre_x, ((double)b->x0 + b->x1) / 2, width);
    correct(&m->centre_y, ((double)b->y0 + b->y1) / 2, height);
    correct(&m->width, (double)b->x1 - b->x0, width);
    correct(&m->height, (double)b->y1 - b->y0, height);
}

crl_box crl_motion_box(const crl_motion *m)
{
    const double x = size(&m->width) / 2, y = size(&m->height) / 2;
    return (crl_box){ (float)(m->centre_x.x - x), (float)(m->centre_y.x - y), (float)(m->centre_x.x + x),
                      (float)(m->centre_y.x + y) };
}
