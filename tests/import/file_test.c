/* file_test.c: files as they come: plain, gzip, cut, broken, followed by others, none. */
#include "import/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "test.h"

static bool count(void *arg, enum csv_event event, const struct csv_record *record)
{
    *(size_t *)arg += event == CSV_RECORD && record->count == 2;
    return true;
}

static bool stop(void *arg, enum csv_event event, const struct csv_record *record)
{
    return false;
}

static void path_in(char *out, size_t size, const char *folder, const char *name)
{
    snprintf(out, size, "%s/%s", folder, name);
}

/* Enough lines that they fill many pieces; as gzip where packed. */
static void write_lines(const char *path, bool packed)
{
    gzFile file = gzopen(path, packed ? "wb" : "wbT");

    for (int i = 0; i < 50000; i++)
        gzprintf(file, "%d,%d\n", i, i * 7919);
    CHECK_INT(gzclose(file), Z_OK);
}

static void test_good(const char *folder)
{
    char              path[256];
    struct file_error error;

    test_begin("a plain file and a gzip file read alike");
    for (int packed = 0; packed < 2; packed++) {
        size_t lines = 0;

        path_in(path, sizeof path, folder, packed ? "lines.csv.gz" : "lines.csv");
        write_lines(path, packed);
        CHECK(file_read(path, count, &lines, &error));
        CHECK_INT(lines, 50000);
    }
    test_begin("who takes the lines can stop the reading");
    CHECK(!file_read(path, stop, NULL, &error));
    CHECK_STR(error.text, "");
}

static void append(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "ab");

    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void test_behind(const char *folder)
{
    char              path[256];
    size_t            lines = 0;
    struct file_error error;
    gzFile            file;

    test_begin("gzip files one behind the other are one file");
    path_in(path, sizeof path, folder, "lines.csv.gz");
    write_lines(path, true);
    file = gzopen(path, "ab");
    gzprintf(file, "a,b\n");
    CHECK_INT(gzclose(file), Z_OK);
    CHECK(file_read(path, count, &lines, &error));
    CHECK_INT(lines, 50001);
    test_begin("other bytes behind a gzip file are an error, and not passed over");
    append(path, "1,2\n", 4);
    CHECK(!file_read(path, count, &lines, &error));
    CHECK_CONTAINS(error.text, "lines.csv.gz: other bytes stand behind the end of its gzip data");
    test_begin("an empty file has no lines, and one that begins like half a gzip file is plain");
    path_in(path, sizeof path, folder, "lines.csv");
    for (int size = 0; size < 2; size++) {
        lines = 0;
        CHECK_INT(truncate(path, 0), 0);
        append(path, "\x1f,", 2 * (size_t)size);
        CHECK(file_read(path, count, &lines, &error));
        CHECK_INT(lines, size);
    }
}

static void test_line_ends(const char *folder)
{
    static const struct {
        const char *bytes;
        bool        good;
    } files[] = {
        {"a,b\r1,2\r3,4\r", false},  {"a,b\r1,2\n", false}, {"a,b\r\n1,2\r\n", true}, {"a,b\r", true},
        {"a,b\n1,\"x\ry\"\n", true}, {"a,b", true},
    };
    char              path[256];
    size_t            lines = 0;
    struct file_error error;

    test_begin("a file whose lines end with a CR alone is an error, and not one long first line");
    path_in(path, sizeof path, folder, "lines.csv");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        CHECK_INT(truncate(path, 0), 0);
        append(path, files[i].bytes, strlen(files[i].bytes));
        CHECK_INT(file_read(path, count, &lines, &error), files[i].good);
        CHECK_CONTAINS(error.text, files[i].good ? "" : "lines.csv: want lines that end with LF or CR LF");
    }
}

static void test_others(const char *folder)
{
#define SIZED(bytes) (bytes), sizeof(bytes) - 1
    static const struct {
        const char *bytes;
        size_t      size;
        const char *words;
    } files[] = {
        {SIZED("\377\376a\0,\0b\0\r\0\n\0"), "UTF-16"},
        {SIZED("\376\377\0a\0\r\0\n"), "UTF-16"},
        {SIZED("a\0,\0b\0\r\0\n\0"), "control characters in the first line"},
        {SIZED("\177ELF\2\1\1\r\2\n"), "control characters in the first line"},
        {SIZED("BZh91AY&SY\r\234\n"), "bzip2"},
        {SIZED("\3757zXZ\0\n"), "xz"},
        {SIZED("(\265/\375\n"), "zstd"},
        {SIZED("PK\3\4\24\0\n"), "zip, as a workbook is"},
        {SIZED("a\t,\377\376,PK,b\r\nBZh91AY&SY\3\n"), NULL},
    };
#undef SIZED
    char              path[256], words[128];
    size_t            lines = 0;
    struct file_error error;

    test_begin("a file of another kind is named, whatever it has of CR and LF");
    path_in(path, sizeof path, folder, "lines.csv");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        CHECK_INT(truncate(path, 0), 0);
        append(path, files[i].bytes, files[i].size);
        CHECK_INT(file_read(path, count, &lines, &error), files[i].words == NULL);
        snprintf(words, sizeof words, "lines.csv: want a CSV in UTF-8, plain or gzip, got %s",
                 files[i].words == NULL ? "" : files[i].words);
        CHECK_CONTAINS(error.text, files[i].words == NULL ? "" : words);
    }
}

static void test_bad(const char *folder)
{
    char              path[256];
    size_t            lines = 0;
    struct file_error error;
    FILE             *file;

    test_begin("a gzip file that was cut is an error, not a shorter file");
    path_in(path, sizeof path, folder, "lines.csv.gz");
    CHECK_INT(truncate(path, 100000), 0);
    CHECK(!file_read(path, count, &lines, &error));
    CHECK_CONTAINS(error.text, "lines.csv.gz: ends in the middle of its gzip data");
    test_begin("a gzip file with a broken byte is an error");
    write_lines(path, true);
    file = fopen(path, "r+b");
    fseek(file, 50000, SEEK_SET);
    fwrite("broken", 1, 6, file);
    fclose(file);
    CHECK(!file_read(path, count, &lines, &error));
    CHECK_CONTAINS(error.text, "lines.csv.gz: ");
    CHECK(strlen(error.text) > strlen(path) + 2 && strstr(error.text + strlen(path), "lines.csv.gz") == NULL);
    test_begin("a file that is not there, and a folder, are named");
    path_in(path, sizeof path, folder, "none.csv");
    CHECK(!file_read(path, count, &lines, &error));
    CHECK_CONTAINS(error.text, "none.csv: No such file or directory");
    CHECK(!file_read(folder, count, &lines, &error));
    CHECK_CONTAINS(error.text, "want a file, got a folder");
}

int main(void)
{
    char folder[] = "/tmp/maru-import-XXXXXX";
    char path[256];

    if (mkdtemp(folder) == NULL)
        return 1;
    test_good(folder);
    test_behind(folder);
    test_line_ends(folder);
    test_others(folder);
    test_bad(folder);
    path_in(path, sizeof path, folder, "lines.csv");
    unlink(path);
    path_in(path, sizeof path, folder, "lines.csv.gz");
    unlink(path);
    rmdir(folder);
    return test_end();
}
