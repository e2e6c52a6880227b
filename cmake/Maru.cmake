# Maru.cmake: how protos, services and tests are built; in Maru's own tree, and, after find_package(Maru), in anybody's.
#
#   maru_protos(TARGET DIR root FILES a.proto ... | GLOB pattern ... [WELL_KNOWN])
#     a library of the code generated from .proto files, whose names count from root: message code, stubs, tables and
#     descriptors. "shop/cart.pb-c.h" and "shop/cart.maru.h" are then included by whoever links it.
#     Paths may have blanks; root no # or :, and the build folder no # < > or : either. With a $ & ' * ? or ` in the path of
#     root, which CMake and Ninja do not know in such lists, Ninja makes the code anew each time.
#     WELL_KNOWN is for libmaru alone: adds Google's well-known types and protobuf-c's options, and makes an object
#     library, whose objects become part of libmaru. All others are static and link libmaru.
#
#   maru_services(DIR root [LIBS lib ...])
#     every folder of root that has a CMakeLists.txt, as subdirectories. LIBS is what each service links: the libraries
#     that maru_protos made.
#
#   maru_service(NAME [LIBS lib ...] [INTO folder] [COMPONENT name])
#     in a service's folder: bin/NAME of its *.c (and *.cc). Each *_test.c is a test, linked with all but main.c. INTO is
#     the folder below the prefix where it is installed (MARU_SERVICE_INTO, else bin), COMPONENT a component of that.
#
#   maru_test(NAME SOURCES file ... [LIBS lib ...] [LABELS label ...] [ARGS arg ...] [TIMEOUT seconds])
#     a program and its CTest entry: build/test-bin/NAME. It finds the test headers (test.h, serving.h, telling.h), in
#     Maru's tree rpc/ too, and has MARU_SOURCE (the project's folder) and MARU_BIN (build/bin) in its environment. TIMEOUT
#     is 180 where it is not given, since sanitizers are slow. Under
#     an emulator (valgrind) it is 15 times as long, and libmaru's clock is slower (tests/slow_seam.c). Its own sources, and
#     no library's, are compiled with MARU_TEST_COMPILE_OPTIONS where that is set.
#
# Both homes have the targets Maru::maru and Maru::protoc-gen-maru, and MARU_PROTO_DIR (libmaru's own .proto files) and
# MARU_TEST_DIRS (the folders of the test headers): the tree's CMakeLists.txt or MaruConfig.cmake sets them. The slower
# clock (MARU_SLOW_SEAM) is the tree's alone: it is made of inner parts of libmaru. build/ is the project's own build folder,
# also where it is a part of another project (add_subdirectory).

include_guard()
# Of the functions here, whatever the project is used to: before CMP0116 Ninja finds nothing in depfiles of whole paths.
cmake_policy(VERSION 3.25)
include(GNUInstallDirs)

find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_GEN_C protoc-gen-c REQUIRED)
find_path(PROTOBUF_PROTOS google/protobuf/descriptor.proto REQUIRED)
find_path(PROTOBUF_C_PROTOS protobuf-c/protobuf-c.proto REQUIRED)

# Half of a handler's stack: who has a larger frame is warned of it.
set(MARU_FRAME_MAX 131072)

set(MARU_WELL_KNOWN
  google/protobuf/any.proto google/protobuf/api.proto google/protobuf/descriptor.proto google/protobuf/duration.proto
  google/protobuf/empty.proto google/protobuf/field_mask.proto google/protobuf/source_context.proto
  google/protobuf/struct.proto google/protobuf/timestamp.proto google/protobuf/type.proto
  google/protobuf/wrappers.proto protobuf-c/protobuf-c.proto)

# maru_proto_path refuses a folder that a tool would take for something else.
function(maru_proto_path target path odd whose)
  string(REGEX MATCH "${odd}" found "${path}")
  if(found)
    message(FATAL_ERROR "maru_protos(${target}): ${path}: want a folder without a ${found} in its path: ${whose}")
  endif()
endfunction()

# maru_proto_command generates the code of one file into out, and appends what it makes to the list named result.
function(maru_proto_command out roots file result)
  string(REGEX MATCH "^[-@]|[]\"#$%&'()*:;<>?[\\|`]" odd "${file}")
  if(odd)
    message(FATAL_ERROR "maru_protos: ${file}: want a name without a ${odd}, which is more than a part of a name for "
            "CMake, Make, Ninja or protoc")
  endif()
  set(path)
  foreach(root ${roots})
    if(EXISTS ${root}/${file})
      set(path ${root}/${file})
      break()
    endif()
  endforeach()
  if(NOT path)
    message(FATAL_ERROR "maru_protos: ${file} is in none of ${roots}")
  endif()

  string(REGEX REPLACE "\\.proto$" "" stem ${file})
  get_filename_component(folder ${out}/${stem} DIRECTORY)
  file(MAKE_DIRECTORY ${folder}) # protoc makes folders for code, and none for what the code depends on
  set(made ${out}/${stem}.maru.c ${out}/${stem}.maru.h ${out}/${stem}.pb-c.c ${out}/${stem}.pb-c.h)
  set(includes ${roots})
  list(TRANSFORM includes PREPEND -I=) # an = in a path would else end the name of a folder that it stands for
  # In out, since protoc takes a $ and a : in the names of what it makes for its own.
  add_custom_command(
    OUTPUT ${made}
    COMMAND ${PROTOC} ${includes} --plugin=protoc-gen-maru=$<TARGET_FILE:Maru::protoc-gen-maru>
            --maru_out=. --maru_opt=protoc_gen_c=${PROTOC_GEN_C} --dependency_out=${stem}.d ${file}
    COMMAND ${CMAKE_COMMAND} -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/MaruDepfile.cmake ${out} ${stem}
    WORKING_DIRECTORY ${out}
    DEPENDS ${path} $<TARGET_FILE:Maru::protoc-gen-maru> ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/MaruDepfile.cmake
    DEPFILE ${out}/${stem}.d
    COMMENT "proto ${file}"
    VERBATIM)
  set(${result} ${${result}} ${made} PARENT_SCOPE)
