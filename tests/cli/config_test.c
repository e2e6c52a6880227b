/* config_test.c: flags, environment and file, who wins, and what is said of what is wrong. */
#include "test.h"

#include <stdlib.h>

#include "app/config.h"
#include "app/nearest.h"

static config fresh(void)
{
    config     c;
    maru_error error;

    CHECK(config_open(&c, &error) == MARU_OK);
    return c;
}

static maru_status put_text(config *c, const char *text, maru_error *error)
{
    return config_put_file(c, "shop.conf", text, strlen(text), error);
}

static maru_status put_argv(config *c, char **argv, maru_error *error)
{
    int argc = 0;

    while (argv[argc] != NULL)
        argc++;
    return config_put_flags(c, argc, argv, error);
}

static void check_precedence(void)
{
    char      *words[] = {"x", "--instance", "from-flag", NULL};
    char      *environment[] = {"MARU_INSTANCE=from-env", "MARU_DATA=/env", "HOME=/root", NULL};
    maru_error error;
    config     c = fresh();

    test_begin("a flag wins over the environment, and that over the file, in whatever order they come");
    CHECK_INT(put_argv(&c, words, &error), MARU_OK);
    CHECK_INT(put_text(&c, "instance = from-file\ndata = /file\nshared = true\n", &error), MARU_OK);
    CHECK_INT(config_put_environment(&c, environment, &error), MARU_OK);
    CHECK_STR(config_get(&c, CONFIG_INSTANCE), "from-flag");
    CHECK_STR(config_get(&c, CONFIG_DATA), "/env");
    CHECK_STR(c.values[CONFIG_DATA]->where, "MARU_DATA");
    CHECK(config_is_set(&c, CONFIG_SHARED));
    CHECK_STR(c.values[CONFIG_SHARED]->where, "shop.conf:3");
    config_close(&c);
}

static void check_many(void)
{
    char      *words[] = {"x", "--listen", "tcp://[::1]:0", "--listen=ipc:///a b", "--peer", "cart=tcp://h:2", NULL};
    maru_error error;
    config     c = fresh();

    test_begin("listen is all of the highest source, a peer is what the highest source says of that name");
    CHECK_INT(put_text(&c, "listen = tcp://h:1\npeer = cart=tcp://h:1\npeer = mail=tcp://h:9", &error), MARU_OK);
    CHECK_INT(put_argv(&c, words, &error), MARU_OK);
    CHECK_STR(c.values[CONFIG_LISTEN]->text, "tcp://[::1]:0");
    CHECK_STR(c.values[CONFIG_LISTEN]->next->text, "ipc:///a b");
    CHECK(c.values[CONFIG_LISTEN]->next->next == NULL);
    CHECK_STR(config_peer(&c, "cart"), "tcp://h:2");
    CHECK_STR(config_peer(&c, "mail"), "tcp://h:9");
    CHECK(config_peer(&c, "car") == NULL);
    config_close(&c);
}

static void check_words_of_environment(void)
{
    char      *environment[] = {"MARU_LISTEN=tcp://h:1 ipc:///s", "MARU_SHARED=false", NULL};
    maru_error error;
    config     c = fresh();

    test_begin("a variable holds several values with blanks between");
    CHECK_INT(config_put_environment(&c, environment, &error), MARU_OK);
    CHECK_STR(c.values[CONFIG_LISTEN]->text, "tcp://h:1");
    CHECK_STR(c.values[CONFIG_LISTEN]->next->text, "ipc:///s");
    CHECK(!config_is_set(&c, CONFIG_SHARED));
    config_close(&c);
}

static void check_syntax(void)
{
    maru_error error;
    config     c = fresh();

    test_begin("comments, blanks, CRLF, quotes and a last line without an end are read");
    CHECK_INT(put_text(&c, "# all\r\n\n  data\t=  \"/a # \\\"b\\\\ \"  # why\r\ninstance = b  # x", &error), MARU_OK);
    CHECK_STR(config_get(&c, CONFIG_DATA), "/a # \"b\\ ");
    CHECK_STR(config_get(&c, CONFIG_INSTANCE), "b");
    config_close(&c);
    c = fresh();
    CHECK_INT(put_text(&c, "data = /a#b\n", &error), MARU_OK);
    CHECK_STR(config_get(&c, CONFIG_DATA), "/a#b");
    config_close(&c);
}

