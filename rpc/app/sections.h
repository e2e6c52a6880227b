/* sections.h: whether the sections of a configuration file can be meant. One file serves all services of an
 * application, and no service knows all of them (some run on other machines): so a section of an unknown name is not
 * for us, but where it is nearly a name that we know, with a letter or two put in, taken out, changed, or swapped, it
 * is a slip. `maru up`, which sees all services, refuses every section that is none of theirs.
 *
 * Known are our own name, `up`, the services that we call or hear or that --peer names, and every program beside our
 * own. Looks at the file system. Main thread.
 */
#ifndef MARU_SECTIONS_H
#define MARU_SECTIONS_H

#include "app/config.h"
#include "maru/app.h"

#define UP_SECTION "up" /* of maru up */

/* A setting that maru up has and no service: in a file it stands under [up] alone. Pure. */
bool sections_only_up_has(const char *name);

/* sections_check is OK, or INVALID_ARGUMENT with the first line of c's file that is such a slip. */
maru_status sections_check(const config *c, const maru_app *app, maru_error *error);

#endif
