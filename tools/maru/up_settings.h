/* up_settings.h: what maru up was told: in a file, in the environment, by flags; a flag wins over the environment, and
 * that over the file.
 *
 * The file is that of the services too: what is above its first [NAME] is for all of them, [up] is for maru up, [cart]
 * for cart. maru up looks at data and at [up]; each service looks at the rest when it is started.
 */
#ifndef MARU_UP_SETTINGS_H
#define MARU_UP_SETTINGS_H

#include "app/config.h"
#include "command.h"
#include "discover.h"

#define UP_READY_DEFAULT "10m"

typedef struct up_settings {
    config config;
} up_settings;

/* After open, close; whatever it returned. */
maru_status up_settings_open(up_settings *s, maru_error *error);
void        up_settings_close(up_settings *s);

/* up_settings_flag takes a flag of the command line. INVALID_ARGUMENT where its value is none. */
maru_status up_settings_flag(up_settings *s, const char *name, const char *value, maru_error *error);
/* up_settings_read takes the environment, and the file where one was named. */
maru_status up_settings_read(up_settings *s, maru_error *error);
/* up_settings_check is INVALID_ARGUMENT where the file has a section of no service that was found, or the environment
 * what is nearly a setting of maru up and none of theirs. */
maru_status up_settings_check(const up_settings *s, const found_service *all, size_t count, maru_error *error);

/* NULL: not said. A switch is "true" or "false". */
const char *up_settings_get(const up_settings *s, const char *name);
bool        up_settings_on(const up_settings *s, const char *name);
/* How long all services may take until they are ready. */
int64_t up_settings_ready_ms(const up_settings *s);
/* Where it came from: "--edge", "shop.conf:3"; "" where nobody said it. */
const char *up_settings_where(const up_settings *s, const char *name);

/* All of it, as a file that could be read again, with where each came from. data: the folder it would be. */
maru_status up_settings_print(up_settings *s, const char *data, FILE *out, maru_error *error);

#endif
