/* folders_test.c: files that differ only in what is no letter and no digit have descriptors of their own: one program
 * links them all.
 */
#include "folders/a-b.maru.h"
#include "folders/a/55b.maru.h"
#include "folders/a/_b.maru.h"
#include "folders/a/b_c.maru.h"
#include "folders/a_/b.maru.h"
#include "folders/a_b/c.maru.h"
#include "test.h"

int main(void)
{
    test_begin("each file's descriptor is its own");
    CHECK_STR(folders_a_b__c_proto_maru_file.name, "folders/a/b_c.proto");
    CHECK_STR(folders_a__b_c_proto_maru_file.name, "folders/a_b/c.proto");
    CHECK_STR(folders_a_057__b_proto_maru_file.name, "folders/a/_b.proto");
    CHECK_STR(folders_a___b_proto_maru_file.name, "folders/a_/b.proto");
    CHECK_STR(folders_a_055b_proto_maru_file.name, "folders/a-b.proto");
    CHECK_STR(folders_a_05755b_proto_maru_file.name, "folders/a/55b.proto");
    return test_end();
}
