# MaruInstall.cmake: what `cmake --install` puts where, and the Debian package of the same.
#
#   bin/            maru, protoc-gen-maru
#   lib/            libmaru.a, cmake/Maru/ for find_package(Maru), pkgconfig/maru.pc
#   include/libmaru the public headers, and those of the code that libmaru carries (well-known types, health, events ...):
#                   one folder of their own, so that none of them hides or is hidden by another package's
#   share/maru/     libmaru's .proto files, the headers that tests are written with
#   share/          pages of the manual, completions for bash and zsh, doc/maru/api: the headers as pages
#   libexec/maru/   the edge, which maru up runs beside the services of any project
#   libexec/jangteo the shop, component "jangteo": all else is component "maru", and that is the package
#
# libmaru.a is not the archive that the tree's own programs link: of the inner functions' names each gets "maru__" before
# it (public-archive), since a static library has but one kind of global name, and no user's key_number() may meet ours.
include(CMakePackageConfigHelpers)

set(MARU_INCLUDE ${CMAKE_INSTALL_INCLUDEDIR}/libmaru)
target_compile_definitions(maru_new PRIVATE MARU_INCLUDE="${MARU_INCLUDE}") # by it maru new knows whether it is installed
set(MARU_SHARE ${CMAKE_INSTALL_DATADIR}/maru)
set(MARU_CMAKE ${CMAKE_INSTALL_LIBDIR}/cmake/Maru)
# Headers whose names are not prefixed: the edge and the command line alone use them, from within the tree.
set(MARU_UNPROMISED json.h schema.h transcode.h)

set(archive ${CMAKE_BINARY_DIR}/lib/libmaru.a)
add_custom_command(
  OUTPUT ${archive}
  COMMAND ${CMAKE_SOURCE_DIR}/cmake/public-archive $<TARGET_FILE:maru> ${archive} ${CMAKE_NM} ${CMAKE_OBJCOPY}
  DEPENDS maru $<TARGET_FILE:maru> ${CMAKE_SOURCE_DIR}/cmake/public-archive
  COMMENT "archive for others: lib/libmaru.a"
  VERBATIM)
add_custom_target(maru_archive ALL DEPENDS ${archive})

# What a program must be linked with where the library was built so.
get_directory_property(options LINK_OPTIONS)
list(FILTER options EXCLUDE REGEX TARGET_PROPERTY) # how this tree's own programs start sooner
string(REPLACE ";" " " MARU_LINK_OPTIONS "${options}")
set(MARU_LINK_OPTIONS_LIST "${options}")
configure_package_config_file(cmake/MaruConfig.cmake.in ${CMAKE_BINARY_DIR}/package/MaruConfig.cmake
  INSTALL_DESTINATION ${MARU_CMAKE}
  PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR MARU_INCLUDE MARU_SHARE)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/MaruConfigVersion.cmake COMPATIBILITY SameMinorVersion)
# Found from where the file lies, so that it may be moved as a whole; not where the library has a place of its own.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(MARU_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH MARU_PC_PREFIX /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
  string(REGEX REPLACE "(.*[^/])/*$" "\${pcfiledir}/\\1" MARU_PC_PREFIX ${MARU_PC_PREFIX})
endif()
foreach(name LIBDIR=CMAKE_INSTALL_LIBDIR BINDIR=CMAKE_INSTALL_BINDIR INCLUDE=MARU_INCLUDE SHARE=MARU_SHARE)
  string(REGEX MATCH "^(.*)=(.*)$" pair ${name})
  set(MARU_PC_${CMAKE_MATCH_1} ${${CMAKE_MATCH_2}})
  if(NOT IS_ABSOLUTE "${MARU_PC_${CMAKE_MATCH_1}}")
    string(PREPEND MARU_PC_${CMAKE_MATCH_1} "\${prefix}/")
  endif()
endforeach()
configure_file(cmake/maru.pc.in ${CMAKE_BINARY_DIR}/package/maru.pc @ONLY)

