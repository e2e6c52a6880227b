/* writer.c: JSON text, value by value (contract: writer.h). */
#include "json/writer.h"

#include <stdio.h>
#include <string.h>

#include "json/place.h"

static void begin_line(writer *w)
{
    size_t spaces = (size_t)w->indent * w->depth;
    char  *room;

    text_char(&w->out, '\n');
    room = text_room(&w->out, spaces);
    if (room == NULL)
        return;
    memset(room, ' ', spaces);
    w->out.size += spaces;
}

static inline void new_line(writer *w)
{
    if (w->indent > 0)
        begin_line(w);
}

bool writer_open(writer *w, json_kind kind)
{
    if (w->depth == JSON_DEPTH_MAX)
        return false;
    text_char(&w->out, kind == JSON_LIST ? '[' : '{');
    w->frames[w->depth++] = (writer_frame){.list = kind == JSON_LIST};
    return true;
}

void writer_close(writer *w)
{
    const writer_frame *frame = &w->frames[--w->depth];

    if (frame->count > 0)
        new_line(w);
    text_char(&w->out, frame->list ? ']' : '}');
}

static void next_place(writer *w)
{
    if (w->frames[w->depth - 1].count++ > 0)
        text_char(&w->out, ',');
    new_line(w);
}

void writer_key(writer *w, const char *key, size_t size)
{
    writer_frame *frame = &w->frames[w->depth - 1];

    next_place(w);
    frame->key_at = (uint32_t)w->out.size + 1;
    writer_string(w, key, size);
    frame->key_size = (uint32_t)w->out.size - frame->key_at - (w->out.size > frame->key_at);
    text_add(&w->out, ": ", w->indent > 0 ? 2 : 1);
}

void writer_element(writer *w)
{
    next_place(w);
}

static void put_escape(text *out, char c)
{
    static const char means[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char       *mean = c == '\0' ? NULL : strchr(means, c);
    char              escaped[8];

    if (mean != NULL)
        snprintf(escaped, sizeof escaped, "\\%c", letters[mean - means]);
    else
        snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(unsigned char)c);
    text_string(out, escaped);
}

/* Control characters must be escaped; DEL and those of C1 are too, so that a terminal never gets one. What C1 has is
 * two bytes in UTF-8, c2 and 80 to 9f: how many bytes are to be escaped as one character, 0 for none. */
static size_t must_escape(const char *at, size_t left)
{
    unsigned char c = (unsigned char)*at;

    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
        return 1;
    return c == 0xc2 && left > 1 && (unsigned char)at[1] < 0xa0 ? 2 : 0;
}

/* Sixteen bytes at once: compilers make of it what the processor has for that. */
typedef unsigned char sixteen __attribute__((vector_size(16)));

static inline uint64_t eight_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint64_t four_at(const char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

/* Whether one of sixteen bytes, eight and eight, may have to be escaped. */
static inline bool any_escape(uint64_t first, uint64_t second)
{
    const uint64_t words[2] = {first, second};
    sixteen        bytes, found;
    uint64_t       any[2];

    memcpy(&bytes, words, sizeof bytes);
    found = (sixteen)(bytes < 0x20) | (sixteen)(bytes == '"') | (sixteen)(bytes == '\\') | (sixteen)(bytes == 0x7f) |
            (sixteen)(bytes == 0xc2);
    memcpy(any, &found, sizeof any);
    return (any[0] | any[1]) != 0;
}

/* All bytes of a string of less than eight, some of them twice, and blanks. */
static inline uint64_t few_at(const char *at, size_t size)
{
    const uint64_t blanks = UINT64_C(0x2020202020000000);

    if (size >= 4)
        return four_at(at) | four_at(at + size - 4) << 32;
    return blanks | (uint64_t)(unsigned char)at[0] | (uint64_t)(unsigned char)at[size / 2] << 8 |
           (uint64_t)(unsigned char)at[size - 1] << 16;
}

/* Whether a string stands for itself. Nearly all do, and most are short. */
static inline bool is_plain(const char *string, size_t size)
{
    size_t   i = 0;
    uint64_t few;

    if (size == 0)
        return true;
    if (size < 8) {
        few = few_at(string, size);
        return !any_escape(few, few);
    }
    if (size < 16)
        return !any_escape(eight_at(string), eight_at(string + size - 8));
    for (; size - i > 16; i += 16)
        if (any_escape(eight_at(string + i), eight_at(string + i + 8)))
            return false;
    return !any_escape(eight_at(string + size - 16), eight_at(string + size - 8));
}

/* How many of the first bytes stand for themselves. */
static size_t plain_size(const char *string, size_t size)
{
    size_t i = 0;

    while (i < size)
        if (size - i >= 16 && !any_escape(eight_at(string + i), eight_at(string + i + 8)))
            i += 16;
        else if (must_escape(string + i, size - i) != 0)
            break;
        else
            i++;
    return i;
}

static void put_escaped(writer *w, const char *string, size_t size)
{
    text_char(&w->out, '"');
    while (size > 0) {
        size_t plain = plain_size(string, size);

        text_add(&w->out, string, plain);
        if (plain < size) {
            plain += must_escape(string + plain, size - plain);
            put_escape(&w->out, string[plain - 1]); /* of C1, the second byte is the character */
        }
        string += plain;
        size -= plain;
    }
    text_char(&w->out, '"');
}

void writer_plain(writer *w, const char *string, size_t size)
{
    char *room = text_room(&w->out, size + 2);

    if (room == NULL)
        return;
    *room = '"';
    if (size > 0)
        memcpy(room + 1, string, size);
    room[size + 1] = '"';
    w->out.size += size + 2;
}

void writer_string(writer *w, const char *string, size_t size)
{
    if (is_plain(string, size))
        writer_plain(w, string, size);
    else
        put_escaped(w, string, size);
}

void writer_raw(writer *w, const char *json, size_t size)
{
    text_add(&w->out, json, size);
}

void writer_path(const writer *w, char *path, size_t size)
{
    reader_frame frames[JSON_DEPTH_MAX];
    char         whole[PLACE_PATH_MAX];

    for (unsigned i = 0; i < w->depth; i++) {
        const writer_frame *frame = &w->frames[i];

        frames[i] = (reader_frame){
            .key = {.at = frame->count > 0 ? w->out.data + frame->key_at : NULL, .size = frame->key_size},
            .index = frame->count - 1,
            .list = frame->list,
            .begun = frame->count > 0};
    }
    place_path(frames, w->depth, whole);
    snprintf(path, size, "%s", whole);
}
