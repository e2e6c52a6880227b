# package.sh: the Debian package holds what `cmake --install` puts there, byte for byte but for stripped programs; unpacked into a
# folder it is an installed Maru; and it says what it needs. That what it says is enough, tools/bare-check --package shows.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/outside/installed.sh" || exit 1
built=${BUILD:?a built folder}

begin "it is made"
check "cmake --install" installed_here || finish
check "cpack" quietly cpack.log "${CPACK:-cpack}" --config "$built/CPackConfig.cmake" -B "$work/package" || finish
deb=$(find "$work/package" -maxdepth 1 -name '*.deb')
same "its name" "${deb##*/}" "maru_$("$maru" --version | cut -d' ' -f2)_$(dpkg --print-architecture).deb"

begin "it holds what is installed"
check "unpack" dpkg-deb -x "$deb" "$work/root"
files() { (cd "$1" && find . -type f -o -type l) | sort; }
same "files" "$(diff <(files "$prefix") <(files "$work/root/usr"))" ""
same "outside /usr" "$(files "$work/root" | grep -v '^./usr/')" ""
for file in $(files "$prefix" | grep -vE '^./(bin|libexec)/'); do
    check "$file" cmp -s "$prefix/$file" "$work/root/usr/$file"
done
check "its programs run" "$work/root/usr/bin/maru" --version >/dev/null
check "programs are stripped" [ "$(stat -c %s "$work/root/usr/bin/maru")" -lt "$(stat -c %s "$prefix/bin/maru")" ]
same "owners and modes" "$(dpkg-deb -c "$deb" | awk '$2 != "root/root" || $1 !~ /^(drwxr-xr-x|-rw[x-]r-[x-]r-[x-])$/' | head -n 3)" ""

begin "where the library has a place of its own, pkg-config says that"
check "configure" quietly own.log cmake_of -S "$MARU_SOURCE" -B "$work/own" -DMARU_TESTS=OFF -DCMAKE_INSTALL_PREFIX=/opt/maru \
    -DCMAKE_INSTALL_LIBDIR=/srv/lib
told() { PKG_CONFIG_PATH=$work/own/package pkg-config --variable="$1" maru; }
same "libdir" "$(told libdir)" /srv/lib
same "includedir" "$(told includedir)" /opt/maru/include/libmaru
same "protodir" "$(told protodir)" /opt/maru/share/maru/proto
same "plugin" "$(told plugin)" /opt/maru/bin/protoc-gen-maru

begin "the shop is a component of its own, and in nobody's way"
check "cmake --install" quietly shop.log "${CMAKE:-cmake}" --install "$built" --prefix "$work/shop" --component jangteo
same "folders" "$(cd "$work/shop" && find . -mindepth 1 -type d | sort | xargs)" "./libexec ./libexec/jangteo"
same "services" "$(ls "$work/shop/libexec/jangteo" | xargs)" \
    "$(cd "$MARU_SOURCE/svc" && ls -d */ | tr -d / | grep -vx edge | sort | xargs)"

begin "it needs what its programs and its library are linked with"
depends=$(dpkg-deb -f "$deb" Depends)
for package in libnng-dev libprotobuf-c-dev libuv1-dev liblmdb-dev libhttp-parser-dev protobuf-compiler protobuf-c-compiler libc6 libnng1; do
    contains "Depends" "$depends, " "$package"
done
same "name" "$(dpkg-deb -f "$deb" Package)" maru

begin "unpacked anywhere it is an installed Maru"
MARU_PREFIX=$work/root/usr bash "$MARU_SOURCE/tests/outside/names.sh" >"$work/names.log" 2>&1 || cat "$work/names.log" >&2
contains "names.sh" "$(cat "$work/names.log")" "ok - each header compiles alone"
contains "CMake" "$(printf 'cmake_minimum_required(VERSION 3.25)\nproject(x C)\nfind_package(Maru REQUIRED)\nget_target_property(at Maru::maru LOCATION)\nmessage("at ${at}")\n' \
    >"$work/CMakeLists.txt"; prefix=$work/root/usr; cmake_of -S "$work" -B "$work/x" 2>&1)" "at $work/root/usr/lib/libmaru.a"
finish
