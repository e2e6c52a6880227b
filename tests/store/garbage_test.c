/* garbage_test.c: a store of whose journal one file is garbage. Where it was closed, data.mdb has all, and it is
 * opened; where it was not, what was answered last may have been in that file and nowhere else, and it is refused. */
#include "left.h"
#include "store/care.h"
#include "store/segment.h"

enum { FIRST = 10, LAST = 20 };

/* By a service, by one that shares it, and by maru store. */
static void check_refused(maru_runtime *rt, const char *path, unsigned number)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    care              *c;
    maru_error         error = {.text = ""};
    char               words[120];

    snprintf(words, sizeof words, "/%s is damaged: it has no header, and may have held what was written last; restore ",
             segment_name(number));
    for (int i = 0; i < 2; i++) {
        options.shared = i == 1;
        if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS))
            maru_store_close(store);
        CHECK_CONTAINS(error.text, words);
    }
    CHECK_INT(care_open(path, false, &c, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, words);
    care_close(c);
}

/* All of it (by a byte that a new file does not have), or its headers alone, or as if they had never been written. */
static void spoil_journal(const char *path, unsigned number, off_t size, int byte)
{
    static char noise[256 << 10];
    char        full[PATH_MAX];
    struct stat about;
    int         fd;

    snprintf(full, sizeof full, "%.4000s/%s", path, segment_name(number));
    fd = open(full, O_WRONLY);
    CHECK(fd >= 0 && fstat(fd, &about) == 0);
    memset(noise, byte, sizeof noise);
    for (off_t at = 0, end = size > 0 ? size : about.st_size; at < end; at += (off_t)sizeof noise) {
        size_t part = end - at < (off_t)sizeof noise ? (size_t)(end - at) : sizeof noise;

        CHECK_INT(pwrite(fd, noise, part, at), (int64_t)part);
    }
    close(fd);
}

static void each_garbage(maru_runtime *rt, const char *of)
{
    for (unsigned number = 0; number < 2; number++)
        for (int kind = 0; kind < 3; kind++) {
            char *path = left_copy(of);

            spoil_journal(path, number, kind == 1 ? JOURNAL_FIRST : 0, kind == 2 ? 0 : 'x');
            check_refused(rt, path, number);
            kit_folder_end(path);
        }
}

/* One byte of the last record of the file whose header is the newest. */
static void spoil_last(const char *path)
{
    uint64_t newest = 0;
    char     full[PATH_MAX], last[PATH_MAX] = "";
    off_t    at = 0;
    uint8_t  block[JOURNAL_BLOCK];
    int      fd;

    for (unsigned number = 0; number < 2; number++) {
        journal_header header;

        snprintf(full, sizeof full, "%.4000s/%s", path, segment_name(number));
        fd = open(full, O_RDONLY);
        CHECK_INT(pread(fd, block, sizeof block, 0), sizeof block);
        if (journal_header_read(&header, block) && header.generation > newest) {
            newest = header.generation;
            snprintf(last, sizeof last, "%s", full);
        }
        close(fd);
    }
    fd = open(last, O_RDWR);
    for (off_t from = JOURNAL_FIRST; pread(fd, block, sizeof block, from) == (ssize_t)sizeof block && block[0] != 0;
         from += JOURNAL_BLOCK)
        at = from;
    CHECK_INT(pread(fd, block, 1, at + 100), 1);
    block[0] ^= 1;
    CHECK_INT(pwrite(fd, block, 1, at + 100), 1);
    close(fd);
}

static void damaged_end(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_error         error = {.text = ""};

    test_begin("a last record that was damaged later is not taken for one that was never finished, after kill -9");
    left_open(path, FIRST + 1, LAST);
    spoil_last(path);
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, ": it was written without the journal since; put that one back, or restore the store");
}

/* After kill -9 data.mdb has all, which nothing but a power cut would take away; after that it may have nothing since
 * the checkpoint. Which of both it was, the files do not say. */
static void not_closed(maru_runtime *rt, const char *path)
{
    char *cut = left_copy(path), *killed;

    test_begin("a store that was not closed is refused where either of the journal's files is garbage");
    left_open(cut, FIRST + 1, LAST);
    each_garbage(rt, cut);

    test_begin("so it is where the power failed, and data.mdb has nothing of what was answered since");
    killed = left_copy(cut);
    left_copy_file(path, cut, "data.mdb");
    each_garbage(rt, cut);
    left_check(rt, cut, LAST); /* with both files nothing is lost */
    kit_folder_end(cut);

    test_begin("where only the process ended, the store is opened once STORE and the journal are removed by hand");
    for (size_t i = 1; left_files[i] != NULL; i++) {
        char full[PATH_MAX];

        snprintf(full, sizeof full, "%.4000s/%s", killed, left_files[i]);
        CHECK_INT(unlink(full), 0);
    }
    left_check(rt, killed, LAST);
    kit_folder_end(killed);
}

static void closed(maru_runtime *rt, const char *of)
{
    test_begin("one that was closed is opened, and has lost nothing; what is written then is guarded as before");
    for (unsigned number = 0; number < 2; number++)
        for (int kind = 0; kind < 3; kind++) {
            char *path = left_copy(of), *again;

            spoil_journal(path, number, kind == 1 ? JOURNAL_FIRST : 0, kind == 2 ? 0 : 'x');
            left_check(rt, path, FIRST);
            left_open(path, FIRST + 1, LAST);
            again = left_copy(path);
            each_garbage(rt, again);
            left_check(rt, again, LAST);
            left_check(rt, path, LAST);
            kit_folder_end(again);
            kit_folder_end(path);
        }
}

int main(int argc, char **argv)
{
    maru_runtime *rt;
    char         *path;

    left_is_child(argc, argv);
    rt = kit_runtime(NULL);
    path = kit_folder();
    left_open(path, 1, FIRST);
    left_check(rt, path, FIRST);
    closed(rt, path);
    not_closed(rt, path);
    damaged_end(rt, path);
    maru_runtime_free(rt);
    kit_folder_end(path);
    return test_end();
}
