# packages.sh: what tools/packages takes for installed. dpkg-query and apt-get are stand-ins: nothing is installed here.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
mkdir "$work/bin" "$work/tmp"
cat >"$work/bin/dpkg-query" <<'SCRIPT'
#!/bin/bash
# As dpkg-query -W -f=FORMAT PACKAGE: FORMAT once for each architecture that the package is known for.
for state in $STATES; do
    text=${2#-f=}
    printf "${text//'${db:Status-Status}'/$state}"
done
[ -n "$STATES" ]
SCRIPT
cat >"$work/bin/apt-get" <<'SCRIPT'
#!/bin/sh
echo "apt-get $*" >>"$ASKED"
exit 1
SCRIPT
printf '#!/bin/sh\n[ "$1" != -n ] || shift\nexec "$@"\n' >"$work/bin/sudo"
chmod +x "$work/bin/"*
export PATH=$work/bin:$PATH ASKED=$work/asked TMPDIR=$work/tmp STATES
packages=$MARU_SOURCE/tools/packages

for STATES in installed 'installed installed' 'installed not-installed' 'config-files installed'; do
    begin "nothing is missing where dpkg says: $STATES"
    got=$("$packages" build check 2>&1)
    same "status" $? 0
    same "words" "$got" ""
    check "apt-get was not asked" [ ! -e "$ASKED" ]
done

for STATES in '' not-installed config-files half-installed 'not-installed config-files'; do
    begin "each is missing where dpkg says: ${STATES:-nothing}"
    got=$("$packages" valgrind 2>&1)
    same "status" $? 1
    contains "words" "$got" ": valgrind"
done

finish
