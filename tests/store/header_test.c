/* header_test.c: the two headers of data.mdb. One flipped bit never opens an old state of a store that was closed; what
 * LMDB would compare or count otherwise is refused, also in a backup; and what was written without the journal, shared
 * or by a migration, is not taken for damage, wherever its process was killed.
 */
#include "ends.h"
#include "left.h"
#include "spoil.h"
#include "store/care.h"
#include "store/journal_bytes.h"
#include "store/segment.h"

enum { FIRST = 5, MORE = 9, PAGE = 4096, FLAGS_FREE = 44, FLAGS_RECORDS = 92, NUMBER = 144, DUPSORT = 0x04 };

static maru_status no_change(maru_txn *txn, void *arg)
{
    return MARU_OK;
}

/* ---- other processes ---- */

static void is_child(int argc, char **argv)
{
    maru_store_options options = kit_options(argc > 2 ? argv[2] : "");
    maru_runtime      *rt;

    left_is_child(argc, argv);
    if (argc != 3)
        return;
    rt = kit_runtime(NULL);
    if (strcmp(argv[1], "share") == 0) {
        options.shared = true;
        left_put(rt, kit_open(rt, &options), FIRST + 1, MORE);
        _exit(0);
    }
    if (strcmp(argv[1], "once") == 0) {
        options.shared = true;
        left_put(rt, kit_open(rt, &options), 1, 1);
        _exit(0);
    }
    options.version++;
    options.migrate = no_change;
    ends_at_journal = true;
    kit_open(rt, &options);
    _exit(0);
}

