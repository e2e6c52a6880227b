/* environment.c: leaves out of the environment what is a setting of other services alone. */
#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"

static bool has_setting(const found_service *found, const char *variable)
{
    char name[NEAREST_WORD_MAX];

    for (size_t i = 0; i < DISCOVER_SETTINGS && found->settings[i][0] != '\0'; i++) {
        config_variable(found->settings[i], name);
        if (strncmp(variable, name, strlen(name)) == 0 && variable[strlen(name)] == '=')
            return true;
    }
    return false;
}

static bool is_of_others(const found_service *all, size_t count, const found_service *one, const char *variable)
{
    bool others = false;

    if (one != NULL && has_setting(one, variable))
        return false;
    for (size_t i = 0; i < count && !others; i++)
        others = has_setting(&all[i], variable);
    return others;
}

char **environment_for(const found_service *all, size_t count, const found_service *one)
{
    size_t size = 0, used = 0;
    char **made;

    while (environ[size] != NULL)
        size++;
    if ((made = calloc(size + 1, sizeof *made)) == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++)
        if (!is_of_others(all, count, one, environ[i]))
            made[used++] = environ[i];
    return made;
}
