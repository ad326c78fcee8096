/* SPDX-License-Identifier: Apache-2.0 */
/* Names of this machine, pages of others, secrets; and how often a client may ask. */
#include "base/origin.h"
#include "checks.h"
#include "../../cli/serve/rate.h"

void check_own_names(check *t, unsigned cpu)
{
    static const struct {
        const char *host, *address;
        bool own;
    } rows[] = { { "localhost", NULL, true },          { "localhost:80", NULL, true },        { "localhost.example.org", NULL, false },
                 { "127.0.0.1:8000", NULL, true },     { "127.1.2.3", NULL, true },           { "127.0.0.1.example.org", NULL, false },
                 { "[::1]:8000", NULL, true },         { "[::1]x", NULL, false },             { "10.0.0.7:80", "10.0.0.7", true },
                 { "10.0.0.77", "10.0.0.7", false },   { "evil.example", "127.0.0.1", false }, { "", "127.0.0.1", false },
                 { "", "", false },                    { NULL, NULL, true },
                 { "LocalHost:80", NULL, true },       { "[FE80::1]:80", "[fe80::1]", true } };
    (void)cpu;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_that(t, crl_is_own_name(rows[i].host, rows[i].address) == rows[i].own, "%s at %s", rows[i].host ? rows[i].host : "none",
                   rows[i].address ? rows[i].address : "none");
}

void check_foreign(check *t, unsigned cpu)
{
    static const struct {
        const char *host, *origin;
        bool foreign;
    } rows[] = { { "localhost:80", NULL, false }, { "localhost:80", "http://localhost:80", false }, { "localhost:80", "http://localhost:81", true },
                 { "localhost", "null", true },   { NULL, "http://localhost", true },               { "a", "http://a.example", true },
                 { "a", "", true },               { NULL, NULL, false },                             { "LOCALHOST:80", "http://localhost:80", false } };
    (void)cpu;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_that(t, crl_is_foreign(rows[i].host, rows[i].origin) == rows[i].foreign, "row %zu", i);
}

void check_secrets(check *t, unsigned cpu)
{
    (void)cpu;
    check_that(t, crl_same_secret("abc", "abc") && crl_same_secret("", ""), "the same");
    check_that(t,
               !crl_same_secret("abc", "abd") && !crl_same_secret("abc", "ab") && !crl_same_secret("abc", "abcd") &&
                   !crl_same_secret("abc", ""),
               "others");
}

void check_rate(check *t, unsigned cpu)
{
    static cli_rate r;
    const uint64_t second = 1000000000;
    (void)cpu;
    r = (cli_rate){ .per_second = 5 };
    int may = 0;
    for (int i = 0; i < 100; i++) may += cli_rate_may(&r, 7, second);
    check_that(t, may == 10, "two seconds' at once: %d", may);
    check_that(t, cli_rate_may(&r, 8, second), "another peer");
    may = 0;
    for (int i = 0; i < 1000; i++) may += cli_rate_may(&r, 7, second + (uint64_t)i * second / 100);
    check_that(t, may >= 49 && may <= 51, "in ten seconds: %d", may);
    r.per_second = 0;
    check_that(t, cli_rate_may(&r, 7, second), "no limit");
    r = (cli_rate){ .per_second = 0.1 };
    check_that(t, cli_rate_may(&r, 1, second) && !cli_rate_may(&r, 1, 2 * second) && cli_rate_may(&r, 1, 20 * second), "less than one a second");
    for (uint32_t peer = 0; peer < 10000; peer++) cli_rate_may(&r, peer, 21 * second);
    check_that(t, cli_rate_may(&r, 5000000, 22 * second), "more peers than places");
}