install(TARGETS maru_tool protoc-gen-maru RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT maru)
install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT maru)
set(unpromised ${MARU_UNPROMISED})
list(TRANSFORM unpromised REPLACE "(.+)" "PATTERN;\\1;EXCLUDE")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/rpc/include/ DESTINATION ${MARU_INCLUDE} COMPONENT maru ${unpromised})
install(DIRECTORY ${CMAKE_BINARY_DIR}/gen/maru_protos/ DESTINATION ${MARU_INCLUDE} COMPONENT maru
  FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/proto/maru ${CMAKE_SOURCE_DIR}/proto/google ${CMAKE_SOURCE_DIR}/proto/grpc
  DESTINATION ${MARU_SHARE}/proto COMPONENT maru)
install(FILES tests/test.h tests/serving.h tests/telling.h DESTINATION ${MARU_SHARE}/testing COMPONENT maru)
install(FILES cmake/Maru.cmake cmake/MaruDepfile.cmake ${CMAKE_BINARY_DIR}/package/MaruConfig.cmake
              ${CMAKE_BINARY_DIR}/package/MaruConfigVersion.cmake DESTINATION ${MARU_CMAKE} COMPONENT maru)

# The public headers as pages.
set(api ${CMAKE_BINARY_DIR}/docs/api)
file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rpc/include/maru/*.h)
list(JOIN MARU_UNPROMISED "|" unpromised)
list(FILTER headers EXCLUDE REGEX "/(${unpromised}|errno\\.h|decls\\.h)$")
file(MAKE_DIRECTORY ${api})
add_custom_command(
  OUTPUT ${api}/index.html
  COMMAND ${CMAKE_SOURCE_DIR}/tools/api-pages -v into=${api} ${headers}
  DEPENDS ${headers} ${CMAKE_SOURCE_DIR}/tools/api-pages
  COMMENT "pages of the headers: docs/api"
  VERBATIM)
add_custom_target(maru_api ALL DEPENDS ${api}/index.html)
install(DIRECTORY ${api} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/maru COMPONENT maru)

# Pages of the manual and completions, of what maru itself says.
set(pages ${CMAKE_BINARY_DIR}/pages)
add_custom_command(
  OUTPUT ${pages}.made
  COMMAND ${CMAKE_SOURCE_DIR}/tools/maru/pages $<TARGET_FILE:maru_tool> ${pages}
  COMMAND ${CMAKE_COMMAND} -E touch ${pages}.made
  DEPENDS maru_tool $<TARGET_FILE:maru_tool> ${CMAKE_SOURCE_DIR}/tools/maru/pages
  COMMENT "pages of the manual"
  VERBATIM)
add_custom_target(maru_pages ALL DEPENDS ${pages}.made)
install(DIRECTORY ${pages}/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT maru)
install(FILES tools/protoc-gen-maru/protoc-gen-maru.1 DESTINATION ${CMAKE_INSTALL_DATADIR}/man/man1 COMPONENT maru)
install(FILES ${CMAKE_BINARY_DIR}/package/maru.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT maru)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/maru RENAME copyright COMPONENT maru)

# The package: component "maru", as maru_VERSION_ARCHITECTURE.deb, by `cpack` in the build folder. What a program that is built
# with libmaru needs at build time is what it depends on, beside what its own programs need.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME maru)
set(CPACK_PACKAGE_CONTACT "the Maru project <maru@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "remote procedure calls, a durable store and events for services in C")
set(CPACK_PACKAGE_DESCRIPTION "The library libmaru with its headers, the compiler of .proto files protoc-gen-maru, the command
line maru, and an edge that serves the services of an application as HTTP and JSON.")
set(CPACK_COMPONENTS_ALL maru)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libnng-dev, libprotobuf-c-dev, libuv1-dev, liblmdb-dev, libhttp-parser-dev, \
protobuf-compiler, protobuf-c-compiler, libprotobuf-dev")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "cmake, gcc | c-compiler, pkg-config")
include(CPack)
