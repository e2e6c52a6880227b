/* store.c: maru store: what a service keeps, looked at and taken care of, whether it runs or not. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/config.h"
#include "commands.h"
#include "dump.h"
#include "running.h"
#include "state.h"
#include "store/care.h"

enum {
    FLAG_STORE_DATA = 1,
    WORDS_MAX = 3,
    TABLES = 256,
    TRIES = 5,        /* beside a service that starts again and again */
    AGAIN_MS = 10000, /* for it to start again */
};

typedef struct store_words {
    const char *data, *service, *folder;
    maru_error *ended; /* becomes ABORTED, with words, where the service ended meanwhile: it may be tried again */
} store_words;

typedef enum store_takes {
    STORE_BESIDE,   /* also while the service runs */
    STORE_CONSUMED, /* alone; run closes it */
    STORE_NONE,     /* there must be none */
} store_takes;

typedef struct store_verb {
    const char *name, *words; /* what stands behind it */
    int         count;        /* of all words */
    store_takes takes;
    int (*run)(const command *self, care *c, const store_words *words, output *out);
} store_verb;

static int cannot(const command *self, const maru_error *error)
{
    complain(self, "%s", error->text);
    return EXIT_CANNOT;
}

/* Says why, or notes it where the same may do at the next try. */
static int cannot_now(const command *self, const store_words *words, const maru_error *error)
{
    if (error->code != MARU_ABORTED)
        return cannot(self, error);
    *words->ended = *error;
    return EXIT_CANNOT;
}

/* ---- stat ---- */

typedef struct tally {
    struct {
        uint64_t records, bytes;
    } of[TABLES];
} tally;

static bool count_record(void *arg, const care_record *record)
{
    tally *t = arg;

    t->of[record->table].records++;
    t->of[record->table].bytes += record->key_size + record->payload_size;
    return true;
}

static void print_facts(const care_facts *facts, FILE *out)
{
    char      made[32];
    time_t    seconds = (time_t)(facts->made_ms / 1000);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(made, sizeof made, "%Y-%m-%dT%H:%M:%SZ", &utc);
    fprintf(out, "service  %s\nversion  %" PRIu32 "\nepoch    %016" PRIx64 "\nmade     %s\nruns     %s\n",
            facts->service, facts->version, facts->epoch, made, facts->running ? "yes" : "no");
    fprintf(out, "size     %" PRIu64 " bytes, of which %" PRIu64 " are free\nrecords  %" PRIu64 "\n\n", facts->bytes,
            facts->free_bytes, facts->records);
}

static void print_tally(const tally *t, FILE *out)
{
    fprintf(out, "%-16s %12s %14s\n", "TABLE", "RECORDS", "BYTES");
    for (unsigned i = 0; i < TABLES; i++) {
        char name[32];

        if (t->of[i].records == 0)
            continue;
        snprintf(name, sizeof name, "%u%s%s", i, care_table(i) != NULL ? " " : "",
                 care_table(i) != NULL ? care_table(i) : "");
        fprintf(out, "%-16s %12" PRIu64 " %14" PRIu64 "\n", name, t->of[i].records, t->of[i].bytes);
    }
}

static int run_stat(const command *self, care *c, const store_words *words, output *out)
{
    static const tally none;
    tally              t = none;
    care_facts         facts;
    maru_error         error;

    if (care_look(c, &facts, &error) != MARU_OK || care_walk(c, count_record, &t, &error) != MARU_OK)
        return cannot_now(self, words, &error);
    print_facts(&facts, out->file);
    print_tally(&t, out->file);
    return EXIT_FINE;
}

/* ---- verify ---- */

typedef struct verdict {
    FILE    *out;
    uint64_t records, damaged;
} verdict;

static void print_key(const care_record *record, FILE *out)
{
    const unsigned char *key = record->key;

    for (size_t i = 0; i < record->key_size; i++)
        if (key[i] >= ' ' && key[i] < 0x7f && key[i] != '\\' && key[i] != '"')
            fputc(key[i], out);
        else
            fprintf(out, "\\x%02x", key[i]);
}

static void print_damaged(const care_record *record, FILE *out)
{
    const char *name = care_table(record->table);

    fprintf(out, "table %u%s%s, ", record->table, name != NULL ? " " : "", name != NULL ? name : "");
    if (care_is_own(record->high)) {
        fputs("a key that is not shown", out);
    } else {
        fputs("key \"", out);
        print_key(record, out);
        fputc('"', out);
    }
    fprintf(out, ": %s\n", record->fault);
}

