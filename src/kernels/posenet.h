/* SPDX-License-Identifier: Apache-2.0 */
/* Poses of several people from the maps of a PoseNet: PosenetDecoderOp.
 *
 * The maps are [height][width][channels]; positions are y, x in cells of the maps until the very end.
 *   heatmaps       logit of each of the 17 keypoints being here
 *   short offsets  17 of y, then 17 of x: from a cell to the keypoint next to it
 *   mid offsets    16 of y, 16 of x forward, then the same backward: from one keypoint along an edge to the next
 *
 * Local maxima of the heatmaps are taken best first as roots; from each a pose grows along the edges of the
 * skeleton, always from the keypoint with the best score. What lies on a pose found before is left out.
 * Source: the operator of Coral's Edge TPU library; Papandreou et al., "PersonLab", arXiv 1803.08225. */
#ifndef CRL_KERNELS_POSENET_H
#define CRL_KERNELS_POSENET_H

#include <stddef.h>
#include <stdint.h>

enum { CRL_POSE_KEYPOINTS = 17, CRL_POSE_EDGES = 16 };

typedef struct crl_posenet_params {
    int32_t height, width;
    int32_t max_detections;
    float score_threshold; /* probability */
    float nms_radius;      /* cells */
    int32_t stride;        /* pixels of a cell */
} crl_posenet_params;

typedef struct crl_posenet_output {
    float *keypoints; /* [max_detections][17][2] y, x in pixels of the model's input */
    float *keypoint_scores; /* [max_detections][17] */
    float *scores;          /* [max_detections] */
    float *count;           /* [1] */
} crl_posenet_output;

size_t crl_posenet_scratch(const crl_posenet_params *p);

/* Rows past what is found are zeroed. */
void crl_posenet_decode(const crl_posenet_params *p, const float *heatmaps, const float *short_offsets,
                        const float *mid_offsets, const crl_posenet_output *out, void *scratch);

/* Which of the poses each cell belongs to, for models with a fourth map:
 *   long offsets   17 of y, then 17 of x: from a cell of a person to that person's keypoints
 * A cell follows them to where its 17 keypoints would be, three times, and belongs to the pose whose keypoints are nearest
 * by the sum of squared distances. masks [max_detections][height][width] are 1 or 0. Reads the keypoints and the count of
 * `out`. Where there are no poses all masks are 0; the source would fill the first. */
void crl_posenet_masks(const crl_posenet_params *p, const float *long_offsets, const crl_posenet_output *out, float *masks);

#endif
