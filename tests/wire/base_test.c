/* base_test.c: status names, method ids, errno, UTF-8, checksums, log lines, writes cut short. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "random.h"
#include "test.h"

#include "base/crc32c.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/whole.h"
#include "maru/errno.h"
#include "maru/hash.h"
#include "maru/name.h"
#include "maru/service.h"
#include "maru/shown.h"
#include "maru/status.h"
#include "maru/text.h"

static void check_status(void)
{
    test_begin("a status has gRPC's number and name, both ways");
    CHECK_STR(maru_status_name(MARU_OK), "OK");
    CHECK_STR(maru_status_name(5), "NOT_FOUND");
    CHECK_STR(maru_status_name(16), "UNAUTHENTICATED");
    CHECK_STR(maru_status_name(17), "UNKNOWN");
    CHECK_STR(maru_status_name(-1), "UNKNOWN");
    for (int i = 0; i < MARU_STATUS_COUNT; i++)
        CHECK_INT(maru_status_parse(maru_status_name(i)), i);
    test_begin("a person is told what came with it; or else what the code says by itself, and never nothing");
    CHECK_STR(maru_status_words(MARU_NOT_FOUND, "products/x: no such product"), "products/x: no such product");
    CHECK_STR(maru_status_words(MARU_NOT_FOUND, ""), "no such thing");
    CHECK_STR(maru_status_words(17, ""), maru_status_words(MARU_UNKNOWN, ""));
    CHECK_STR(maru_status_words(-1, ""), maru_status_words(MARU_UNKNOWN, ""));
    for (int i = 0; i < MARU_STATUS_COUNT; i++)
        CHECK(maru_status_words(i, "")[0] != '\0');
    test_begin("a name that is none is no status");
    CHECK_INT(maru_status_parse("not_found"), -1);
    CHECK_INT(maru_status_parse(""), -1);
}

static void check_error(void)
{
    maru_error error;
    char       longer[600];

    test_begin("an error is one line, cut between characters");
    CHECK_INT(maru_error_set(NULL, MARU_ABORTED, "nobody looks"), MARU_ABORTED);
    CHECK_INT(maru_error_set(&error, MARU_NOT_FOUND, "no %s\n\tat %d\x7f\xc2\x9b\xc2\xa0", "file", 3), MARU_NOT_FOUND);
    CHECK_STR(error.text, "no file  at 3   \xc2\xa0");
    CHECK_INT(error.code, MARU_NOT_FOUND);
    memset(longer, 'x', sizeof longer);
    memcpy(longer + 509, "장", sizeof "장");
    maru_error_set(&error, MARU_NOT_FOUND, "%s", longer);
    CHECK_INT(strlen(error.text), 509);
    memset(longer, 'x', 511);
    memcpy(longer + 508, "장", sizeof "장");
    maru_error_set(&error, MARU_NOT_FOUND, "%s", longer);
    CHECK_INT(strlen(error.text), 511);
    CHECK(utf8_valid((const uint8_t *)error.text, 511));
}

static void check_hash(void)
{
    test_begin("FNV-1a, by its published values; a method id is that of the path");
    CHECK(fnv1a64("", 0) == UINT64_C(0xcbf29ce484222325));
    CHECK(fnv1a64("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    CHECK(fnv1a64("foobar", 6) == UINT64_C(0x85944171f73967e8));
    CHECK(fnv1a64_more(fnv1a64("foo", 3), "bar", 3) == fnv1a64("foobar", 6));
    CHECK(maru_hash64("foobar", 6) == UINT64_C(0x85944171f73967e8));
    CHECK(maru_method_id("foobar") == UINT64_C(0x85944171f73967e8));
}

static void check_errno(void)
{
    test_begin("errno is the thread's own, through maru_errno");
    errno = 7;
    CHECK(maru_errno() == &errno);
    CHECK_INT(*maru_errno(), 7);
    CHECK(close(-1) == -1);
    CHECK_INT(errno, EBADF);
}

static uint32_t crc_bit_by_bit(const uint8_t *at, size_t size)
{
    uint32_t crc = ~0u;

    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    }
    return ~crc;
}

static void check_crc(rng *r)
{
    uint8_t noise[700], same[32];

    test_begin("CRC-32C by RFC 3720's values; instruction, table and definition agree on any bytes in any pieces");
    CHECK_INT(crc32c(0, "123456789", 9), 0xe3069283);
    CHECK_INT(crc32c_portable(0, "123456789", 9), 0xe3069283);
    memset(same, 0, sizeof same);
    CHECK_INT(crc32c(0, same, sizeof same), 0x8a9136aa);
    memset(same, 0xff, sizeof same);
    CHECK_INT(crc32c(0, same, sizeof same), 0x62a8ab43);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)rng_next(r);
    for (int i = 0; i < 2000; i++) {
        size_t   size = rng_below(r, 600), from = rng_below(r, 100), cut = rng_below(r, size + 1);
        uint32_t want = crc_bit_by_bit(noise + from, size);

        CHECK_INT(crc32c(0, noise + from, size), want);
        CHECK_INT(crc32c_portable(0, noise + from, size), want);
        CHECK_INT(crc32c(crc32c(0, noise + from, cut), noise + from + cut, size - cut), want);
    }
}

/* Every code point, and what lies around the valid ones, written by the definition. */
static size_t encode(uint32_t c, uint8_t out[4])
{
    if (c < 0x80)
        return out[0] = (uint8_t)c, 1;
    if (c < 0x800)
        return out[0] = (uint8_t)(0xc0 | c >> 6), out[1] = (uint8_t)(0x80 | (c & 0x3f)), 2;
    if (c < 0x10000)
        return out[0] = (uint8_t)(0xe0 | c >> 12), out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f)),
               out[2] = (uint8_t)(0x80 | (c & 0x3f)), 3;
    return out[0] = (uint8_t)(0xf0 | c >> 18), out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f)),
           out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f)), out[3] = (uint8_t)(0x80 | (c & 0x3f)), 4;
}

