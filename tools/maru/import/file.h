/* file.h: a file, plain or gzip, as the records of a CSV. Blocks. */
#ifndef IMPORT_FILE_H
#define IMPORT_FILE_H

#include <stdbool.h>

#include "csv.h"

/* Takes one event (never CSV_MORE); record is valid until it returns. False stops the reading. */
typedef bool (*file_event)(void *arg, enum csv_event event, const struct csv_record *record);

struct file_error {
    char text[512]; /* one line: "FILE: ..." */
};

/* file_read is true where all of the file was read and every event taken. Else error has words, or is "" where fn
 * stopped it. A file with a CR alone in its first line is not read: its lines do not end as those of a CSV. Nor is one
 * that begins as UTF-16 does, or as what other programs pack (bzip2, xz, zstd, zip). */
bool file_read(const char *path, file_event fn, void *arg, struct file_error *error);

#endif
