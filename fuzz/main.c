/* SPDX-License-Identifier: Apache-2.0 */
/* Replays corpora in the ordinary test run, so that targets never rot and what was fixed stays fixed, and writes the first
 * inputs of some.
 *
 *   corpus replay TARGET FOLDER|FILE...
 *   corpus make FOLDER
 *
 * Each input lies in memory that ends at an unmapped page. An input that takes more than five seconds of
 * processor time has failed: the machine may have others to serve.
 * A crash ends the program, after the name of the input. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

enum { MAX_SECONDS = 5, MAX_BYTES = 1 << 24 };

static fuzz_target *target;
static int passed, failed;
static char current[1024];

static void on_crash(int sig)
{
    /* Only what may be called from here. */
    (void)!write(2, "crashed on ", 11);
    (void)!write(2, current, strlen(current));
    (void)!write(2, "\n", 1);
    signal(sig, SIG_DFL);
    raise(sig);
}

/* Runs the target on a copy of the file's bytes. Returns what was wrong, NULL when nothing was. */
static const char *run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return "cannot be opened";
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    fseek(f, 0, SEEK_END);
    const long end = ftell(f);
    rewind(f);
    const size_t size = end > 0 ? (size_t)end : 0, whole = (size + page - 1) / page * page + page;
    uint8_t *map = size > MAX_BYTES ? MAP_FAILED
                                    : mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + whole - page, page, PROT_NONE)) {
        fclose(f);
        return "too large";
    }
    uint8_t *bytes = map + whole - page - size;
    const bool read = fread(bytes, 1, size, f) == size;
    fclose(f);
    const clock_t start = clock();
    if (read) target(bytes, size);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    munmap(map, whole);
    return !read ? "cannot be read" : seconds > MAX_SECONDS ? "takes too long" : NULL;
}

static void replay(const char *path)
{
    snprintf(current, sizeof current, "%s", path);
    const char *wrong = run_file(path);
    if (wrong) printf("FAIL %s: %s\n", path, wrong);
    failed += wrong != NULL;
    passed += wrong == NULL;
}

static void replay_folder(const char *path)
{
    struct dirent **entries;
    const int n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char file[1024];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') replay(file);
        free(entries[i]);
    }
    if (n < 0) {
        printf("FAIL %s: cannot be opened\n", path);
        failed++;
    } else {
        free(entries);
    }
}

static fuzz_target *find_target(const char *name)
{
    static const struct {
        const char *name;
        fuzz_target *run;
    } targets[] = {
        { "address", fuzz_address },
        { "check", fuzz_check },
        { "compile", fuzz_compile },
        { "csv", fuzz_csv },
        { "log", fuzz_log },
        { "edit", fuzz_edit },
        { "emulator", fuzz_emulator },
        { "engine", fuzz_engine },
        { "flex", fuzz_flex },
        { "frame", fuzz_frame },
        { "frigate", fuzz_frigate },
        { "heads", fuzz_heads },
        { "image", fuzz_image },
        { "imprint", fuzz_imprint },
        { "labels", fuzz_labels },
        { "model", fuzz_model },
        { "multipart", fuzz_multipart },
        { "mutant", fuzz_mutant },
        { "npy", fuzz_npy },
        { "package", fuzz_package },
        { "quantize", fuzz_quantize },
        { "reweight", fuzz_reweight },
        { "session", fuzz_session },
        { "cameras", fuzz_cameras },
        { "state", fuzz_state },
        { "v2", fuzz_v2 },
        { "write", fuzz_write },
        { "zip", fuzz_zip },
    };
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        if (!strcmp(targets[i].name, name)) return targets[i].run;
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "make")) return make_corpus(argv[2]);
    target = argc > 3 && !strcmp(argv[1], "replay") ? find_target(argv[2]) : NULL;
    if (!target) {
        fprintf(stderr, "usage: corpus replay TARGET FOLDER|FILE... or corpus make FOLDER\n");
        return 2;
    }
    const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) signal(signals[i], on_crash);
    for (int i = 3; i < argc; i++) {
        struct stat st;
        if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
            replay_folder(argv[i]);
        else
            replay(argv[i]);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