static void check_mark(void)
{
    maru_error error;
    config     c = fresh();

    test_begin("a byte order mark before the first line is skipped, and is wrong elsewhere");
    CHECK_INT(put_text(&c, "\xef\xbb\xbfinstance = b\r\n", &error), MARU_OK);
    CHECK_STR(config_get(&c, CONFIG_INSTANCE), "b");
    CHECK_INT(put_text(&c, "\xef\xbb\xbf", &error), MARU_OK);
    CHECK_INT(put_text(&c, "\xef\xbb", &error), MARU_INVALID_ARGUMENT);
    CHECK_INT(put_text(&c, "shared = true\n\xef\xbb\xbfinstance = b\n", &error), MARU_INVALID_ARGUMENT);
    config_close(&c);
}

static void check_print(void)
{
    const char *text = "listen = tcp://h:1\nlisten = tcp://h:2\ndata = \"/a # \\\"b\"\npeer = cart=tcp://h:3\n";
    char       *printed = NULL, *again = NULL;
    size_t      size = 0;
    maru_error  error;
    config      c = fresh(), d = fresh();
    FILE       *out = open_memstream(&printed, &size);

    test_begin("what --print-config prints can be read again, and says where each value came from");
    CHECK_INT(put_text(&c, text, &error), MARU_OK);
    config_print(&c, out);
    fclose(out);
    CHECK_CONTAINS(printed, "listen = tcp://h:2  # shop.conf:2\n");
    CHECK_INT(put_text(&d, printed, &error), MARU_OK);
    CHECK_STR(config_get(&d, CONFIG_DATA), "/a # \"b");
    CHECK_STR(config_peer(&d, "cart"), "tcp://h:3");
    free(printed);
    free(again);
    config_close(&c);
    config_close(&d);
}

static void check_own_text(void)
{
    static const char *const texts[] = {"hi", "", "two  words # \"and\" \\more", "안녕"};
    char                    *argv[] = {"x", "--motto", NULL, NULL};
    maru_error               error = {0};

    test_begin(
        "a setting of a service's own without a check is any text that is one line, and is printed as it is read");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        config c = fresh(), d = fresh();
        char  *printed = NULL;
        size_t size;
        FILE  *out = open_memstream(&printed, &size);

        argv[2] = (char *)texts[i];
        CHECK_INT(config_add(&c, "motto", "TEXT", "what it says", NULL, &error), MARU_OK);
        CHECK_INT(config_add(&d, "motto", "TEXT", "what it says", NULL, &error), MARU_OK);
        CHECK_INT(put_argv(&c, argv, &error), MARU_OK);
        config_print(&c, out);
        fclose(out);
        CHECK_INT(put_text(&d, printed, &error), MARU_OK);
        CHECK_STR(config_get(&d, config_find(&d, "motto")), texts[i]);
        argv[2] = "two\nlines";
        CHECK_INT(put_argv(&c, argv, &error), MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(error.text, "--motto: want UTF-8 without control characters");
        argv[2] = "\xff";
        CHECK_INT(put_argv(&c, argv, &error), MARU_INVALID_ARGUMENT);
        free(printed);
        config_close(&c);
        config_close(&d);
    }
}

static void check_bad_files(void)
{
    static const struct {
        const char *text, *want;
    } table[] = {
        {"data = /x\nlisen = tcp://h:1", "shop.conf:2: \"lisen\": no such setting; did you mean listen?"},
        {"quux = 1", "shop.conf:1: \"quux\": no such setting"},
        {"config = /x", "shop.conf:1: \"config\": no such setting"},
        {"print-config = true", "no such setting"},
        {"data /x", "shop.conf:1: want NAME = VALUE, got \"data /x\""},
        {" = 3 # x", "shop.conf:1: want NAME = VALUE, got no name in \"= 3 # x\""},
        {"data = ", "shop.conf:1: data: want a path, got \"\""},
        {"listen = http://h:1", "shop.conf:1: listen: want tcp://HOST:PORT or ipc:///PATH, got \"http://h:1\""},
        {"listen = tcp://h:65536", "a port of 0..65535"},
        {"listen = tcp://h:1x", "a port of 0..65535"},
        {"listen = tcp://:1", "tcp://HOST:PORT"},
        {"listen = tcp://::1:80", "in brackets"},
        {"listen = ipc://a", "an absolute path"},
        {"peer = tcp://h:1", "want NAME=URL"},
        {"peer = Cart=tcp://h:1", "want NAME=URL"},
        {"peer = =tcp://h:1", "want NAME=URL"},
        {"shared = yes", "shop.conf:1: shared: want true or false, got \"yes\""},
        {"data = \"/x", "shop.conf:1: data: the quotes do not end well: \"/x"},
        {"data = \"/x\" y", "the quotes do not end well"},
        {"data = \"\\n\"", "the quotes do not end well"},
        {"instance = -a", "want 1..32"},
        {"data = /x\ndata = /y", "shop.conf:2: data: said before, at shop.conf:1"},
        {"peer = a=tcp://h:1\npeer = a=tcp://h:2", "said before"},
    };

    test_begin("every kind of wrong line is refused with its file, line, and what was wanted");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        maru_error error = {0};
        config     c = fresh();

        CHECK_INT(put_text(&c, table[i].text, &error), MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(error.text, table[i].want);
        config_close(&c);
    }
}

