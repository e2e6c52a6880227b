/* main.cc: the aviary, a service in C++, as a program: its method, which asks the zoo. */
#include <cerrno>
#include <string>
#include <string_view>

#include "maru/app.h"

#include "menagerie/aviary.maru.h"
#include "menagerie/zoo.maru.h"

/* It may go on in another thread once the zoo has answered: errno is read anew there, by the flags that Maru brings. */
#define SPELT(words)    SPELT_AS(words)
#define SPELT_AS(words) #words
static_assert(std::string_view(SPELT(errno)) == "(*maru_errno())", "want maru/errno.h included by force");

struct aviary_service {
    maru_client *zoo;
};

static maru_status sing(aviary_service *svc, maru_call *call, const Aviary__SingRequest *request,
                        Aviary__Song *response)
{
    Zoo__GetAnimalRequest ask = ZOO__GET_ANIMAL_REQUEST__INIT;
    maru_status           status;

    ask.name = request->bird;
    if ((status = zoo_get_animal(svc->zoo, maru_within(call, 2000), &ask, &response->by)) != MARU_OK)
        return status;
    if (response->by->kind != MENAGERIE__KINDS__V1__KIND__KIND_BIRD)
        return maru_fail(call, MARU_FAILED_PRECONDITION, "%s: want a bird", request->bird);
    response->text = maru_printf(call, "%s", std::string(3, 'i').insert(0, "p").c_str());
    return MARU_OK;
}

static const aviary_handlers methods = {.sing = sing};

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    aviary_service *svc = static_cast<aviary_service *>(user);

    svc->zoo = maru_app_peer(context, "zoo");
    return aviary_serve(context->server, &methods, svc, error);
}

int main(int argc, char **argv)
{
    static const char *const peers[] = {"zoo", nullptr};
    aviary_service           svc = {};
    maru_app                 app = {};

    app.name = "aviary";
    app.version = "2.1.0";
    app.summary = "knows what birds sing";
    app.peers = peers;
    app.start = start;
    app.user = &svc;
    return maru_app_main(&app, argc, argv);
}
