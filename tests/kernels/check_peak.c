/* SPDX-License-Identifier: Apache-2.0 */
/* The loops that tell a level's peak do what they say they did. */
#include "kernels/peak.h"

#include "check.h"
#include "checks.h"

void check_peak(check *t, unsigned cpu)
{
    crl_peak_fn *peak = crl_peak_of(cpu);
    if (!peak) {
        check_that(t, crl_peak_measure(cpu) == 0, "a peak without a loop");
        return;
    }
    if (!check_variant(t, peak, "peak")) return;
    for (uint64_t macs = 0; macs < 5000; macs += 777) {
        const uint64_t done = peak(macs);
        check_that(t, done >= macs && done < macs + (1 << 17), "%llu asked, %llu done", (unsigned long long)macs,
                   (unsigned long long)done);
    }
    const double measured = crl_peak_measure(cpu);
    check_that(t, measured > 0, "a peak of %g a second", measured);
    check_bench(t, 1000000, (void)peak(1000000));
}
