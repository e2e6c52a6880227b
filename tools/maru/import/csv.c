/* csv.c: CSV as in RFC 4180 (csv.h). */
#include "csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool csv_begin(struct csv *csv)
{
    *csv = (struct csv){.line = 1, .text = malloc(CSV_RECORD_MAX + CSV_FIELDS_MAX)};
    return csv->text != NULL;
}

void csv_free(struct csv *csv)
{
    free(csv->bytes);
    free(csv->text);
}

bool csv_feed(struct csv *csv, const void *bytes, size_t size)
{
    size_t left = csv->size - csv->at;
    char  *room = csv->bytes;

    if (left > 0)
        memmove(csv->bytes, csv->bytes + csv->at, left);
    csv->at = 0;
    csv->size = left;
    if (left + size > csv->room && (room = realloc(csv->bytes, left + size)) == NULL)
        return false;
    csv->room = left + size > csv->room ? left + size : csv->room;
    csv->bytes = room;
    memcpy(csv->bytes + left, bytes, size);
    csv->size = left + size;
    return true;
}

void csv_finish(struct csv *csv)
{
    csv->finished = true;
}

/* A walk over one record: in from at, out to text. */
struct walk {
    struct csv        *csv;
    struct csv_record *record;
    size_t             at;
    size_t             out;
    size_t             lines; /* line ends that were passed */
};

enum { END = -1, WAIT = -2 };

/* The next byte, END after the last of a finished input, or WAIT where more must be fed to tell. */
static int peek(const struct walk *walk, size_t ahead)
{
    if (walk->at + ahead < walk->csv->size)
        return (unsigned char)walk->csv->bytes[walk->at + ahead];
    return walk->csv->finished ? END : WAIT;
}

/* The length of the line end here: 0 where there is none, 1, 2, or WAIT. */
static int line_end(const struct walk *walk)
{
    int next;

    if (peek(walk, 0) == '\n')
        return 1;
    if (peek(walk, 0) != '\r')
        return 0;
    next = peek(walk, 1);
    return next == WAIT ? WAIT : next == '\n' ? 2 : 0;
}

/* The record is known by the line on which it begins; what is wrong may be lines further on, within quotes. */
static enum csv_event malformed(struct walk *walk, const char *error)
{
    walk->record->error = error;
    if (walk->lines > 0) {
        snprintf(walk->csv->error, sizeof walk->csv->error, "%s (on line %zu)", error,
                 walk->record->line + walk->lines);
        walk->record->error = walk->csv->error;
    }
    return CSV_MALFORMED;
}

static bool put(struct walk *walk, int byte)
{
    walk->csv->text[walk->out++] = (char)byte;
    walk->at++;
    return walk->out < CSV_RECORD_MAX;
}

/* The text between quotes, the first of which was passed. CSV_RECORD is done. */
static enum csv_event walk_quoted(struct walk *walk)
{
    for (;;) {
        int byte = peek(walk, 0);

        if (byte == WAIT)
            return CSV_MORE;
        if (byte == END)
            return malformed(walk, "want a closing quote, got the end of the file");
        if (byte == '"') {
            int next = peek(walk, 1);

            if (next == WAIT)
                return CSV_MORE;
            walk->at++;
            if (next != '"')
                return CSV_RECORD;
        }
        walk->lines += byte == '\n';
        if (byte == '\0')
            return malformed(walk, "want text, got a NUL byte");
        if (!put(walk, byte))
            return malformed(walk, "want at most 65536 bytes in a record, got a longer one; a quote may not be closed");
    }
}

static enum csv_event walk_plain(struct walk *walk)
{
    for (;;) {
        int byte = peek(walk, 0);
        int end = line_end(walk);

        if (byte == WAIT || end == WAIT)
            return CSV_MORE;
        if (byte == END || byte == ',' || end > 0)
            return CSV_RECORD;
        if (byte == '"')
            return malformed(walk, "want quotes around a whole field, got one inside");
        if (byte == '\0')
            return malformed(walk, "want text, got a NUL byte");
        if (!put(walk, byte))
            return malformed(walk, "want at most 65536 bytes in a record, got a longer one");
    }
}

static enum csv_event walk_field(struct walk *walk)
{
    if (walk->record->count == CSV_FIELDS_MAX)
        return malformed(walk, "want at most 64 fields, got more");
    walk->record->fields[walk->record->count++] = walk->csv->text + walk->out;
    if (peek(walk, 0) != '"')
        return walk_plain(walk);
    walk->at++;
    return walk_quoted(walk);
}

/* What follows a field: a comma (CSV_BLANK stands for "another field"), or the record's end, which is passed. */
static enum csv_event walk_separator(struct walk *walk)
{
    int byte = peek(walk, 0);
    int end = line_end(walk);

    if (byte == WAIT || end == WAIT)
        return CSV_MORE;
    walk->csv->text[walk->out++] = '\0';
    if (byte == END)
        return CSV_RECORD;
    if (byte != ',' && end == 0)
        return malformed(walk, "want a comma or the line's end after a closing quote, got other text");
    walk->at += byte == ',' ? 1 : (size_t)end;
    walk->lines += byte != ',';
    return byte == ',' ? CSV_BLANK : CSV_RECORD;
}

static enum csv_event walk_record(struct walk *walk)
{
    enum csv_event event = CSV_BLANK;

    while (event == CSV_BLANK) {
        event = walk_field(walk);
        if (event == CSV_RECORD)
            event = walk_separator(walk);
    }
    return event;
}

/* Goes to the line after the one that begins at csv->at; where its end was not fed yet, what comes is skipped up to
 * there. */
static void skip_line(struct csv *csv)
{
    char *end = csv->at == csv->size ? NULL : memchr(csv->bytes + csv->at, '\n', csv->size - csv->at);

    csv->at = end == NULL ? csv->size : (size_t)(end - csv->bytes) + 1;
    csv->skipping = end == NULL;
    csv->line += end != NULL;
}

static void pass(struct csv *csv, size_t to, size_t lines)
{
    csv->at = to;
    csv->line += lines;
}

/* Passes the mark that spreadsheets like to write before all. False where more must be fed to tell whether it is one.
 */
static bool pass_mark(struct csv *csv)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    size_t            left = csv->size - csv->at;

    if (left < sizeof mark && !csv->finished && (left == 0 || memcmp(csv->bytes + csv->at, mark, left) == 0))
        return false;
    if (left >= sizeof mark && memcmp(csv->bytes + csv->at, mark, sizeof mark) == 0)
        csv->at += sizeof mark;
    csv->began = true;
    return true;
}

enum csv_event csv_next(struct csv *csv, struct csv_record *record)
{
    struct walk    walk = {.csv = csv, .record = record};
    enum csv_event event;
    int            end;

    if (!csv->began && !pass_mark(csv))
        return CSV_MORE;
    if (csv->skipping)
        skip_line(csv);
    if (csv->at == csv->size)
        return CSV_MORE;
    walk.at = csv->at;
    record->count = 0;
    record->line = csv->line;
    if ((end = line_end(&walk)) > 0) {
        pass(csv, csv->at + (size_t)end, 1);
        return CSV_BLANK;
    }
    event = end == WAIT ? CSV_MORE : walk_record(&walk);
    if (event == CSV_MALFORMED)
        skip_line(csv);
    if (event == CSV_RECORD)
        pass(csv, walk.at, walk.lines);
    return event;
}