static bool check_record(void *arg, const care_record *record)
{
    verdict *v = arg;

    v->records++;
    if (record->fault == NULL)
        return true;
    v->damaged++;
    print_damaged(record, v->out);
    return true;
}

static int run_verify(const command *self, care *c, const store_words *words, output *out)
{
    verdict    v = {.out = out->file};
    maru_error error;

    if (care_walk(c, check_record, &v, &error) != MARU_OK)
        return cannot_now(self, words, &error);
    fprintf(out->file, "%" PRIu64 " records, %" PRIu64 " damaged\n", v.records, v.damaged);
    return v.damaged > 0 ? EXIT_CANNOT : EXIT_FINE;
}

/* ---- dump ---- */

/* Not into memory first: a store may be larger. So once a record is printed nothing is tried again. */
static int dump_all(const command *self, care *c, dump *d, const store_words *words)
{
    maru_error error;
    int        written;

    if (care_walk(c, dump_record, d, &error) != MARU_OK)
        return d->printed == 0 ? cannot_now(self, words, &error) : cannot(self, &error);
    if (d->failed != 0)
        return output_lost(self, d->failed);
    if ((written = output_flush(self)) != EXIT_FINE)
        return written;
    if (d->bare > 0)
        complain(self, "%" PRIu64 " records as bytes: of types that only a service that runs can tell, or of none",
                 d->bare);
    if (d->damaged > 0)
        complain(self, "%" PRIu64 " records, %" PRIu64 " damaged", d->printed, d->damaged);
    return d->damaged > 0 ? EXIT_CANNOT : EXIT_FINE;
}

/* The one of the service's processes that was found to have the store: "catalog", or "catalog@INSTANCE". Whether it is
 * listed: one that ended is not. */
static maru_status name_of(const store_words *words, int64_t pid, char name[static RUNNING_NAME_MAX], bool *listed,
                           maru_error *error)
{
    rundir      dir;
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0, i = 0;
    maru_status status = list == NULL ? maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory")
                                      : running_folder(words->data, &dir, error);

    if (status == MARU_OK)
        status = running_list(&dir, list, RUNNING_MAX, &count, error);
    while (i < count && list[i].holder.pid != pid)
        i++;
    *listed = i < count;
    snprintf(name, RUNNING_NAME_MAX, "%s", *listed ? list[i].name : words->service);
    free(list);
    return status;
}

/* Whether a process of that pid is there, and is more than what its parent has not heard of yet. */
static bool is_there(int64_t pid)
{
    char path[64], target[1];

    snprintf(path, sizeof path, "/proc/%" PRId64 "/exe", pid);
    return readlink(path, target, sizeof target) >= 0 || errno != ENOENT;
}

/* What went wrong when it was asked came of its end, where it has ended. */
static int could_not_ask(const command *self, const store_words *words, int64_t pid, bool was_listed, maru_error *error)
{
    char       name[RUNNING_NAME_MAX];
    bool       listed;
    maru_error none;

    if (pid != 0 && (!is_there(pid) || (was_listed && name_of(words, pid, name, &listed, &none) == MARU_OK && !listed)))
        maru_error_set(error, MARU_ABORTED, "%s: it ended or started meanwhile; try again", words->service);
    return cannot_now(self, words, error);
}

static int run_dump(const command *self, care *c, const store_words *words, output *out)
{
    care_facts facts;
    dump       d;
    char       name[RUNNING_NAME_MAX];
    bool       listed;
    maru_error error;
    int        result = -1;

    if (care_look(c, &facts, &error) != MARU_OK || name_of(words, facts.pid, name, &listed, &error) != MARU_OK)
        return cannot_now(self, words, &error);
    if (dump_open(&d, stdout, words->data, name, facts.pid, &error) != MARU_OK)
        result = could_not_ask(self, words, facts.pid, listed, &error);
    if (result < 0)
        result = dump_all(self, c, &d, words);
    dump_close(&d);
    return result;
}

/* ---- backup, restore ---- */

static int run_backup(const command *self, care *c, const store_words *words, output *out)
{
    care_facts facts;
    maru_error error;

    if (care_look(c, &facts, &error) != MARU_OK || care_backup(c, words->folder, &error) != MARU_OK)
        return cannot_now(self, words, &error);
    fprintf(out->file, "%s\n", words->folder);
    return EXIT_FINE;
}

