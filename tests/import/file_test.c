/* file_test.c: files as they come: plain, gzip, cut, broken, none. */
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
    test_bad(folder);
    path_in(path, sizeof path, folder, "lines.csv");
    unlink(path);
    path_in(path, sizeof path, folder, "lines.csv.gz");
    unlink(path);
    rmdir(folder);
    return test_end();
}
