/* parts_test.c: the parts that JSON is made of, each alone: numbers, times, base64, the message that grows, paths. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "random.h"
#include "test.h"
#include "json/base64.h"
#include "json/moment.h"
#include "json/number.h"
#include "json/place.h"
#include "json/wire_in.h"
#include "json/wire_out.h"

enum { ROUNDS = 100000 };

static bool double_comes_back(double value, maru_arena *arena)
{
    char   text[NUMBER_TEXT_MAX];
    double again = 0;
    size_t size = number_print_double(value, text);

    if (size != strlen(text) || number_size(text, size) != size ||
        number_double(text, size, arena, &again) != NUMBER_OK || memcmp(&again, &value, sizeof value) != 0) {
        fprintf(stderr, "%a prints as %s\n", value, text);
        return false;
    }
    return true;
}

static bool float_comes_back(float value, maru_arena *arena)
{
    char   text[NUMBER_TEXT_MAX];
    float  again = 0;
    size_t size = number_print_float(value, text);

    if (size != strlen(text) || number_size(text, size) != size ||
        number_float(text, size, arena, &again) != NUMBER_OK || memcmp(&again, &value, sizeof value) != 0) {
        fprintf(stderr, "%a prints as %s\n", (double)value, text);
        return false;
    }
    return true;
}

static void numbers(rng *r, maru_arena *arena)
{
    static const double edges[] = {0.0,
                                   -0.0,
                                   1,
                                   -1,
                                   0.1,
                                   DBL_MAX,
                                   DBL_MIN,
                                   DBL_TRUE_MIN,
                                   9007199254740993.0,
                                   1e21,
                                   1e22,
                                   123456789012345678.0,
                                   1e-6,
                                   1e-7,
                                   1.0 / 3,
                                   5e-324,
                                   2.2250738585072011e-308};
    bool                held = true;

    test_begin("every double and float comes back from its text with the same bits");
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        CHECK(double_comes_back(edges[i], arena));
    for (int i = 0; i < ROUNDS && held; i++) {
        uint64_t bits = rng_next(r);
        double   d;
        float    f;

        memcpy(&d, &bits, sizeof d);
        memcpy(&f, &bits, sizeof f);
        held = (!isfinite(d) || double_comes_back(d, arena)) && (!isfinite(f) || float_comes_back(f, arena));
        maru_arena_reset(arena);
    }
    CHECK(held);

    test_begin("what has few digits prints with few");
    for (int i = 0; i < ROUNDS / 10 && held; i++) {
        char   want[NUMBER_TEXT_MAX], got[NUMBER_TEXT_MAX];
        double value = (double)rng_below(r, 100000000) / 1000;

        snprintf(want, sizeof want, "%.15g", value);
        number_print_double(value, got);
        held = strcmp(got, want) == 0;
        if (!held)
            fprintf(stderr, "got %s, want %s\n", got, want);
    }
    CHECK(held);
}

static void integers(rng *r)
{
    bool held = true;

    test_begin("every 64-bit integer is read exactly, with zeros, points and exponents");
    for (int i = 0; i < ROUNDS && held; i++) {
        uint64_t want = (rng_next(r) >> rng_below(r, 64)) | 1, got = 0;
        char     text[96];
        int      size = snprintf(text, sizeof text, "%llu%s", (unsigned long long)want,
                            rng_below(r, 2)   ? ".000"
                                 : rng_below(r, 2) ? "e0"
                                                   : "000e-3");

        held = number_integer(text, (size_t)size, false, 64, &got) == NUMBER_OK && got == want;
        if (!held)
            fprintf(stderr, "%s is read as %llu\n", text, (unsigned long long)got);
    }
    CHECK(held);
}

/* A locale with a comma, of those that this machine has; there may be none. */
static const char *comma_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "pt_BR.UTF-8", "nl_NL.UTF-8"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_ALL, names[i]) != NULL && strcmp(localeconv()->decimal_point, ",") == 0)
            return names[i];
    return NULL;
}

static void locale(maru_arena *arena)
{
    char        text[NUMBER_TEXT_MAX];
    const char *name = comma_locale();

    test_begin("numbers do not follow the locale");
    printf("# locale with a comma: %s\n", name == NULL ? "none here" : name);
    CHECK(double_comes_back(1234.5, arena));
    number_print_double(1234.5, text);
    CHECK_STR(text, "1234.5");
    setlocale(LC_ALL, "C");
}

