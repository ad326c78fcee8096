/* SPDX-License-Identifier: Apache-2.0 */
/* What of the pictures held out deserves a look: marks, mistakes, and pictures that are on both sides. */
#include <math.h>
#include <stdlib.h>

#include "learn.h"
#include "say.h"

/* Two pictures are nearly the same where their prints differ in no more bits than that, and their vectors are that much alike: prints
 * alone are the same for plain pictures, vectors for any two of a narrow class. */
enum { PRINT_BITS = 3 };
#define TWIN_LIKENESS 0.98

/* Wilson 1927: the interval of a share that holds for few and for extreme ones, too. */
static void set_interval(cli_marks *m)
{
    const double z = 1.959964, n = m->of, p = n > 0 ? m->right / n : 0;
    if (!m->of) return;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    m->low = middle - half > 0 ? middle - half : 0;
    m->high = middle + half < 1 ? middle + half : 1;
}

cli_marks cli_learn_marks(const cli_learning *w, int folder, int places)
{
    cli_marks m = { 0 };
    for (int i = 0; i < w->pictures.n; i++) {
        const cli_lesson *p = &w->pictures.items[i];
        if (!cli_lesson_is_examined(p) || (folder >= 0 && p->label != folder)) continue;
        m.of++;
        m.right += p->place && p->place <= places;
    }
    set_interval(&m);
    return m;
}

int cli_learn_taken(const cli_learning *w, int folder, int32_t class)
{
    int n = 0;
    for (int i = 0; i < w->pictures.n; i++) {
        const cli_lesson *p = &w->pictures.items[i];
        n += cli_lesson_is_examined(p) && p->label == folder && p->told == class;
    }
    return n;
}

static const float *vector(const cli_learning *w, int32_t i)
{
    return w->vectors + (size_t)i * (size_t)w->size;
}

static double likeness(const cli_learning *w, int32_t a, int32_t b)
{
    const float *x = vector(w, a), *y = vector(w, b);
    double along = 0, xx = 0, yy = 0;
    for (int32_t k = 0; k < w->size; k++) {
        along += (double)x[k] * (double)y[k];
        xx += (double)x[k] * (double)x[k];
        yy += (double)y[k] * (double)y[k];
    }
    return xx > 0 && yy > 0 ? along / sqrt(xx * yy) : 0;
}

static bool same_print(uint64_t a, uint64_t b)
{
    int bits = 0;
    for (uint64_t d = a ^ b; d && bits <= PRINT_BITS; d &= d - 1) bits++;
    return bits <= PRINT_BITS;
}

/* What is most like vector i of those that are learnt from, or of those with the same print. */
static cli_pair nearest(const cli_learning *w, int32_t i, bool same)
{
    const cli_lesson *seen = &w->pictures.items[w->picture_of[i]];
    cli_pair best = { seen, NULL, -2 };
    for (int32_t k = 0; k < w->n_learnt; k++) {
        const cli_lesson *learnt = &w->pictures.items[w->picture_of[k]];
        if (same && !same_print(seen->print, learnt->print)) continue;
        const double here = likeness(w, i, k);
        if (here > best.likeness) best.learnt = learnt, best.likeness = here;
    }
    return best;
}

/* The surest first; of equals in the order of names, that the report is the same each time. */
static int by_score(const void *a, const void *b)
{
    const cli_pair *x = a, *y = b;
    if (x->seen->score != y->seen->score) return x->seen->score > y->seen->score ? -1 : 1;
    return x->seen < y->seen ? -1 : x->seen > y->seen;
}

static int by_name(const void *a, const void *b)
{
    const cli_pair *x = a, *y = b;
    return x->seen < y->seen ? -1 : x->seen > y->seen;
}

cli_findings cli_learn_find(const cli_learning *w)
{
    const size_t most = (size_t)(w->n - w->n_learnt) + 1;
    cli_findings f = { .mistakes = cli_alloc(most, sizeof *f.mistakes), .twins = cli_alloc(most, sizeof *f.twins) };
    for (int32_t i = w->n_learnt; i < w->n; i++) {
        const cli_lesson *p = &w->pictures.items[w->picture_of[i]];
        if (!cli_lesson_is_examined(p)) continue;
        const cli_pair twin = nearest(w, i, true);
        if (twin.learnt && twin.likeness >= TWIN_LIKENESS) f.twins[f.n_twins++] = twin;
        if (p->place != 1) f.mistakes[f.n_mistakes++] = nearest(w, i, false);
    }
    qsort(f.mistakes, (size_t)f.n_mistakes, sizeof *f.mistakes, by_score);
    qsort(f.twins, (size_t)f.n_twins, sizeof *f.twins, by_name);
    return f;
}

void cli_findings_release(cli_findings *f)
{
    free(f->mistakes);
    free(f->twins);
    *f = (cli_findings){ 0 };
}
