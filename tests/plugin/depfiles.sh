#!/bin/sh
# depfiles.sh BUILD.NINJA: each .proto of a target has a file of its own that says what it depends on.
set -u
depfiles=$(grep -o -e '--dependency_out=[^ ]*' "$1" | sort)
twice=$(echo "$depfiles" | uniq -d)
[ "$(echo "$depfiles" | grep -c plugin_folders)" -eq 6 ] && [ -z "$twice" ] && echo "ok - each .proto has a depfile of its own" && exit
echo "not ok - each .proto has a depfile of its own: of two: $twice"
exit 1
