/* place.h: where `maru new` puts a service: into the project that the working folder is in, else into a new one. */
#ifndef MARU_NEW_PLACE_H
#define MARU_NEW_PLACE_H

#include <limits.h>
#include <stdbool.h>

#include "maru/status.h"

enum { NEW_NAME_MAX = 16 };

typedef struct new_place {
    char root[PATH_MAX];            /* of the project; relative to the working folder where it is new */
    char package[NEW_NAME_MAX + 1]; /* the folder of root/proto: "shop" */
    bool is_new;
} new_place;

/* Whether text can be a name here at all: 1..NEW_NAME_MAX small letters and digits, a letter first. */
bool place_is_name(const char *text);

/* place_taken is NULL where a service or package can be named so, else why not: names of C's and POSIX's headers, which
 * the service's own would hide, of targets of the build, of packages that are imported, of libraries that are linked.
 * place_service_taken also refuses what means something else in a configuration file or to maru log-level, and C's
 * libraries. What stands in the project and on this machine is looked at by targets.h and headers.h. */
const char *place_taken(const char *name);
const char *place_service_taken(const char *name);

/* place_find looks for the project: the nearest folder from the working one upwards with CMakeLists.txt, proto/ and
 * svc/; where there is none it is a new one, root the service's name. package as given; NULL: the one folder that
 * proto/ has beside google, grpc and maru; in a new project, "app". INVALID_ARGUMENT where proto/ has several, or one
 * whose name no package can have. Blocks on files. */
maru_status place_find(const char *name, const char *package, new_place *place, maru_error *error);

#endif