static void check_bad_bytes(void)
{
    static char long_line[10000];
    maru_error  error = {0};
    config      c = fresh();

    test_begin("a NUL and an endless line are refused, and no bytes crash the reader");
    CHECK_INT(config_put_file(&c, "f", "data = /a\0b", 11, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "f:1: want a line of text");
    memset(long_line, 'a', sizeof long_line);
    CHECK_INT(config_put_file(&c, "f", long_line, sizeof long_line, &error), MARU_INVALID_ARGUMENT);
    config_close(&c);
    for (unsigned seed = 0; seed < 20000; seed++) {
        static const char letters[] = "data=listen peer\"\\#\n\r\t ipc:///1";
        char              bytes[64];
        unsigned          state = seed;

        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = letters[(unsigned)rand_r(&state) % (sizeof letters - 1)];
        c = fresh();
        CHECK(config_put_file(&c, "f", bytes, sizeof bytes, &error) != MARU_INTERNAL);
        config_close(&c);
    }
}

static void check_bad_flags(void)
{
    static struct {
        char       *argv[4];
        const char *want;
    } table[] = {
        {{"x", "--lisen", "a"}, "--lisen: no such flag; did you mean --listen?"},
        {{"x", "--zzzzzz"}, "--zzzzzz: no such flag"},
        {{"x", "-q"}, "-q: no such flag"},
        {{"x", "--data"}, "--data: want DIR after it, got nothing"},
        {{"x", "--help=yes"}, "--help=yes: this flag takes no value"},
        {{"x", "word"}, "\"word\": want flags only"},
        {{"x", "--", "--data"}, "\"--data\": want flags only"},
        {{"x", "--listen", "h:1"}, "--listen: want tcp://HOST:PORT or ipc:///PATH, got \"h:1\""},
        {{"x", "--supervised", "0"}, "--supervised: want a process id"},
        {{"x", "--supervised", "99999999999999999999"}, "--supervised: want a process id"},
    };

    test_begin("every kind of wrong flag is refused in one line, with the nearest known one");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        maru_error error = {0};
        config     c = fresh();

        CHECK_INT(put_argv(&c, table[i].argv, &error), MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(error.text, table[i].want);
        CHECK(strchr(error.text, '\n') == NULL);
        config_close(&c);
    }
}

static void check_bad_environment(void)
{
    static const struct {
        const char *variable, *want;
    } table[] = {
        {"MARU_LISEN=tcp://h:1", "MARU_LISEN: no such setting in the environment; did you mean MARU_LISTEN?"},
        {"MARU_LISTEN=h", "MARU_LISTEN: want tcp://HOST:PORT"},
        {"MARU_SHARED=1", "MARU_SHARED: want true or false, got \"1\""},
        {"MARU_PEER=a=tcp://h:1 a=tcp://h:2", "said before"},
    };
    char      *strangers[] = {"MARU_SOURCE=/x", "MARU_BIN=/y", "MARU_", "MARU_USER=me", "MARUX", NULL};
    maru_error error = {0};
    config     c = fresh();

    test_begin("a slip in the environment is refused, a stranger's variable is left alone");
    CHECK_INT(config_put_environment(&c, strangers, &error), MARU_OK);
    config_close(&c);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *environment[] = {(char *)table[i].variable, NULL};

        c = fresh();
        CHECK_INT(config_put_environment(&c, environment, &error), MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(error.text, table[i].want);
        config_close(&c);
    }
}

static void check_last_flag(void)
{
    char      *words[] = {"x", "--data", "/a", "--data=/b", NULL};
    maru_error error = {0};
    config     c = fresh();

    test_begin("of one flag given twice the last holds");
    CHECK_INT(put_argv(&c, words, &error), MARU_OK);
    CHECK_STR(config_get(&c, CONFIG_DATA), "/b");
    config_close(&c);
}

static void check_nearest(void)
{
    static const struct {
        const char *a, *b;
        size_t      edits;
    } table[] = {{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"cartt", "cart", 1}};
    nearest n = {.word = "x"};

    test_begin("the nearest name is by insertions, deletions, changes and swaps; a far one is not offered");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        CHECK_INT(nearest_edits(table[i].a, table[i].b), table[i].edits);
        CHECK_INT(nearest_edits(table[i].b, table[i].a), table[i].edits);
    }
    nearest_offer(&n, "yz");
    CHECK(nearest_best(&n) == NULL);
}

