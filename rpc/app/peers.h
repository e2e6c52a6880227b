/* peers.h: the services that a service needs: those that it names, and those whose events it takes. Pure. */
#ifndef MARU_PEERS_H
#define MARU_PEERS_H

#include "maru/app.h"

/* peers_at is the name of one, each once, those of app->peers first; NULL past the last. */
const char *peers_at(const maru_app *app, size_t index);

#endif
