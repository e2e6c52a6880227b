/* config.h: what a service was told, and by whom. Pure: bytes in, values or one line of error out; files and the
 * environment are read by others (app.c).
 *
 * Settings come from a file, the environment and flags; a flag wins over the environment, and that over the file, in
 * whatever order they are put in. `listen` may be given several times: those of the highest source hold. `peer` counts
 * by its NAME: each peer is what the highest source says of it.
 *
 *   file          key = value    one a line; # begins a comment at the start of a line or after a blank;
 *                                "..." keeps blanks and #, with \" and \\ in it;
 *                                what follows a line [NAME] is for the program of that name alone
 *   environment   MARU_KEY       upper case, _ for -; several values separated by blanks
 *   flags         --key VALUE
 *
 * All memory is the config's arena; texts live until config_close.
 */
#ifndef MARU_CONFIG_H
#define MARU_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "app/config_check.h"
#include "app/flags.h"
#include "app/limits.h"
#include "app/nearest.h"
#include "maru/arena.h"
#include "maru/status.h"

enum {
    CONFIG_MANY = 1 << 0,      /* may be given several times */
    CONFIG_NAMED = 1 << 1,     /* NAME=VALUE: one a name */
    CONFIG_FLAG_ONLY = 1 << 2, /* only on the command line */
    CONFIG_NO_FILE = 1 << 3,   /* not in a file */
};

/* Key, name, what it takes (NULL: a switch), the check of a value, bits, help. */
#define CONFIG_TABLE(X)                                                                                                \
    X(LISTEN, "listen", "URL", url, CONFIG_MANY,                                                                       \
      "serve on this nng URL (tcp://HOST:PORT, ipc:///PATH); may be repeated")                                         \
    X(DATA, "data", "DIR", path, 0, "folder of the application's data (default: under XDG_STATE_HOME)")                \
    X(PEER, "peer", "NAME=URL", peer, CONFIG_MANY | CONFIG_NAMED,                                                      \
      "where a service that this one calls is; may be repeated")                                                       \
    X(INSTANCE, "instance", "NAME", instance, 0, "name of this process, where several of one service run")             \
    X(SHARED, "shared", NULL, truth, 0, "share the store with another process of this service")                        \
    X(LOG_LEVEL, "log-level", "LEVELS", levels, 0,                                                                     \
      "least level that is written: debug, info, warn, error, off; MODULE=LEVEL of one module, commas between")        \
    X(LOG_FORMAT, "log-format", "FORMAT", format, 0, "logfmt or json")                                                 \
    X(METRICS, "metrics", "HOST:PORT", address, 0,                                                                     \
      "serve GET /metrics there, as OpenMetrics; port 0 takes a free one")                                             \
    X(CONFIG, "config", "FILE", path, CONFIG_NO_FILE, "read settings from this file: key = value, # comments")         \
    X(PRINT_CONFIG, "print-config", NULL, truth, CONFIG_FLAG_ONLY,                                                     \
      "print every setting and where it came from, and end")                                                           \
    X(SUPERVISED, "supervised", "PID", pid, CONFIG_FLAG_ONLY, "stop when the parent process, which must be PID, ends") \
    X(PROBE, "probe", NULL, truth, CONFIG_FLAG_ONLY, "print what service this is, and end")                            \
    X(HELP, "help", NULL, truth, CONFIG_FLAG_ONLY, "print this, and end")                                              \
    X(VERSION, "version", NULL, truth, CONFIG_FLAG_ONLY, "print the version, and end")

typedef enum config_key {
#define X(key, name, value, check, bits, help) CONFIG_##key,
    CONFIG_TABLE(X)
#undef X
        CONFIG_KEYS
} config_key; /* those of the service itself follow: config_add */

enum { CONFIG_LIMITS_MAX = 40, CONFIG_OWN_MAX = 8, CONFIG_MOST = CONFIG_KEYS + CONFIG_LIMITS_MAX + CONFIG_OWN_MAX };

/* Of what is in a file, the section of whoever reads it is more than what is for all. */
typedef enum config_source {
    CONFIG_DEFAULT,
    CONFIG_FILE,
    CONFIG_SECTION,
    CONFIG_ENVIRONMENT,
    CONFIG_FLAG
} config_source;