/* Its store may have been moved away under it: so not the store is asked, but who runs. */
static maru_status must_not_run(const rundir *dir, const char *service, maru_error *error)
{
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0, i = 0;
    maru_status status = list == NULL ? maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory")
                                      : running_list(dir, list, RUNNING_MAX, &count, error);

    while (i < count && !running_is_of(&list[i], service))
        i++;
    if (status == MARU_OK && i < count)
        status = maru_error_set(error, MARU_FAILED_PRECONDITION, "%s runs on %.400s, pid %" PRId64 "; stop it first",
                                list[i].name, dir->data, list[i].holder.pid);
    free(list);
    return status;
}

/* Where there is no data folder yet it is made, for a backup: *kept is what was there of it (rundir_make_data). */
static maru_status find_folder(const store_words *words, bool restores, rundir *dir, size_t *kept, maru_error *error)
{
    maru_status status = running_folder(words->data, dir, error);

    *kept = SIZE_MAX;
    if (status != MARU_NOT_FOUND || !restores || (status = care_is_backup(words->folder, error)) != MARU_OK)
        return status;
    return rundir_make_data(words->data != NULL ? words->data : getenv("MARU_DATA"), dir, kept, error);
}

static int restore(const command *self, const rundir *dir, size_t kept, const char *path, const store_words *words)
{
    maru_error error;
    output     out;

    if (must_not_run(dir, words->service, &error) != MARU_OK ||
        care_restore(words->folder, path, words->service, &error) != MARU_OK) {
        rundir_remove_data(dir, kept);
        return cannot(self, &error);
    }
    output_open(&out);
    fprintf(out.file, "%s\n", path);
    return output_finish(&out, self);
}

/* ---- compact, repair: the store is closed by them ---- */

static int run_compact(const command *self, care *c, const store_words *words, output *out)
{
    maru_error error;

    return care_compact(c, &error) == MARU_OK ? EXIT_FINE : cannot(self, &error);
}

static bool print_dropped(void *arg, const care_record *record)
{
    print_damaged(record, arg);
    return true;
}

static int run_repair(const command *self, care *c, const store_words *words, output *out)
{
    care_repaired done;
    maru_error    error;

    if (care_repair(c, words->folder, print_dropped, out->file, &done, &error) != MARU_OK)
        return cannot(self, &error);
    if (done.dropped == 0)
        fprintf(out->file, "%" PRIu64 " records, 0 damaged: nothing was changed\n", done.kept);
    else
        fprintf(out->file, "%" PRIu64 " records kept, %" PRIu64 " dropped; all that there was is in %s\n", done.kept,
                done.dropped, words->folder);
    return EXIT_FINE;
}

static const store_verb store_verbs[] = {
    {"stat", "SERVICE", 2, STORE_BESIDE, run_stat},           {"dump", "SERVICE", 2, STORE_BESIDE, run_dump},
    {"verify", "SERVICE", 2, STORE_BESIDE, run_verify},       {"backup", "SERVICE DIR", 3, STORE_BESIDE, run_backup},
    {"restore", "SERVICE DIR", 3, STORE_NONE, NULL},          {"compact", "SERVICE", 2, STORE_CONSUMED, run_compact},
    {"repair", "SERVICE DIR", 3, STORE_CONSUMED, run_repair},
};

/* A folder of the data folder is a service's store by its name, and who lists those (maru events lag) takes a copy
 * there for a service that does not run. restore only reads it. */
static maru_status must_be_no_service(const store_verb *verb, const store_words *words, const rundir *dir,
                                      maru_error *error)
{
    char        path[PATH_MAX] = "./", *slash;
    size_t      size = words->folder != NULL && verb->takes != STORE_NONE ? strlen(words->folder) : 0;
    struct stat above, data;

    if (size == 0 || size + 2 >= sizeof path)
        return MARU_OK; /* what is wrong with it is said later */
    memcpy(path + (words->folder[0] == '/' ? 0 : 2), words->folder, size + 1);
    while ((slash = strrchr(path, '/')) > path && slash[1] == '\0')
        *slash = '\0';
    if (!config_is_name(slash + 1))
        return MARU_OK;
    slash[1] = '\0';
    if (stat(path, &above) != 0 || stat(dir->data, &data) != 0 || above.st_dev != data.st_dev ||
        above.st_ino != data.st_ino)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT,
                          "%.400s: would be the store of a service of that name there; want a folder outside of %.400s",
                          words->folder, dir->data);
}

