/* visit.cc: a client in C++: visit_cc URL NAME asks for an animal that is there, and for one that is not. */
#include <iostream>
#include <memory>

#include "maru/client.h"
#include "maru/runtime.h"

#include "menagerie/zoo.maru.h"

template <typename T, void (*F)(T *)> struct closes {
    void operator()(T *it) const
    {
        F(it);
    }
};

int main(int argc, char **argv)
{
    maru_runtime *runtime;
    maru_client  *client;
    maru_error    error;

    if (argc != 3)
        return 2;
    if (maru_runtime_new(nullptr, &runtime, &error) != MARU_OK) {
        std::cerr << error.text << "\n";
        return 1;
    }
    std::unique_ptr<maru_runtime, closes<maru_runtime, maru_runtime_free>> runtime_end(runtime);
    if (maru_client_new(runtime, argv[1], nullptr, &client, &error) != MARU_OK) {
        std::cerr << error.text << "\n";
        return 1;
    }
    std::unique_ptr<maru_client, closes<maru_client, maru_client_free>> client_end(client);
    std::unique_ptr<maru_call, closes<maru_call, maru_call_end>>        call(maru_call_begin(runtime, 10000));
    Zoo__GetAnimalRequest                                               ask = ZOO__GET_ANIMAL_REQUEST__INIT;
    Zoo__Animal                                                        *got;

    ask.name = argv[2];
    if (zoo_get_animal(client, call.get(), &ask, &got) != MARU_OK) {
        std::cerr << maru_call_message(call.get()) << "\n";
        return 1;
    }
    std::cout << got->name << " kind " << got->kind << "\n";
    ask.name = const_cast<char *>("animals/nobody");
    std::cout << maru_status_name(zoo_get_animal(client, call.get(), &ask, &got)) << " "
              << maru_call_message(call.get()) << "\n";
    return 0;
}
