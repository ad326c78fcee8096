/* SPDX-License-Identifier: Apache-2.0 */
/* Results as text: keys, numbers, names. */
#include <locale.h>
#include <string.h>

#include "checks.h"

/* The JSON of a model's results on a picture of 40 x 20. */
static void expect(check *t, crl_model *model, const crl_session_options *options, const char *image, const char *want)
{
    crl_error err = { .status = CRL_OK };
    crl_session *s;
    const crl_results *r;
    const char *text = NULL;
    size_t bytes = 0;
    const crl_image picture = made_picture(t, 40, 20);
    crl_status status = crl_session_open(&s, model, options, &err);
    if (check_that(t, !status, "%s", err.text)) {
        check_that(t, crl_session_json(s, image, &text, NULL, &err) == CRL_ERR_STATE && !text, "no run, and results");
        status = crl_session_run(s, &picture, &r, &err);
        if (!status) status = crl_session_json(s, image, &text, &bytes, &err);
        if (check_that(t, !status, "%s", err.text))
            check_that(t, !strcmp(text, want) && strlen(text) == bytes, "%zu bytes: %s\ninstead of %s", bytes, text, want);
    }
    crl_session_close(s);
    crl_model_close(model);
}

void check_json(check *t, unsigned cpu)
{
    (void)cpu;
    /* A quote, a backslash, and good UTF-8; below Latin-1, an overlong slash, a line's end and control characters. */
    static const char names[] = "{\"zero\": 0, \"a \\\"b\\\" \\\\\": 1, \"\xc3\xa9\": 2}";
    const crl_session_options labels = { .labels_text = names, .labels_bytes = sizeof names - 1, .top_k = 4 };
    expect(t, made_detector(t), NULL, "a.jpg",
           "{\"image\": \"a.jpg\", \"results\": [{\"index\": 3, \"label\": null, \"score\": 0.875, \"box\": [20.0, 0.0, 30.0, 20.0]}, "
           "{\"index\": 1, \"label\": null, \"score\": 0.5, \"box\": [0.0, 5.0, 40.0, 10.0]}]}");
    expect(t, made_detector(t), &(crl_session_options){ .has_threshold = true, .threshold = 2 }, NULL, "{\"results\": []}");
    expect(t, made_classifier(t), &labels, "\xe9\xc0\xaf/\n\001\x7f\xe2\x82\xac",
           "{\"image\": \"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd/\\n\\u0001\x7f\xe2\x82\xac\", \"results\": ["
           "{\"index\": 2, \"label\": \"\xc3\xa9\", \"score\": 0.5}, {\"index\": 0, \"label\": \"zero\", \"score\": 0.25}, "
           "{\"index\": 1, \"label\": \"a \\\"b\\\" \\\\\", \"score\": 0.125}, {\"index\": 4, \"label\": null, \"score\": 0.0625}]}");
    expect(t, made_segmenter(t), NULL, "a", "{\"image\": \"a\", \"classes\": [{\"index\": 7, \"label\": null, \"pixels\": 400}, "
           "{\"index\": 0, \"label\": null, \"pixels\": 390}, {\"index\": 2, \"label\": null, \"pixels\": 10}]}");
}

/* The fewest digits that are the same float, a point or an exponent in each, and nothing for what is no number. */
void check_json_numbers(check *t, unsigned cpu)
{
    (void)cpu;
    static const float values[] = { 0, -0.0f, 1, 0.1f, -2.5f, 1e-7f, 1.17549435e-38f, 3e20f, 16777216, 123456792, 0x1.fffffep127f,
                                    0x1p-149f };
    const crl_shape shape = { 2, { 1, sizeof values / sizeof *values } };
    expect(t, made_model(t, 4, 4, &(made_output){ CRL_FLOAT32, shape, values, 0 }, 1),
           &(crl_session_options){ .purpose = CRL_PURPOSE_EMBED }, NULL,
           "{\"embedding\": [0.0, -0.0, 1.0, 0.1, -2.5, 1e-7, 1.1754944e-38, 3e20, 16777216.0, 123456790.0, 3.4028235e38, 1e-45]}");
}

/* A program may have set a locale that writes 1,5 for one and a half. */
void check_json_locale(check *t, unsigned cpu)
{
    static const char *const with_commas[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "es_ES.UTF-8", "pt_BR.UTF-8", "ru_RU.UTF-8" };
    const char *set = NULL;
    for (size_t i = 0; i < sizeof with_commas / sizeof *with_commas && !set; i++) set = setlocale(LC_NUMERIC, with_commas[i]);
    if (set)
        check_json_numbers(t, cpu);
    else
        check_skip(t, "no locale here writes numbers with a comma");
    setlocale(LC_NUMERIC, "C");
}