typedef struct config_value {
    struct config_value *next; /* of the same key, in the order given */
    config_source        source;
    const char          *where; /* "shop.conf:3", "MARU_DATA", "--data", "default" */
    const char          *text;
} config_value;

/* A line [NAME] of a file. */
typedef struct config_section {
    struct config_section *next;
    const char            *name, *where;
} config_section;

typedef struct config {
    maru_arena     *arena;
    const char     *section;  /* ours in a file; NULL: there are none */
    bool            shares;   /* what is for all may have keys that are none of ours */
    config_section *sections; /* that were seen, the last first */
    int             keys;     /* with the service's own */
    flag            flags[CONFIG_MOST];
    config_check    checks[CONFIG_MOST];
    unsigned        bits[CONFIG_MOST];
    const limit    *limits[CONFIG_MOST]; /* NULL: checks says what is a value */
    config_value   *values[CONFIG_MOST];
} config;

enum { CONFIG_FILE_MAX = 1 << 20, CONFIG_MEMORY = 4 << 20, CONFIG_INSTANCE_MAX = 32, CONFIG_NAME_MAX = 48 };

maru_status config_open(config *c, maru_error *error);
void        config_close(config *c);

/* config_open_bare is config_open without any setting. */
maru_status config_open_bare(config *c, maru_error *error);

/* config_add adds a setting of the service's own, before any value is put. Its texts live as long as c. check NULL: any
 * text without control characters. */
maru_status config_add(config *c, const char *name, const char *value, const char *help, config_check check,
                       maru_error *error);
/* config_add_limits adds the settings of a group of limits. */
maru_status config_add_limits(config *c, limit_group group, maru_error *error);
/* config_take_limits puts what was said of a group into its struct of options; what was not stays. */
void config_take_limits(const config *c, limit_group group, void *options);
/* config_put_limits puts the default of each limit that nobody said. */
maru_status config_put_limits(config *c, maru_error *error);

/* The key of a name; c->keys where there is none. */
config_key config_find(const config *c, const char *name);

/* "MARU_PRINT_CONFIG", the variable of a setting's name. */
void config_variable(const char *name, char out[static NEAREST_WORD_MAX]);

/* The name of a key as it is written. */
const char *config_name(const config *c, config_key key);

bool config_file_takes(const config *c, config_key key); /* may stand in a file */

/* config_put offers one value. OK where it was taken or a higher source has spoken; INVALID_ARGUMENT where it is none.
 */
maru_status config_put(config *c, config_key key, config_source source, const char *where, const char *text,
                       maru_error *error);

/* Every flag of a command line; an operand is an error. */
maru_status config_put_flags(config *c, int argc, char **argv, maru_error *error);
/* Every MARU_ variable of environ that is a setting. One that is nearly a setting is refused; others are not ours.
 * config_take_environment refuses none for its name, config_check_environment does nothing else. */
maru_status config_put_environment(config *c, char *const *environment, maru_error *error);
maru_status config_take_environment(config *c, char *const *environment, maru_error *error);
maru_status config_check_environment(const config *c, char *const *environment, maru_error *error);
/* All of a file; name is what errors call it. */
maru_status config_put_file(config *c, const char *name, const char *bytes, size_t size, maru_error *error);

/* The value of a key, NULL where nothing was said; of a key with many, the first. */
const char *config_get(const config *c, config_key key);
bool        config_is_set(const config *c, config_key key); /* a switch that is on */
/* The URL of a peer, or NULL. */
const char *config_peer(const config *c, const char *name);

/* Prints every setting as a file that could be read again, with where it came from behind. */
void config_print(const config *c, FILE *out);
void config_print_key(const config *c, config_key key, FILE *out); /* of one; nothing where a file has it not */

/* The name of a service or an instance: a-z, 0-9 and - (an instance: A-Z and _ too), begins with a letter (an instance:
 * or a digit), at most CONFIG_NAME_MAX (CONFIG_INSTANCE_MAX) bytes. */
bool config_is_name(const char *text);
bool config_is_instance(const char *text);

#endif