static void check_utf8(void)
{
    uint8_t  bytes[4];
    uint32_t wrong = 0;

    test_begin("UTF-8: every code point but the surrogates, nothing above U+10FFFF, nothing cut");
    for (uint32_t c = 0; c < 0x1fffff; c++) {
        size_t size = encode(c, bytes);
        bool   good = c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);

        wrong += utf8_valid(bytes, size) != good;
        wrong += utf8_text_size(bytes, size) != (good && c != 0 ? size : 0);
        for (size_t cut = 1; cut < size; cut++)
            wrong += utf8_valid(bytes, cut);
    }
    CHECK_INT(wrong, 0);
    CHECK(!utf8_valid((const uint8_t *)"\xe1\x80\x41", 3));
    CHECK(!utf8_valid((const uint8_t *)"\xf1\x80\x41\x80", 4));
    CHECK(!utf8_valid((const uint8_t *)"\xf1\x80\x80\xc0", 4));
    for (int first = 0x80; first < 0x100; first++)
        for (int second = 0; second < 0x100; second++) {
            bytes[0] = (uint8_t)first;
            bytes[1] = (uint8_t)second;
            CHECK(utf8_valid(bytes, 2) == (first >= 0xc2 && first <= 0xdf && (second & 0xc0) == 0x80));
        }
}

/* A bad byte at every place in texts of every length up to 40, so at every place in a word. */
static void check_utf8_places(void)
{
    uint8_t text[40];

    test_begin("a bad byte is found at every place");
    for (size_t size = 0; size <= sizeof text; size++)
        for (size_t at = 0; at <= size; at++) {
            memset(text, 'a', sizeof text);
            CHECK_INT(utf8_text_size(text, size), size);
            if (at == size)
                continue;
            text[at] = 0;
            CHECK_INT(utf8_text_size(text, size), at);
            CHECK(utf8_valid(text, size));
            text[at] = 0x80;
            CHECK_INT(utf8_text_size(text, size), at);
            CHECK(!utf8_valid(text, size));
        }
}

static int64_t some_time(void *self)
{
    (void)self;
    return INT64_C(1769850000123456789); /* 2026-01-31T09:00:00.123 UTC */
}

