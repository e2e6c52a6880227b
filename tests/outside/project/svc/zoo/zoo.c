/* zoo.c: what the zoo does. */
#include "zoo.h"

#include "names.h"

static const maru_table animals = {.number = 1, .name = "animals", .record = &zoo__animal__descriptor};

const maru_table *const zoo_tables[] = {&animals, NULL};

static maru_status echo(struct zoo_service *svc, maru_call *call, const Zoo__Everything *request,
                        Zoo__Everything *response)
{
    *response = *request;
    return MARU_OK;
}

struct admission {
    const Zoo__Animal *animal;
    Zoo__Animal       *response;
};

static maru_status take_in(maru_txn *txn, void *arg)
{
    struct admission *admission = arg;

    *admission->response = *admission->animal;
    return maru_put(txn, &animals, maru_key_text(admission->animal->name), &admission->animal->base);
}

static maru_status admit(struct zoo_service *svc, maru_call *call, const Zoo__AdmitRequest *request,
                         Zoo__Animal *response)
{
    struct admission admission = {.animal = request->animal, .response = response};

    if (key_number() + log_write() + config_open() + schema_pool_new() != 15)
        return maru_fail(call, MARU_INTERNAL, "the functions of this project are not called");
    if (request->animal == NULL || *request->animal->name == '\0')
        return maru_fail(call, MARU_INVALID_ARGUMENT, "animal.name: want animals/NAME, got nothing");
    return maru_store_write(svc->store, call, take_in, &admission);
}

static maru_status copy_animal(maru_txn *txn, void *arg)
{
    Zoo__Animal      *response = arg;
    ProtobufCMessage *found;
    maru_status       status = maru_get(txn, &animals, maru_key_text(response->name), &found);

    if (status == MARU_OK)
        *response = *(Zoo__Animal *)found;
    return status;
}

static maru_status get_animal(struct zoo_service *svc, maru_call *call, const Zoo__GetAnimalRequest *request,
                              Zoo__Animal *response)
{
    maru_status status;

    response->name = request->name;
    status = maru_store_read(svc->store, call, copy_animal, response);
    return status == MARU_NOT_FOUND ? maru_fail(call, status, "%s: no such animal", request->name) : status;
}

const zoo_handlers zoo_methods = {.echo = echo, .admit = admit, .get_animal = get_animal};
