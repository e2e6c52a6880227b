/* zoo.h: the zoo service: its state and its methods. */
#ifndef MENAGERIE_ZOO_H
#define MENAGERIE_ZOO_H

#include "maru/store.h"

#include "menagerie/zoo.maru.h"

struct zoo_service {
    maru_store *store;
};

extern const zoo_handlers      zoo_methods;
extern const maru_table *const zoo_tables[];

#endif