static void times(rng *r)
{
    bool held = true;

    test_begin("every time and duration comes back from its text");
    for (int i = 0; i < ROUNDS && held; i++) {
        static const int32_t nanos[] = {0, 1, 999999999, 500000000, 123000000, 123456000};
        char                 text[MOMENT_TEXT_MAX];
        moment               again,
            m = {.seconds = -62135596800 + (int64_t)rng_below(r, 315537897600), .nanos = nanos[rng_below(r, 6)]};
        size_t size = timestamp_print(m, text);

        held = timestamp_read(text, size, &again) && again.seconds == m.seconds && again.nanos == m.nanos;
        m.seconds = (int64_t)rng_below(r, 631152000001) - 315576000000;
        m.nanos = m.seconds < 0 ? -m.nanos : m.nanos;
        size = duration_print(m, text);
        held = held && duration_read(text, size, &again) && again.seconds == m.seconds && again.nanos == m.nanos;
        if (!held)
            fprintf(stderr, "%s\n", text);
    }
    CHECK(held);

    test_begin("the days of a calendar follow one another for 10,000 years");
    for (int64_t day = -719162; day < 2932897 && held; day++) {
        char text[MOMENT_TEXT_MAX], before[MOMENT_TEXT_MAX];

        timestamp_print((moment){.seconds = day * 86400 - (day > -719162)}, before);
        timestamp_print((moment){.seconds = day * 86400}, text);
        held = strcmp(before, text) <= 0 && (text[8] != '3' || text[9] < '2');
    }
    CHECK(held);
}

static void bytes(rng *r)
{
    uint8_t from[64], to[80];
    char    text[96];
    bool    held = true;

    test_begin("bytes come back from base64, padded or not, of either alphabet");
    for (int i = 0; i < ROUNDS / 10 && held; i++) {
        size_t size = rng_below(r, sizeof from), text_size = base64_size(size), got;

        for (size_t k = 0; k < size; k++)
            from[k] = (uint8_t)rng_next(r);
        base64_encode(from, size, text);
        for (size_t k = 0; k < text_size && i % 2; k++)
            text[k] = text[k] == '+' ? '-' : text[k] == '/' ? '_' : text[k];
        while (i % 3 == 0 && text_size > 0 && text[text_size - 1] == '=')
            text_size--;
        held = base64_decode(text, text_size, to, &got) && got == size && memcmp(from, to, size) == 0;
    }
    CHECK(held);
}

/* A message that holds one that holds one ..., each padded so that lengths take one to three bytes. */
static void lengths(maru_arena *arena)
{
    wire_out       out = {.arena = arena, .max = 1 << 24};
    size_t         holes[60], size;
    const uint8_t *message;
    char           pad[300] = "";
    wire_bytes     inner;

    test_begin("lengths of nested messages are as short as they can be, and right");
    for (int i = 0; i < 60; i++) {
        wire_put_tag(&out, 1, SCHEMA_WIRE_LEN);
        holes[i] = wire_open(&out);
        wire_put_tag(&out, 2, SCHEMA_WIRE_LEN);
        wire_put_varint(&out, (uint64_t)i * 5);
        wire_put_bytes(&out, pad, (size_t)i * 5);
    }
    for (int i = 59; i >= 0; i--)
        wire_close(&out, holes[i]);
    if (!CHECK(wire_finish(&out, &message, &size)))
        return;
    inner = (wire_bytes){.at = message, .size = size};
    for (int i = 0; i < 60; i++) {
        wire_in      in = wire_read(inner);
        wire_element element;

        CHECK(wire_next(&in, &element) && element.number == 1 && in.at == in.end);
        inner = element.bytes;
        in = wire_read(inner);
        CHECK(wire_next(&in, &element) && element.number == 2 && element.bytes.size == (size_t)i * 5);
        inner = (wire_bytes){.at = in.at, .size = (size_t)(in.end - in.at)};
    }
    CHECK_INT(inner.size, 0);
    wire_back(&out, (wire_mark){0});
    CHECK(wire_finish(&out, &message, &size) && size == 0);
}

static void places(void)
{
    reader_frame frames[JSON_DEPTH_MAX];
    char         path[PLACE_PATH_MAX];
    const char   text[] = "ab\n장터x";
    text_place   place = place_of(text, strchr(text, 'x'));

    test_begin("a place is its line, and its column in characters");
    CHECK_INT(place.line, 2);
    CHECK_INT(place.column, 3);

    test_begin("a path that is too long keeps its end, and strange names are quoted");
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        frames[i] = (reader_frame){.key = {"quantity", 8}, .index = 7, .list = i % 2, .begun = true};
    place_path(frames, JSON_DEPTH_MAX, path);
    CHECK(strncmp(path, "...", 3) == 0);
    CHECK_CONTAINS(path, ".quantity[7]");
    CHECK(strlen(path) > 100);
    frames[0].key = (slice){"a\nb", 3};
    place_path(frames, 1, path);
    CHECK_STR(path, "[\"a?b\"]");
    frames[1].list = false;
    frames[1].key = (slice){"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 60};
    place_path(frames, 2, path);
    CHECK_STR(path, "[\"a?b\"].aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

int main(void)
{
    maru_arena *arena = maru_arena_new(16 << 20);
    rng         r = rng_seeded("parts");

    numbers(&r, arena);
    integers(&r);
    locale(arena);
    times(&r);
    bytes(&r);
    lengths(arena);
    places();
    maru_arena_free(arena);
    return test_end();
}