static int run_child(const char *what, const char *path)
{
    const char *const args[] = {what, path, NULL};
    kit_child         child = kit_spawn(args);
    int               status = kit_end(&child);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- bits ---- */

typedef struct tally {
    int same, refused, other;
} tally;

static void try_open(const char *path, const care_facts *good, tally *t)
{
    care_facts  facts = {.records = 0};
    care       *c;
    maru_error  error;
    maru_status status = care_open(path, false, &c, &error);

    if (status == MARU_DATA_LOSS)
        t->refused++;
    else if (status == MARU_OK && care_look(c, &facts, &error) == MARU_OK && facts.txn == good->txn &&
             facts.records == good->records)
        t->same++;
    else
        t->other++;
    care_close(c);
}

static care_facts look(const char *path)
{
    care_facts facts = {.records = 0};
    care      *c;
    maru_error error;

    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        CHECK_INT(care_look(c, &facts, &error), MARU_OK);
    care_close(c);
    return facts;
}

static void flip_at(const char *path, int fd, off_t at, uint8_t bits_wanted, const care_facts *good, tally *t)
{
    uint8_t was, now;

    CHECK_INT(pread(fd, &was, 1, at), 1);
    for (int bit = 0; bit < 8; bit++) {
        tally before = *t;

        if (!(bits_wanted >> bit & 1))
            continue;
        now = (uint8_t)(was ^ 1 << bit);
        CHECK_INT(pwrite(fd, &now, 1, at), 1);
        try_open(path, good, t);
        if (t->other > before.other)
            fprintf(stderr, "byte %lld, bit %d\n", (long long)at, bit);
    }
    CHECK_INT(pwrite(fd, &was, 1, at), 1);
}

enum { EVERY_BIT = 0xff, ONE_OF_EACH = 0 };

/* One of each byte, another in the next. */
static uint8_t of_byte(uint8_t which, off_t at)
{
    return which == ONE_OF_EACH ? (uint8_t)(1 << at % 8) : which;
}

/* Of both, all that LMDB reads. */
static tally flip_all(const char *path, uint8_t which)
{
    care_facts good = look(path);
    int        fd = spoil_open(path);
    tally      t = {0};

    for (off_t page = 0; page <= PAGE; page += PAGE) {
        for (off_t at = 10; at < 12; at++)
            flip_at(path, fd, page + at, of_byte(which, at), &good, &t);
        for (off_t at = 16; at < DATAFILE_HEADER; at++)
            flip_at(path, fd, page + at, of_byte(which, at), &good, &t);
    }
    close(fd);
    return t;
}

/* All of the newer header, and what the older one must have beside it. */
static void check_flips(const char *path, uint8_t which)
{
    tally t = flip_all(path, which);
    int   each = which == EVERY_BIT ? 8 : 1;

    CHECK_INT(t.other, 0);
    CHECK_INT(t.same + t.refused, 2 * each * (2 + DATAFILE_HEADER - 16));
    CHECK(t.refused >= each * (DATAFILE_HEADER - 16));
}

static void bits(maru_runtime *rt)
{
    char *path = kit_folder();

    test_begin("of a closed store any one bit of its headers is noticed, or does no harm, whichever is the newer");
    for (int last = FIRST; last < FIRST + 2; last++) {
        left_write(rt, path, last == FIRST ? 1 : last, last);
        check_flips(path, EVERY_BIT);
        left_check(rt, path, last);
    }
    test_begin("so it is after a recovery");
    left_open(path, FIRST + 2, MORE);
    left_check(rt, path, MORE);
    check_flips(path, EVERY_BIT);
    left_check(rt, path, MORE);
    kit_folder_end(path);
}

/* ---- flags ---- */

static void change_both(const char *path, off_t at, uint8_t bits_to_flip)
{
    int     fd = spoil_open(path);
    uint8_t byte;

    for (off_t page = 0; page <= PAGE; page += PAGE) {
        CHECK_INT(pread(fd, &byte, 1, page + at), 1);
        byte ^= bits_to_flip;
        CHECK_INT(pwrite(fd, &byte, 1, page + at), 1);
    }
    close(fd);
}

static void backups(maru_runtime *rt)
{
    static const off_t places[] = {FLAGS_FREE, FLAGS_RECORDS};
    char              *above = kit_folder(), path[PATH_MAX], backup[PATH_MAX], restored[PATH_MAX];
    care              *c;
    maru_error         error;

    test_begin("a backup that says that its keys are of another order is not restored");
    snprintf(path, sizeof path, "%s/store", above);
    snprintf(backup, sizeof backup, "%s/backup", above);
    snprintf(restored, sizeof restored, "%s/restored", above);
    left_write(rt, path, 1, FIRST);
    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        CHECK_INT(care_backup(c, backup, &error), MARU_OK);
    care_close(c);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        change_both(backup, places[i], DUPSORT);
        CHECK_INT(care_restore(backup, restored, "cart", &error), MARU_DATA_LOSS);
        CHECK_CONTAINS(error.text, "/data.mdb is damaged: its header makes no sense");
        CHECK(access(restored, F_OK) != 0);
        change_both(backup, places[i], DUPSORT);
    }
    CHECK_INT(care_restore(backup, restored, "cart", &error), MARU_OK);
    left_check(rt, restored, FIRST);
    kit_folder_end(above);
}

/* ---- earlier versions ---- */

/* Their headers say nothing of data.mdb's other one: what they have there counts for nothing. */
static void age_file(const char *path, unsigned number)
{
    char           full[PATH_MAX];
    uint8_t        bytes[JOURNAL_HEADER];
    journal_header header;
    int            fd;

    snprintf(full, sizeof full, "%s/%s", path, segment_name(number));
    fd = open(full, O_RDWR | O_CLOEXEC);
    for (off_t at = 0; at < JOURNAL_FIRST; at += JOURNAL_BLOCK) {
        CHECK_INT(pread(fd, bytes, sizeof bytes, at), sizeof bytes);
        if (!CHECK(journal_header_read(&header, bytes)))
            break;
        CHECK(header.paired);
        header.paired = false;
        memset(header.other, 0, sizeof header.other);
        journal_header_write(&header, bytes);
        CHECK_INT(pwrite(fd, bytes, sizeof bytes, at), sizeof bytes);
    }
    close(fd);
}

static void age(const char *path)
{
    age_file(path, 0);
    age_file(path, 1);
}

/* Whoever shares it, or changes its version, notes nothing in STORE: so did they. */
static void run_unnoted(const char *what, const char *path, int status)
{
    char *before = left_copy(path);

    CHECK_INT(run_child(what, path), status);
    left_copy_file(before, path, "STORE");
    kit_folder_end(before);
}

