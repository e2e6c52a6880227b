# Read by CTest before it starts a test: what a user has exported for a shop of their own (MARU_DATA, settings of services) or for
# their shell is no test's concern. MARU_SEED is for tests; what else they are told is a property of each.
unset(ENV{CDPATH})
execute_process(COMMAND env OUTPUT_VARIABLE lines)
string(REGEX MATCHALL "(^|\n)MARU_[A-Za-z0-9_]*" names "${lines}")
foreach(name ${names})
  string(STRIP ${name} name)
  if(NOT name STREQUAL "MARU_SEED")
    unset(ENV{${name}})
  endif()
endforeach()
