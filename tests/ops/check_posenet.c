/* SPDX-License-Identifier: Apache-2.0 */
/* PosenetDecoderOp with long offsets: a person on the left, one on the right, and a mask for each. LiteRT lacks the operator. */
#include <string.h>

#include <corallite/engine.h>

#include "areas.h"
#include "check.h"
#include "kernels/posenet.h"

enum { HEIGHT = 9, WIDTH = 12, HALF = WIDTH / 2, CELLS = HEIGHT * WIDTH, KEYPOINTS = CRL_POSE_KEYPOINTS, STRIDE = 16, PEOPLE = 2 };
enum { HEAT, SHORT, MID, LONG, N_IN, N_OUT = 5 };

/* {"max_detections": 2, "score_threshold": 0.2, "stride": 16, "nms_radius": 20.0} */
static const uint8_t options[] = {
    0x6d, 0x61, 0x78, 0x5f, 0x64, 0x65, 0x74, 0x65, 0x63, 0x74, 0x69, 0x6f, 0x6e, 0x73, 0x00, 0x73, 0x63, 0x6f, 0x72, 0x65,
    0x5f, 0x74, 0x68, 0x72, 0x65, 0x73, 0x68, 0x6f, 0x6c, 0x64, 0x00, 0x73, 0x74, 0x72, 0x69, 0x64, 0x65, 0x00, 0x6e, 0x6d,
    0x73, 0x5f, 0x72, 0x61, 0x64, 0x69, 0x75, 0x73, 0x00, 0x04, 0x32, 0x0d, 0x25, 0x16, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x34, 0x40, 0x9a, 0x99, 0x99, 0x99,
    0x99, 0x99, 0xc9, 0x3f, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x0f, 0x0f, 0x07, 0x24, 0x27, 0x01,
};

static crl_tensor_def map_of(int32_t channels)
{
    const crl_shape s = { .rank = 4, .dim = { 1, HEIGHT, WIDTH, channels } };
    return (crl_tensor_def){ .name = "map", .type = CRL_FLOAT32, .shape = s, .shape_signature = s };
}

/* All keypoints of a person are in one cell: from there no offset leads anywhere else. */
static int cell_of(int person)
{
    return HEIGHT / 2 * WIDTH + (person ? HALF + 3 : 2);
}

static void fill(const crl_engine *e)
{
    float *map[N_IN];
    for (int i = 0; i < N_IN; i++) {
        crl_tensor *t = crl_engine_input((crl_engine *)e, i);
        map[i] = memset(t->data, 0, t->bytes);
    }
    for (int i = 0; i < CELLS * KEYPOINTS; i++) map[HEAT][i] = -5;
    for (int person = 0; person < PEOPLE; person++)
        for (int k = 0; k < KEYPOINTS; k++) map[HEAT][cell_of(person) * KEYPOINTS + k] = person ? 2 : 3;
    for (int i = 0; i < CELLS; i++)
        for (int k = 0; k < KEYPOINTS; k++) {
            const int to = cell_of(i % WIDTH >= HALF);
            map[LONG][i * 2 * KEYPOINTS + k] = (float)(STRIDE * (to / WIDTH - i / WIDTH));
            map[LONG][i * 2 * KEYPOINTS + KEYPOINTS + k] = (float)(STRIDE * (to % WIDTH - i % WIDTH));
        }
}

static void check_people(check *t, const crl_engine *e)
{
    const crl_tensor *masks = crl_engine_output(e, N_OUT - 1);
    const float *keypoints = crl_engine_output(e, 0)->data, *count = crl_engine_output(e, 3)->data, *mask = masks->data;
    const crl_shape wanted = { .rank = 4, .dim = { 1, PEOPLE, HEIGHT, WIDTH } };
    if (!check_that(t, crl_shape_equal(&masks->shape, &wanted), "masks of another shape")) return;
    if (!check_that(t, *count == PEOPLE, "%g people", (double)*count)) return;
    for (int person = 0; person < PEOPLE; person++) {
        const float y = keypoints[person * 2 * KEYPOINTS], x = keypoints[person * 2 * KEYPOINTS + 1];
        const int cell = cell_of(person);
        check_that(t, y == STRIDE * (float)(cell / WIDTH) && x == STRIDE * (float)(cell % WIDTH), "person %d at %g, %g", person,
                   (double)y, (double)x);
        for (int i = 0; i < CELLS; i++)
            if (!check_that(t, mask[person * CELLS + i] == (float)((i % WIDTH >= HALF) == person), "person %d, cell %d", person, i))
                return;
    }
}

static void people_get_masks(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tensor_def tensors[N_IN + N_OUT] = { map_of(KEYPOINTS), map_of(2 * KEYPOINTS), map_of(4 * CRL_POSE_EDGES),
                                             map_of(2 * KEYPOINTS) };
    for (int i = N_IN; i < N_IN + N_OUT; i++) tensors[i] = map_of(1); /* shapes of outputs are worked out */
    static const int32_t in[] = { 0, 1, 2, 3 }, out[] = { 4, 5, 6, 7, 8 };
    crl_operator op = { .name = "PosenetDecoderOp", .code = CRL_CUSTOM, .inputs = in, .n_inputs = N_IN, .outputs = out,
                        .n_outputs = N_OUT, .custom_options = options, .custom_bytes = sizeof options };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = N_IN + N_OUT, .operators = &op, .n_operators = 1,
                                 .inputs = in, .n_inputs = N_IN, .outputs = out, .n_outputs = N_OUT };
    const crl_model model = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    const crl_backend_kind backends[] = { CRL_BACKEND_REFERENCE, CRL_BACKEND_CPU };
    crl_engine *e;
    crl_error err = { .text = "" };
    for (int i = 0; i < 2; i++) {
        if (!check_that(t, !crl_engine_new(&e, &model, &(crl_engine_options){ .backend = backends[i] }, &err), "%s", err.text))
            return;
        fill(e);
        if (check_that(t, !crl_engine_run(e, &err), "%s", err.text)) check_people(t, e);
        crl_engine_free(e);
    }
    op.n_inputs--;
    check_that(t, crl_engine_new(&e, &model, NULL, &err) == CRL_ERR_FORMAT && strstr(err.text, "masks, the fifth output"),
               "masks without long offsets: \"%s\"", err.text);
}

int area_posenet(int argc, char **argv)
{
    static const check_case cases[] = { { "people_get_masks", people_get_masks, false } };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