static void shared_earlier(maru_runtime *rt)
{
    test_begin("a store that an earlier version shared opens with all, whichever version closed it before");
    for (int aged = 0; aged < 2; aged++)
        for (int last = FIRST; last < FIRST + 2; last++) {
            char *path = kit_folder();

            left_write(rt, path, 1, last);
            if (aged)
                age(path);
            run_unnoted("share", path, 0);
            run_unnoted("share", path, 0);
            look(path);
            left_check(rt, path, MORE);
            check_flips(path, ONE_OF_EACH);
            left_check(rt, path, MORE);
            kit_folder_end(path);
        }
}

static void shared_once(maru_runtime *rt)
{
    test_begin("so does one in which that was a single write");
    for (int last = FIRST; last < FIRST + 2; last++) {
        char *path = kit_folder();

        left_write(rt, path, 1, last);
        run_unnoted("once", path, 0);
        look(path);
        left_check(rt, path, last);
        check_flips(path, ONE_OF_EACH);
        kit_folder_end(path);
    }
}

static void migrated_earlier(maru_runtime *rt)
{
    test_begin("so does one whose version an earlier one changed, and nothing else");
    for (int aged = 0; aged < 2; aged++) {
        char              *path = kit_folder();
        maru_store_options options = kit_options(path);

        left_write(rt, path, 1, FIRST);
        if (aged)
            age(path);
        options.version++;
        options.migrate = no_change;
        run_unnoted("migrate", path, ENDED);
        look(path);
        maru_store_close(kit_open(rt, &options));
        check_flips(path, ONE_OF_EACH);
        maru_store_close(kit_open(rt, &options));
        kit_folder_end(path);
    }
}

static void closed_earlier(maru_runtime *rt)
{
    char *path = kit_folder();

    test_begin("so does one that an earlier version closed, and any bit is noticed from then on");
    left_write(rt, path, 1, FIRST);
    age(path);
    look(path);
    left_check(rt, path, FIRST);
    check_flips(path, ONE_OF_EACH);
    left_check(rt, path, FIRST);
    kit_folder_end(path);
}

/* ---- without the journal ---- */

/* Numbers that do not follow each other: of 128 bits, one in each may make the older the newer, by the right step. */
static void check_numbers(const char *path)
{
    care_facts good = look(path);
    int        fd = spoil_open(path);
    tally      t = {0};

    for (off_t page = 0; page <= PAGE; page += PAGE)
        for (off_t at = NUMBER; at < NUMBER + 8; at++)
            flip_at(path, fd, page + at, EVERY_BIT, &good, &t);
    close(fd);
    CHECK(t.refused >= 2 * 64 - 2 && t.other <= 2);
}

static void shared(maru_runtime *rt)
{
    char *path = kit_folder();

    test_begin("of a store that is shared the headers' numbers must follow each other");
    left_write(rt, path, 1, FIRST);
    CHECK_INT(run_child("share", path), 0);
    check_numbers(path);
    kit_folder_end(path);
    path = kit_folder();

    test_begin("a store that was shared by who was killed opens with all, and any bit is noticed again from then on");
    left_write(rt, path, 1, FIRST);
    CHECK_INT(run_child("share", path), 0);
    left_check(rt, path, MORE);
    check_flips(path, ONE_OF_EACH);
    left_check(rt, path, MORE);
    kit_folder_end(path);
}

static void migrated(maru_runtime *rt)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);

    test_begin("so does one that is killed right after it changed its version");
    left_write(rt, path, 1, FIRST);
    options.version++;
    options.migrate = no_change;
    for (int i = 0; i < 2; i++)
        CHECK_INT(run_child("migrate", path), ENDED);
    CHECK_INT(look(path).version, options.version);
    for (int i = 0; i < 2; i++)
        maru_store_close(kit_open(rt, &options));
    check_flips(path, ONE_OF_EACH);
    kit_folder_end(path);
}

int main(int argc, char **argv)
{
    maru_runtime *rt;

    is_child(argc, argv);
    rt = kit_runtime(NULL);
    bits(rt);
    backups(rt);
    shared_earlier(rt);
    shared_once(rt);
    migrated_earlier(rt);
    closed_earlier(rt);
    shared(rt);
    migrated(rt);
    maru_runtime_free(rt);
    return test_end();
}
