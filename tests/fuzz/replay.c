/* replay.c: main of a fuzzer that is no fuzzer: runs every file of the folders that it is given through the entry point
 * once, in order of name. Exit status 1 where there is none, or one cannot be read or is too large; a failure aborts.
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

static int read_file(const char *path, uint8_t **bytes, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long  end = -1;

    if (file && fseek(file, 0, SEEK_END) == 0)
        end = ftell(file);
    *size = end > 0 ? (size_t)end : 0;
    *bytes = malloc(*size ? *size : 1); /* of just this size: AddressSanitizer sees a read past it */
    if (end < 0 || !*bytes || fseek(file, 0, SEEK_SET) != 0 || fread(*bytes, 1, *size, file) != *size) {
        perror(path);
        return -1;
    }
    fclose(file);
    return 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_file(const char *folder, const char *name)
{
    char     path[4096];
    uint8_t *bytes;
    size_t   size;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (read_file(path, &bytes, &size) != 0)
        return -1;
    if (size > FUZZ_INPUT_MAX) { /* a fuzzer may pass over it, and nobody would know */
        fprintf(stderr, "%s: %zu bytes, and inputs have at most %d (tests/fuzz/fuzz.h)\n", path, size, FUZZ_INPUT_MAX);
        free(bytes);
        return -1;
    }
    fprintf(stderr, "# %s\n", name);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 0;
}

/* How many files it had; -1 where one could not be read. */
static int replay_folder(const char *folder)
{
    struct dirent **entries;
    int             count = scandir(folder, &entries, is_visible, alphasort);
    int             failed = count < 0;

    if (failed)
        perror(folder);
    for (int i = 0; i < count; i++) {
        failed |= replay_file(folder, entries[i]->d_name) != 0;
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return failed ? -1 : count;
}

int main(int argc, char **argv)
{
    int all = 0;

    for (int i = 1; i < argc; i++) {
        int count = replay_folder(argv[i]);

        if (count < 0)
            return 1;
        printf("ok - %d inputs of %s\n", count, argv[i]);
        all += count;
    }
    return all > 0 ? 0 : 1;
}
