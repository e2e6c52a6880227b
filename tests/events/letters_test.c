#include "test.h"
int main(void)
{
    test_begin("x");
    CHECK(true);
    return test_end();
}
