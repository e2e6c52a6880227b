/* environment.h: the environment of each service of an application. What is the setting of another alone is not for it:
 * it would be taken for a slip where it is nearly one of its own. */
#ifndef MARU_ENVIRONMENT_H
#define MARU_ENVIRONMENT_H

#include "discover.h"

/* environment_for is ours without the variables that are settings of services other than one (NULL: than maru up) and
 * none of its own. The array is the caller's to free, the variables stay where they are. NULL where memory is out. */
char **environment_for(const found_service *all, size_t count, const found_service *one);

#endif