/* Reads what one record put into the pipe. */
static void check_names(void)
{
    static const struct {
        const char *text;
        size_t      size;
    } table[] = {
        {"carts/a", 7},   {"carts/Az09._-", 13},  {"carts/...", 9},       {"carts/.a", 8}, {"carts/..a", 9},
        {"carts/a:", 7},  {"carts/12345678", 14}, {"carts/123456789", 0}, {"carts/.", 7},  {"carts/..", 8},
        {"carts/..:", 8}, {"carts/", 0},          {"carts", 0},           {"", 0},         {"cart/a", 0},
    };
    maru_error error;

    test_begin("a name is its collection and an id");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK_INT(maru_name_size(table[i].text, "carts/", 8), table[i].size);
    CHECK_INT(maru_name_size("536365", "", 8), 6);
    test_begin("what is none is refused in words that say what is");
    CHECK_INT(maru_name_check("name", "carts/a", "carts/", 8, &error), MARU_OK);
    CHECK_INT(maru_name_check("name", "carts/a:", "carts/", 8, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "name: want carts/ and 1..8 of A-Z a-z 0-9 . _ -, got \"carts/a:\"");
    CHECK_INT(maru_name_check("number", "", "", 8, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "number: want 1..8 of A-Z a-z 0-9 . _ -, got \"\"");
    test_begin("of what gets its name, the id is neither . nor ..; what has such a name is found by it");
    CHECK_INT(maru_name_check("name", "carts/.", "carts/", 8, &error), MARU_OK);
    CHECK_INT(maru_name_check("name", "carts/..", "carts/", 8, &error), MARU_OK);
    CHECK_INT(maru_name_check_new("name", "carts/...", "carts/", 8, &error), MARU_OK);
    CHECK_INT(maru_name_check_new("name", "carts/.a", "carts/", 8, &error), MARU_OK);
    CHECK_INT(maru_name_check_new("name", "carts/a:", "carts/", 8, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "name: want carts/ and 1..8 of A-Z a-z 0-9 . _ -, got \"carts/a:\"");
    CHECK_INT(maru_name_check_new("number", ".", "", 8, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "number: want ID with an ID other than . and .., got \".\"");
    CHECK_INT(maru_name_check_new("name", "carts/..", "carts/", 8, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "name: want carts/ID with an ID other than . and .., got \"carts/..\"");
}

static void check_text(void)
{
    size_t at;

    test_begin("a control character is found with its place: those of ASCII, C1, and what ends lines");
    CHECK_INT(maru_text_control("a\tb\nc", "\t\n", &at), 0);
    CHECK_INT(maru_text_control("a\tb\nc", "\t", &at), '\n');
    CHECK_INT(at, 3);
    CHECK_INT(maru_text_control("\x7f", "", &at), 0x7f);
    CHECK_INT(maru_text_control("\xc2\xa0\xc2\x80", "", &at), 0x80);
    CHECK_INT(at, 2);
    CHECK_INT(maru_text_control("\xf0\x9f\x98\x80\xe2\x80\xa9", "", &at), 0x2029);
    CHECK_INT(at, 4);
    CHECK_INT(maru_text_control("\xe2\x80\xa7\xe2\x80\xaa\xf0\x90\x80\xa8", "", &at), 0);
    test_begin("what has only spaces and characters of no width can't be seen");
    CHECK(maru_text_is_blank(""));
    CHECK(maru_text_is_blank(" \xe2\x80\x8b\xe2\x80\x8f\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa0\xef\xbb\xbf\xe3\x85\xa4"));
    CHECK(maru_text_is_blank("\xe2\xa0\x80\xcd\x8f\xef\xb8\x80\xef\xb8\x8f\xf3\xa0\x80\x80\xf3\xa0\x81\xbf"));
    CHECK(maru_text_is_blank("\xe1\xa0\x8b\xe1\xa0\x8f\xf3\xa0\x84\x80\xf3\xa0\x87\xaf"));
    CHECK(!maru_text_is_blank("\xe2\x9f\xbf"));
    CHECK(!maru_text_is_blank("\xe2\xa0\x81"));
    CHECK(!maru_text_is_blank("\xcd\x90"));
    CHECK(!maru_text_is_blank("\xef\xb8\x90"));
    CHECK(!maru_text_is_blank("\xe2\x9d\xa4\xef\xb8\x8f"));
    CHECK(!maru_text_is_blank("\xe2\x80\x8b.\xe2\x80\x8b"));
    CHECK(!maru_text_is_blank("\xe2\x80\x90"));
    CHECK(!maru_text_is_blank("\xf0\x9f\x98\x80"));
}

static void check_shown(void)
{
    char text[100];

    test_begin("a text is shown whole up to 80 bytes; a longer one is cut between characters, and says so");
    memset(text, 'x', sizeof text);
    text[80] = '\0';
    CHECK_STR(maru_shown(text).text, text);
    for (int at = 70; at < 80; at++) {
        maru_shown_text shown;

        memset(text, 'x', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        memcpy(text + at, "\xea\xb0\x80", 3);
        shown = maru_shown(text);
        CHECK_INT(strlen(shown.text), at == 75 || at == 76 ? at + 3 : 80);
        CHECK(utf8_valid((const uint8_t *)shown.text, strlen(shown.text)));
        CHECK_STR(shown.text + strlen(shown.text) - 3, "...");
    }
    test_begin("in one line: a control character is as many ? as it has bytes, those of C1 too");
    CHECK_STR(maru_shown("a\nb\x7f\xc2\x85\xc2\xa3\x1b").text, "a?b???\xc2\xa3?");
    CHECK_STR(maru_shown("").text, "");
    test_begin("and so is each byte that is no UTF-8");
    CHECK_STR(maru_shown("a\xff\x80 \xea\xb0\x80 \xed\xa0\x80\xc2").text, "a?? \xea\xb0\x80 ????");
    memset(text, '\xbf', sizeof text - 1);
    CHECK_STR(maru_shown(text).text, "...");
}

static void read_line(int fd, char *line, size_t room)
{
    ssize_t size = read(fd, line, room - 1);

    line[size > 0 ? size : 0] = '\0';
}

static void check_log(void)
{
    int      fds[2];
    maru_log log;
    char     line[2 * LOG_LINE_MAX], longer[2 * LOG_LINE_MAX];

    test_begin("a log record is one line of keys, whatever is in them");
    if (!CHECK(pipe(fds) == 0))
        return;
    log_open(&log, fds[1], MARU_LOG_INFO, some_time, NULL);
    errno = 5;
    log_write(&log, LOG_SERVER, MARU_LOG_WARN, LOG_FIELDS({"peer", "tcp", 0}, {"calls", NULL, -3}), "closed: %s",
              "by \"him\"");
    CHECK_INT(errno, 5);
    read_line(fds[0], line, sizeof line);
    CHECK_STR(line, "time=2026-01-31T09:00:00.123Z level=warn module=server msg=\"closed: by \\\"him\\\"\" peer=tcp "
                    "calls=-3\n");
    log_write(&log, LOG_SERVER, MARU_LOG_ERROR,
              LOG_FIELDS({"a", "", 0}, {"b", "x=1 2", 0}, {"c", "장터\n\x01\xff.", 0}), "two\nlines");
    read_line(fds[0], line, sizeof line);
    CHECK_STR(line + 30, "level=error module=server msg=\"two\\nlines\" a=\"\" b=\"x=1 2\" c=\"장터\\n ?.\"\n");

    test_begin("a long log record is cut, and says so");
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    log_write(&log, LOG_SERVER, MARU_LOG_INFO, LOG_FIELDS({"a", longer, 0}, {"b", "c", 0}), "short");
    read_line(fds[0], line, sizeof line);
    CHECK_STR(line + 30, "level=info module=server msg=\"short\"...\n");
    log_write(&log, LOG_SERVER, MARU_LOG_INFO, NULL, "%s", longer);
    read_line(fds[0], line, sizeof line);
    CHECK(strlen(line) < LOG_LINE_MAX);
    CHECK_STR(line + strlen(line) - 7, "xx\"...\n");

    test_begin("a record below the level is not written, and one that cannot be is lost without harm");
    log_write(&log, LOG_SERVER, MARU_LOG_DEBUG, NULL, "not this");
    log_write(&log, LOG_SERVER, MARU_LOG_INFO, NULL, "this");
    read_line(fds[0], line, sizeof line);
    CHECK_STR(line + 30, "level=info module=server msg=\"this\"\n");
    errno = 5;
    log.fd = -1;
    log_write(&log, LOG_SERVER, MARU_LOG_INFO, NULL, "nowhere");
    log.fd = fds[0];
    log_write(&log, LOG_SERVER, MARU_LOG_INFO, NULL, "not writable");
    CHECK_INT(errno, 5);
    close(fds[0]);
    close(fds[1]);
}

/* Files may have LIMIT bytes from here on: what does not fit is cut short, and the rest refused. */
static void check_write_whole(void)
{
    enum { LIMIT = 10 };
    struct rlimit old, limit;
    char          got[LIMIT + 1] = "";
    int           cut, fits;
    FILE         *file = tmpfile();

    test_begin("a write that is cut short is told by why its rest does not fit, not by what errno was before");
    if (!CHECK(file != NULL) || !CHECK_INT(getrlimit(RLIMIT_FSIZE, &old), 0))
        return;
    limit = (struct rlimit){.rlim_cur = LIMIT, .rlim_max = old.rlim_max};
    fflush(stdout);
    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    errno = ENOENT;
    cut = write_whole(fileno(file), "0123456789abcdef", 16, 0);
    fits = write_whole(fileno(file), "0123456789", LIMIT, 0);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &old), 0); /* first: what checks say may go to a file */
    CHECK_INT(cut, EFBIG);
    CHECK_INT(fits, 0);
    CHECK_INT(pread(fileno(file), got, LIMIT, 0), LIMIT);
    CHECK_STR(got, "0123456789");
    fclose(file);
}

int main(void)
{
    rng r = rng_seeded("checksums");

    check_status();
    check_error();
    check_hash();
    check_errno();
    check_crc(&r);
    check_utf8();
    check_utf8_places();
    check_names();
    check_text();
    check_shown();
    check_log();
    check_write_whole();
    return test_end();
}