static void check_limits(void)
{
    static const struct {
        const char *text;
        int64_t     value; /* -1: it is none */
    } table[] = {{"64KiB", 65536},
                 {"65536", 65536},
                 {"64GiB", INT64_C(64) << 30},
                 {"65535", -1},
                 {"65GiB", -1},
                 {"", -1},
                 {"KiB", -1},
                 {"64 KiB", -1},
                 {"64kib", -1},
                 {"-64KiB", -1},
                 {"1e6", -1},
                 {"9223372036854775807", -1},
                 {"9223372036854775808", -1},
                 {"99999999999999999999999GiB", -1},
                 {"17179869184GiB", -1}};
    static const limit row = {.field = "max_memory", .unit = MARU_BYTES, .least = 65536, .most = INT64_C(64) << 30};
    char               text[LIMIT_TEXT];
    int64_t            value;

    test_begin("bytes are read and printed in their units, and nothing outside of their bounds is");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!CHECK_INT(limit_parse(&row, table[i].text, &value) ? value : -1, table[i].value))
            fprintf(stderr, "of \"%s\"\n", table[i].text);
    limit_text(MARU_BYTES, 65536, text);
    CHECK_STR(text, "64KiB");
    limit_text(MARU_BYTES, 65537, text);
    CHECK_STR(text, "65537");
    limit_text(MARU_MS, 1048576, text);
    CHECK_STR(text, "1048576");
    limit_want(&row, text);
    CHECK_STR(text, "64KiB..64GiB bytes (KiB, MiB, GiB)");
}

static void check_limit_groups(void)
{
    config              c = fresh();
    maru_error          error;
    maru_server_options server = {0};
    maru_store_options  store = {0};
    maru_http_options   http = {0};

    test_begin("what is said of limits is in the options of server, store and HTTP, each in its own");
    for (limit_group group = 0; group < LIMIT_GROUPS; group++)
        CHECK_INT(config_add_limits(&c, group, &error), MARU_OK);
    CHECK_INT(put_text(&c, "drain-ms = 7\nmax-connections = 20\nstore-map-bytes = 2MiB\nhttp-drain-ms = 9\n", &error),
              MARU_OK);
    config_take_limits(&c, LIMITS_SERVER, &server);
    config_take_limits(&c, LIMITS_STORE, &store);
    config_take_limits(&c, LIMITS_HTTP, &http);
    CHECK_INT(server.drain_ms, 7);
    CHECK_INT(server.max_connections, 20);
    CHECK_INT(server.max_calls, 0);
    CHECK_INT(store.map_bytes, 2 << 20);
    CHECK_INT(http.drain_ms, 9);
    CHECK_INT(config_put_limits(&c, &error), MARU_OK);
    config_take_limits(&c, LIMITS_SERVER, &server);
    CHECK_INT(server.drain_ms, 7);
    CHECK_INT(server.max_calls, 1024);
    config_close(&c);
}

int main(void)
{
    check_precedence();
    check_many();
    check_words_of_environment();
    check_syntax();
    check_mark();
    check_print();
    check_last_flag();
    check_own_text();
    check_bad_files();
    check_bad_bytes();
    check_bad_flags();
    check_bad_environment();
    check_nearest();
    check_limits();
    check_limit_groups();
    return test_end();
}
