/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates, best first, without those that a better one covers.
 *
 * The best CRL_HEAD_CANDIDATES are held in a heap while they are found, and sorted in place afterwards. Then each, in its
 * turn, is compared with those that were kept before it; boxes are computed here, so that none is for what is never asked. */
#include "vision/heads.h"
#include "vision/vision.h"

/* Best first; equal scores by class, then by anchor: no two are equal. */
static bool better(const crl_candidate *a, const crl_candidate *b)
{
    if (a->score != b->score) return a->score > b->score;
    return a->index != b->index ? a->index < b->index : a->anchor < b->anchor;
}

/* Lets c sink from place `at` of a heap of n with the worst on top. */
static void sink(crl_candidate *heap, int32_t n, int32_t at, crl_candidate c)
{
    for (int32_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && better(&heap[child], &heap[child + 1])) child++;
        if (!better(&c, &heap[child])) break;
        heap[at] = heap[child];
    }
    heap[at] = c;
}

void crl_head_add(crl_head_frame *f, crl_candidate c)
{
    crl_candidate *heap = f->candidates;
    if (f->n_candidates == f->detector->room) {
        if (f->n_candidates && better(&c, &heap[0])) sink(heap, f->n_candidates, 0, c);
        return;
    }
    int32_t at = f->n_candidates++;
    for (; at > 0 && better(&heap[(at - 1) / 2], &c); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = c;
}

/* The worst goes behind the others until none is left: best first. */
static void sort(crl_candidate *heap, int32_t n)
{
    for (int32_t last = n - 1; last > 0; last--) {
        const crl_candidate worst = heap[0];
        sink(heap, last, 0, heap[last]);
        heap[last] = worst;
    }
}

/* ---- boxes ---- */

static float area(const crl_box *b)
{
    return (b->x1 - b->x0) * (b->y1 - b->y0);
}

static bool overlap(const crl_box *a, const crl_box *b, float most)
{
    const float x0 = a->x0 > b->x0 ? a->x0 : b->x0, x1 = a->x1 < b->x1 ? a->x1 : b->x1;
    const float y0 = a->y0 > b->y0 ? a->y0 : b->y0, y1 = a->y1 < b->y1 ? a->y1 : b->y1;
    if (!(x1 > x0 && y1 > y0)) return false;
    const float common = (x1 - x0) * (y1 - y0);
    return common / (area(a) + area(b) - common) > most;
}

static bool covered(const struct crl_detector *d, const crl_kept *k, int32_t n)
{
    if (d->layout.head == CRL_HEAD_YOLO_CHOSEN) return false;
    for (int32_t i = 0; i < n; i++) {
        const bool rivals = d->options.agnostic || d->kept[i].index == k->index;
        if (rivals && overlap(&d->kept[i].box, &k->box, d->options.iou)) return true;
    }
    return false;
}

static float clip(float v, float most)
{
    return v < 0 ? 0 : v > most ? most : v;
}

/* Into pixels of the picture; false: the box lies outside. */
static bool place(const crl_letterbox *to, const crl_box *box, crl_box *out)
{
    const float width = (float)to->picture_width, height = (float)to->picture_height;
    *out = (crl_box){ clip(crl_letterbox_x(to, box->x0), width), clip(crl_letterbox_y(to, box->y0), height),
                      clip(crl_letterbox_x(to, box->x1), width), clip(crl_letterbox_y(to, box->y1), height) };
    return out->x1 > out->x0 && out->y1 > out->y0;
}

void crl_head_suppress(crl_head_frame *f, crl_detection *out, int32_t cap, int32_t *n)
{
    const struct crl_detector *d = f->detector;
    sort(f->candidates, f->n_candidates);
    *n = 0;
    for (int32_t i = 0; i < f->n_candidates && *n < cap; i++) {
        const crl_candidate *c = &f->candidates[i];
        crl_kept k = { .index = c->index };
        crl_box box;
        if (!crl_head_box(f, c->anchor, &k.box) || !place(f->picture, &k.box, &box) || covered(d, &k, *n)) continue;
        d->kept[*n] = k;
        out[(*n)++] = (crl_detection){ .index = c->index, .score = c->score, .box = box };
    }
}
