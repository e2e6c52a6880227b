/* zoo_test.c: the zoo over real calls, with a real store. */
#include "zoo.h"

#include "serving.h"
#include "test.h"

int main(void)
{
    struct serving        s;
    struct zoo_service    svc;
    Zoo__Animal           animal = ZOO__ANIMAL__INIT;
    Zoo__AdmitRequest     request = ZOO__ADMIT_REQUEST__INIT;
    Zoo__GetAnimalRequest ask = ZOO__GET_ANIMAL_REQUEST__INIT;
    Zoo__Animal          *got;
    maru_call            *call;

    if (!serving_open(&s, "zoo", zoo_tables, 1))
        return 1;
    svc.store = s.store;
    zoo_serve(s.server, &zoo_methods, &svc, &s.error);
    serving_listen(&s);
    call = serving_call(&s);

    test_begin("an animal that was admitted is found");
    animal.name = ask.name = (char *)"animals/wren";
    animal.class_ = 4;
    request.animal = &animal;
    CHECK_INT(zoo_admit(s.client, call, &request, &got), MARU_OK);
    CHECK_INT(zoo_get_animal(s.client, call, &ask, &got), MARU_OK);
    CHECK_INT(got == NULL ? 0 : got->class_, 4);

    test_begin("another is not");
    ask.name = (char *)"animals/dodo";
    CHECK_INT(zoo_get_animal(s.client, call, &ask, &got), MARU_NOT_FOUND);
    maru_call_end(call);
    serving_close(&s);
    return test_end();
}
