/* scene.h: a server, and a peer of it that behaves, beside those that do not: it must be served after each of them. */
#ifndef MARU_TESTS_SCENE_H
#define MARU_TESTS_SCENE_H

#include "rpc/echo.h"
#include "rpc/peer.h"

typedef struct scene {
    echo_node node;
    peer friend;
    uint32_t last_id;
} scene;

void scene_start(scene *s, const char *url, const maru_server_options *options);
void scene_check_served(scene *s);
/* Checks once more. */
void scene_stop(scene *s);

#endif
