/* scene.c: see scene.h. */
#include "rpc/scene.h"

#include "test.h"

void scene_start(scene *s, const char *url, const maru_server_options *options)
{
    *s = (scene){0};
    echo_start(&s->node, url, options, NULL);
    CHECK(peer_dial(&s->friend, s->node.url));
}

void scene_check_served(scene *s)
{
    Echo__Message request = ECHO__MESSAGE__INIT;
    frame         reply;

    /* A server that still ends thousands of calls may say that it is overloaded: it is asked again. */
    for (int tries = 0; tries < 1000; tries++) {
        CHECK(peer_call(&s->friend, ++s->last_id, &echo_maru_service.methods[0], 0, &request.base));
        if (!CHECK(peer_expect(&s->friend, FRAME_REPLY, &reply)))
            return;
        if (reply.status != MARU_RESOURCE_EXHAUSTED)
            break;
    }
    CHECK_INT(reply.status, MARU_OK);
}

void scene_stop(scene *s)
{
    scene_check_served(s);
    peer_close(&s->friend);
    echo_stop(&s->node);
}
