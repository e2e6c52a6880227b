# MaruDepfile.cmake: says again, as build tools read it, what the code of one .proto was made from.
#
#   cmake -P MaruDepfile.cmake FOLDER STEM
#
# protoc wrote FOLDER/STEM.d: what it made, then the path of every .proto that it read, each as it is. Make and Ninja take a
# blank for the end of a name, and a # for the start of a comment, and then see other dependencies or none.

set(folder "${CMAKE_ARGV3}")
set(stem "${CMAKE_ARGV4}")

# As CMake reads it for every kind of build.
function(escape path result)
  string(REPLACE "$" "$$" path "${path}")
  string(REGEX REPLACE "([ #])" "\\\\\\1" path "${path}")
  set(${result} "${path}" PARENT_SCOPE)
endfunction()

file(READ "${folder}/${stem}.d" left)
# What was made is told without the folder, so there is no ": " before the first .proto but that after the last of it.
string(FIND "${left}" "${stem}.pb-c.h: " at)
if(at EQUAL -1)
  message(FATAL_ERROR "${folder}/${stem}.d: want what protoc writes, \"${stem}.pb-c.h: FILE ...\"")
endif()
string(LENGTH "${stem}.pb-c.h:" size)
math(EXPR at "${at} + ${size}")
string(SUBSTRING "${left}" ${at} -1 left)

escape("${folder}/${stem}.maru.c" text)
string(APPEND text ":")
while(NOT left STREQUAL "")
  string(FIND "${left}" "\\\n" end)
  if(end EQUAL -1)
    string(LENGTH "${left}" end)
  endif()
  math(EXPR size "${end} - 1") # a blank is before each path
  string(SUBSTRING "${left}" 1 ${size} path)
  escape("${path}" path)
  string(APPEND text " \\\n  ${path}")
  string(SUBSTRING "${left}" ${end} -1 left)
  string(REGEX REPLACE "^\\\\\n" "" left "${left}")
endwhile()
file(WRITE "${folder}/${stem}.d" "${text}\n")