endfunction()

function(maru_protos target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WELL_KNOWN" "DIR" "FILES;GLOB")
  if(NOT arg_DIR OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "maru_protos(${target}): want DIR root and FILES or GLOB, got ${arg_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(arg_DIR ${arg_DIR} ABSOLUTE) # a relative one counts from the folder of the CMakeLists.txt
  set(files ${arg_FILES})
  foreach(pattern ${arg_GLOB})
    file(GLOB found RELATIVE ${arg_DIR} CONFIGURE_DEPENDS ${arg_DIR}/${pattern})
    list(APPEND files ${found})
  endforeach()
  if(arg_WELL_KNOWN)
    list(APPEND files ${MARU_WELL_KNOWN})
  endif()
  if(NOT files)
    message(FATAL_ERROR "maru_protos(${target}): no .proto under ${arg_DIR} matches ${arg_GLOB}")
  endif()

  set(out ${PROJECT_BINARY_DIR}/gen/${target})
  maru_proto_path(${target} "${out}" "[#<>:]" "CMake and Make do not make files there")
  file(MAKE_DIRECTORY ${out})
  set(roots ${arg_DIR} ${MARU_PROTO_DIR} ${PROTOBUF_PROTOS} ${PROTOBUF_C_PROTOS})
  list(REMOVE_DUPLICATES roots)
  foreach(root ${roots})
    maru_proto_path(${target} "${root}" "[#:]" "Make takes a # for a comment, protoc a : for the end of a folder")
  endforeach()
  set(sources)
  foreach(file ${files})
    maru_proto_command(${out} "${roots}" ${file} sources)
  endforeach()

  if(arg_WELL_KNOWN)
    add_library(${target} OBJECT ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/rpc/include)
    target_link_libraries(${target} PUBLIC PkgConfig::PROTOBUF_C)
  else()
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC Maru::maru)
  endif()
  target_include_directories(${target} PUBLIC ${out})
  target_compile_options(${target} PRIVATE -Wall -Wextra)
endfunction()

function(maru_services)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "DIR" "LIBS")
  set(MARU_SERVICE_LIBS ${arg_LIBS})
  file(GLOB found CONFIGURE_DEPENDS ${arg_DIR}/*/CMakeLists.txt)
  foreach(file ${found})
    get_filename_component(dir ${file} DIRECTORY)
    add_subdirectory(${dir})
  endforeach()
endfunction()

function(maru_service name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "INTO;COMPONENT" "LIBS")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(cxx ${sources})
  list(FILTER cxx INCLUDE REGEX "\\.cc$")
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(cxx AND NOT "CXX" IN_LIST languages)
    list(GET cxx 0 file)
    message(FATAL_ERROR "${file}: want C++ among the project's languages: project(${PROJECT_NAME} LANGUAGES C CXX), and set(CMAKE_CXX_STANDARD 20) below it")
  endif()
  set(tests ${sources})
  set(main ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc?$")
  list(FILTER main INCLUDE REGEX "/main\\.cc?$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc?$")
  set(libs Maru::maru ${MARU_SERVICE_LIBS} ${arg_LIBS})
  list(APPEND arg_INTO ${MARU_SERVICE_INTO} ${CMAKE_INSTALL_BINDIR})
  list(GET arg_INTO 0 into)
  if(arg_COMPONENT)
    set(arg_COMPONENT COMPONENT ${arg_COMPONENT})
  endif()

  # All but main.c is compiled once, for the program and for its tests.
  if(sources)
    add_library(${name}_service STATIC ${sources})
    target_link_libraries(${name}_service PUBLIC ${libs} PRIVATE maru_flags)
    target_compile_options(${name}_service PRIVATE -Wframe-larger-than=${MARU_FRAME_MAX})
  else()
    add_library(${name}_service INTERFACE)
    target_link_libraries(${name}_service INTERFACE ${libs})
  endif()
  add_executable(${name} ${main})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${name}_service maru_flags)
  install(TARGETS ${name} RUNTIME DESTINATION ${into} ${arg_COMPONENT})
  if(NOT MARU_TESTS)
    return()
  endif()
  foreach(test ${tests})
    get_filename_component(stem ${test} NAME_WE)
    maru_test(${name}_${stem} SOURCES ${test} LIBS ${name}_service LABELS service)
    target_include_directories(${name}_${stem} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  endforeach()
endfunction()

function(maru_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBS;LABELS;ARGS")
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "maru_test(${name}): want SOURCES file ..., got ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 180)
  endif()
  set(slow)
  if(CMAKE_CROSSCOMPILING_EMULATOR) # valgrind: the same work takes ten times as long and more
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 15")
    set(slow ${MARU_SLOW_SEAM})
  endif()
  add_executable(${name} ${arg_SOURCES} ${slow})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test-bin)
  target_include_directories(${name} PRIVATE ${MARU_TEST_DIRS})
  target_compile_options(${name} PRIVATE ${MARU_TEST_COMPILE_OPTIONS})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} Maru::maru maru_flags)
  target_link_options(${name} PRIVATE $<$<BOOL:${slow}>:-Wl,--wrap=maru_seam_real>)
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGS})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "MARU_SOURCE=${PROJECT_SOURCE_DIR};MARU_BIN=${PROJECT_BINARY_DIR}/bin")
endfunction()
