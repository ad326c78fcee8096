#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that are missing, and says which. Silent when there are none.
#
#   tools/install_deps.sh [GROUP...]      groups: build (default), modules, docs, python, valgrind, clang, arm, i386, vm
#
# Never asks anything. Without apt it lists the packages and exits 1; without the right to install it prints the command
# that does.
set -u

missing=

# need PACKAGE TEST...: what is there under another package's name, or built by hand, counts as there.
need()
{
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

# need_compiler: CC may be several words: the compiler's options, and before it ccache or the like.
need_compiler()
{
    for word in ${CC:-cc}; do
        case $word in
        -*) continue ;;
        cc | c99) need gcc command -v "$word" ;;
        ccache | distcc | sccache)
            need "$word" command -v "$word"
            continue
            ;;
        gcc | gcc-[0-9]* | clang | clang-[0-9]* | tcc) need "$word" command -v "$word" ;;
        *)
            command -v "$word" >/dev/null 2>&1 && return
            echo "install_deps: CC=\"$CC\": there is no \"$word\" here; name a compiler that is, or gcc or clang" >&2
            exit 1
            ;;
        esac
        return
    done
}

compiles()
{
    echo '#include <stdio.h>' | ${CC:-cc} -E - >/dev/null 2>&1
}

# Loaded by the program when it is needed, so there is no development package to ask for.
has_library()
{
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -qF "$1"
}

# Found by the module of watch while it runs.
has_element()
{
    for file in /usr/lib/*/gstreamer-1.0/libgst"$1".so; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

has_font()
{
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || fc-list | grep -q .
}

# A Python of somebody's own gets its modules by other ways.
has_module()
{
    [ "$(command -v python3)" != /usr/bin/python3 ] || python3 -c "import $1"
}

look()
{
    missing=
    for group in "$@"; do
        case $group in
        build)
            need_compiler
            need libc6-dev compiles
            need meson command -v meson
            need ninja-build command -v ninja
            need pkg-config command -v pkg-config
            need libjpeg-dev pkg-config --exists libjpeg
            need libpng-dev pkg-config --exists libpng
            need libwebp-dev pkg-config --exists libwebp
            need libusb-1.0-0-dev pkg-config --exists libusb-1.0
            need libjansson-dev pkg-config --exists jansson
            need libpangocairo-1.0-0 has_library libpangocairo-1.0.so.0
            need fonts-dejavu-core has_font
            ;;
        modules)
            need libgstreamer-plugins-base1.0-dev pkg-config --exists gstreamer-app-1.0
            need gstreamer1.0-plugins-good has_element matroska
            need gstreamer1.0-plugins-bad has_element videoparsersbad
            need gstreamer1.0-plugins-ugly has_element x264 # films in H.264
            need libgstrtspserver-1.0-dev pkg-config --exists gstreamer-rtsp-server-1.0
            need libmicrohttpd-dev pkg-config --exists libmicrohttpd
            need libsdl2-dev pkg-config --exists sdl2
            need libcurl4-gnutls-dev pkg-config --exists libcurl
            need libmosquitto-dev pkg-config --exists libmosquitto
            need libzmq5 has_library libzmq.so.5 # Frigate's detector, in serve
            ;;
        docs)
            need mkdocs command -v mkdocs
            need mandoc command -v mandoc
            ;;
        python)
            need python3-numpy has_module numpy
            need python3-pil has_module PIL
            ;;
        valgrind) need valgrind command -v valgrind ;;
        clang) need clang command -v clang ;;
        vm)
            PATH=$PATH:/sbin:/usr/sbin
            need qemu-system-x86 command -v qemu-system-x86_64
            need busybox-static command -v busybox
            need kmod command -v depmod
            need udev command -v udevadm
            need systemd test -x /lib/systemd/systemd
            need v4l-utils command -v v4l2-ctl
            need usbutils command -v lsusb
            need usbip command -v usbip
            ;;
        arm)
            need gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
            need libc6-dev-arm64-cross test -e /usr/aarch64-linux-gnu/include/stdio.h
            need gcc-arm-linux-gnueabihf command -v arm-linux-gnueabihf-gcc
            need libc6-dev-armhf-cross test -e /usr/arm-linux-gnueabihf/include/stdio.h
            need qemu-user command -v qemu-aarch64
            ;;
        i386)
            need gcc-i686-linux-gnu command -v i686-linux-gnu-gcc
            need libc6-dev-i386-cross test -e /usr/i686-linux-gnu/include/stdio.h
            ;;
        *)
            echo "install_deps: no group \"$group\": build, modules, python, valgrind, clang, arm, i386" >&2
            exit 2
            ;;
        esac
    done
}

give_up()
{
    echo "install_deps: $1. Please install, by Debian's names:$missing" >&2
    exit 1
}

# ask_for_root: who may not install without being asked for a password gets the line to paste.
ask_for_root()
{
    echo "install_deps: packages are missing, and installing them needs root. Please paste:" >&2
    install="apt-get update; apt-get install -y --no-install-recommends$missing"
    if command -v sudo >/dev/null 2>&1; then
        echo "    sudo sh -c '$install'" >&2
    else
        echo "    su -c '$install'" >&2
    fi
    exit 1
}

[ $# -gt 0 ] || set -- build
look "$@"
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null 2>&1 || give_up "packages are missing, and this system has no apt-get"
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    ask_for_root
fi

apt()
{
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

echo "Installing Debian packages:$missing"
apt update || echo "install_deps: the package lists could not be refreshed; trying with those at hand" >&2
# shellcheck disable=SC2086 # one word per package is meant
apt install --no-install-recommends $missing || give_up "apt-get could not install all"
look "$@"
[ -z "$missing" ] || give_up "after installing, these are still not found"
