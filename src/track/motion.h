/* SPDX-License-Identifier: Apache-2.0 */
/* Where a box is and where it goes: Kalman filters of constant velocity. */
#ifndef CRL_TRACK_MOTION_H
#define CRL_TRACK_MOTION_H

#include <corallite/vision.h>

/* A number and how it changes, with the covariances of both. */
typedef struct crl_drift {
    double x, v;
    double xx, xv, vv;
} crl_drift;

/* Centre and size of a box, each by itself: with noise that does not tie them together, no covariance between them ever arises,
 * and a filter of eight numbers is these four. Time is counted in steps of CRL_STEP seconds, for which noise is known. */
typedef struct crl_motion {
    crl_drift centre_x, centre_y, width, height;
} crl_motion;

#define CRL_STEP (1 / 30.0)

void crl_motion_start(crl_motion *m, const crl_box *box);
/* Lets `steps` go by, which may be 0 or a part of one. `lost`: nothing is seen of it, so that its size stays as it is. */
void crl_motion_predict(crl_motion *m, double steps, bool lost);
/* Takes in what was seen. */
void crl_motion_correct(crl_motion *m, const crl_box *box);
crl_box crl_motion_box(const crl_motion *m);

#endif