static int try_verb(const command *self, const store_verb *verb, const char *path, const store_words *words)
{
    output     out;
    care      *c;
    maru_error error;
    int        result, written;

    if (care_open(path, verb->takes == STORE_CONSUMED, &c, &error) != MARU_OK)
        return cannot_now(self, words, &error);
    output_open(&out);
    result = verb->run(self, c, words, &out);
    if (verb->takes != STORE_CONSUMED)
        care_close(c);
    if (words->ended->code == MARU_ABORTED) { /* of what was read then nothing is said */
        output_discard(&out);
        return EXIT_CANNOT;
    }
    written = output_finish(&out, self);
    return written != EXIT_FINE ? written : result;
}

static int run_verb(const command *self, const store_verb *verb, const rundir *dir, const char *path,
                    const store_words *given)
{
    maru_error  ended;
    store_words words = *given;
    int         result;

    words.ended = &ended;
    for (int tries = TRIES;; tries--) {
        ended = (maru_error){.code = MARU_OK};
        result = try_verb(self, verb, path, &words);
        if (ended.code == MARU_OK)
            return result;
        /* Who opened the store before it serves again would keep it from starting. */
        if (tries == 1 || !running_wait(dir, words.service, AGAIN_MS))
            return cannot(self, &ended);
    }
}

static int run_on(const command *self, const store_verb *verb, const store_words *words)
{
    rundir     dir;
    char       path[PATH_MAX + STATE_NAME_MAX + 2];
    size_t     kept;
    maru_error error;

    if (find_folder(words, verb->takes == STORE_NONE, &dir, &kept, &error) != MARU_OK ||
        must_be_no_service(verb, words, &dir, &error) != MARU_OK)
        return cannot(self, &error);
    snprintf(path, sizeof path, "%s/%s", dir.data, words->service);
    return verb->takes == STORE_NONE ? restore(self, &dir, kept, path, words) : run_verb(self, verb, &dir, path, words);
}

static const store_verb *find_verb(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof store_verbs / sizeof *store_verbs; i++)
        if (strcmp(store_verbs[i].name, name) == 0)
            return &store_verbs[i];
    return NULL;
}

static int run(const command *self, int argc, char **argv)
{
    args              a = args_of(self, argc, argv);
    const char       *value, *data = NULL, *words[WORDS_MAX] = {NULL};
    const store_verb *verb;
    int               which, count = 0;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_STORE_DATA)
            data = value;
        else if (count++ < WORDS_MAX)
            words[count - 1] = value;
    }
    if (a.exit >= 0)
        return a.exit;
    if ((verb = find_verb(words[0])) == NULL)
        return complain_usage(self, "want one of stat, dump, verify, backup, restore, compact, repair");
    if (count != verb->count)
        return complain_usage(self, "want: maru store %s %s", verb->name, verb->words);
    if (strlen(words[1]) > STATE_NAME_MAX || !config_is_name(words[1]))
        return complain_usage(self, "SERVICE: want a service's name, got \"%s\"", words[1]);
    return run_on(self, verb, &(store_words){.data = data, .service = words[1], .folder = words[2]});
}

static const flag store_flags[] = {
    FLAG_HELP,
    [FLAG_STORE_DATA] = FLAG_DATA,
};

const command store_command = {
    .name = "store",
    .operands = "stat|dump|verify|backup|restore|compact|repair SERVICE [DIR]",
    .summary = "look at what a service keeps; back it up, restore it, make it smaller, repair it",
    .more =
        "  stat SERVICE         whose it is, its version, epoch and size, and how many records each table has\n"
        "  dump SERVICE         prints every record as JSON, one a line; types of the service's own while it runs, "
        "else as bytes;\n                       exit status 1 where one is damaged\n"
        "  verify SERVICE       reads every record and checks its sum; exit status 1 where one is damaged\n"
        "  backup SERVICE DIR   writes a copy of this moment into DIR, which is made outside of the data folder; reads "
        "and\n                       checks it again\n"
        "  restore SERVICE DIR  makes the service's store of a backup, in a new epoch; there must be none\n"
        "  compact SERVICE      gives free pages back to the file system\n"
        "  repair SERVICE DIR   takes damaged records out, and says which; keeps the file as it was in DIR, which is "
        "made\n"
        "The first four work while the service runs. For the others it must not; a store that was not closed is "
        "recovered\nfirst, as the service would do. One "
        "whose folder others may write to is refused. A backup or repair that was interrupted\nis done by the same "
        "command once more.\n",
    .flags = store_flags,
    .flag_count = sizeof store_flags / sizeof *store_flags,
    .run = run,
};
