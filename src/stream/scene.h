/* SPDX-License-Identifier: Apache-2.0 */
/* A scene that moves, and of which all is known: printed signs pass by a wall in two rows, one to the right, the other to the
 * left. What is where follows from the time alone. */
#ifndef CRL_STREAM_SCENE_H
#define CRL_STREAM_SCENE_H

#include <corallite/vision.h>

typedef struct crl_scene crl_scene;

/* Errors: ARGUMENT (no size of a picture), UNSUPPORTED (past the limits), MEMORY. `*out` is for crl_scene_free(). */
crl_status crl_scene_new(crl_scene **out, int32_t width, int32_t height, crl_error *err);
void crl_scene_free(crl_scene *scene); /* accepts NULL */
/* Draws it as it is after so many seconds, into an RGB picture of its size. Allocates nothing. */
void crl_scene_draw(crl_scene *scene, double seconds, const crl_image *image);

enum { CRL_SCENE_MOST = 64 };
/* A sign of the scene. */
typedef struct crl_scene_sign {
    int32_t number;   /* 0, 1, .. within its row, in the order in which they come */
    int32_t row;      /* 0 the upper one */
    crl_detection truth; /* its box is cut to the picture; its score is what of it lies within */
} crl_scene_sign;
/* Those that are at least partly in the picture; how many. */
int32_t crl_scene_signs(const crl_scene *scene, double seconds, crl_scene_sign out[CRL_SCENE_MOST]);

#endif
