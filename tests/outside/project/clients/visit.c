/* visit.c: a client in C: visit URL NAME admits an animal and gets it back; prints it. */
#include <stdio.h>

#include "maru/client.h"
#include "maru/runtime.h"

#include "menagerie/zoo.maru.h"

static maru_status visit(maru_client *client, maru_call *call, char *name)
{
    Zoo__Animal                    animal = ZOO__ANIMAL__INIT, *got;
    Menagerie__Weights__V1__Weight weight = MENAGERIE__WEIGHTS__V1__WEIGHT__INIT;
    Zoo__AdmitRequest              request = ZOO__ADMIT_REQUEST__INIT;
    Zoo__GetAnimalRequest          ask = ZOO__GET_ANIMAL_REQUEST__INIT;
    maru_status                    status;

    weight.grams = 12;
    animal.name = ask.name = name;
    animal.kind = MENAGERIE__KINDS__V1__KIND__KIND_BIRD;
    animal.weight = &weight;
    request.animal = &animal;
    if ((status = zoo_admit(client, call, &request, &got)) != MARU_OK ||
        (status = zoo_get_animal(client, call, &ask, &got)) != MARU_OK)
        return status;
    printf("%s %llu g\n", got->name, (unsigned long long)got->weight->grams);
    return MARU_OK;
}

int main(int argc, char **argv)
{
    maru_runtime *runtime;
    maru_client  *client;
    maru_call    *call;
    maru_error    error;
    maru_status   status;

    if (argc != 3)
        return 2;
    if (maru_runtime_new(NULL, &runtime, &error) != MARU_OK ||
        maru_client_new(runtime, argv[1], NULL, &client, &error) != MARU_OK) {
        fprintf(stderr, "visit: %s\n", error.text);
        return 1;
    }
    call = maru_call_begin(runtime, 10000);
    if ((status = visit(client, call, argv[2])) != MARU_OK)
        fprintf(stderr, "visit: %s\n", maru_call_message(call));
    maru_call_end(call);
    maru_client_free(client);
    maru_runtime_free(runtime);
    return status == MARU_OK ? 0 : 1;
}
