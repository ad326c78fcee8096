/* SPDX-License-Identifier: Apache-2.0 */
/* Random windows for checks of convolutions. */
#ifndef CHECK_KERNELS_WINDOWS_H
#define CHECK_KERNELS_WINDOWS_H

#include "check.h"
#include "kernels/window.h"

/* Fully connected layers, 1 x 1, and windows of all shapes, with and without borders. false: it has no outputs, try again. */
bool check_random_window(check *t, crl_window *w);

#endif
