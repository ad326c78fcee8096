# SPDX-License-Identifier: Apache-2.0
# The front door: short calls of meson, ninja and the scripts in tools/, which may as well be called directly.
# Works on a Debian machine that has nothing but git, make and a network; `make help` lists the targets.

BUILD   ?= build
PREFIX  ?= /usr/local
LIBDIR  ?= lib
DESTDIR ?=
export DESTDIR

# quoted(TEXT): one word for the shell, whatever blanks and quotes are in it.
quoted = '$(subst ','\'',$(1))'

# Nothing is left to chance by what happens to be installed: a missing library is an error, not a smaller program. But for the modules
# of watch, whose libraries take minutes to install: they are built where those are, and `make modules` sees to it.
OPTIONS = -Djpeg=enabled -Dpng=enabled -Dwebp=enabled -Dpango=enabled -Dusb=enabled -Dcli=enabled
MODULES = -Dgstreamer=enabled -Drtsp=enabled -Dweb=enabled -Dwindow=enabled -Dmqtt=enabled -Dcurl=enabled
CONFIGURE = tools/configure.sh $(call quoted,$(BUILD)) --prefix=$(call quoted,$(PREFIX)) --libdir=$(call quoted,$(LIBDIR)) $(OPTIONS)
# Under the sanitizers: with assertions and -O1, and of what debuggers know only the lines, which reports show. The compiler takes half as long.
WATCHED = $(OPTIONS) --werror -Doptimization=1 -Ddebug=false -Db_ndebug=false

.DEFAULT_GOAL := all
.PHONY: all modules docs demo test check-quick check-sanitize check-threads check-valgrind check-arm check-i386 check-bare check-packages test-vm install uninstall clean help

all:
	@tools/install_deps.sh build
	@$(CONFIGURE)
	@ninja -C $(call quoted,$(BUILD))

# Cameras and films, a page, a window and messages for watch.
modules:
	@tools/install_deps.sh build modules
	@$(CONFIGURE) $(MODULES)
	@ninja -C $(call quoted,$(BUILD))

# The pages, the manual, the headers and the docstrings as a site of plain files.
docs: all
	@tools/install_deps.sh docs
	@tools/make_docs.py $(call quoted,$(BUILD))

demo: all
	@$(call quoted,$(BUILD)/corallite) detect examples/scene_1.jpg --output $(call quoted,$(BUILD)/demo.jpg)
	@echo
	@echo "The picture with the boxes:" $(call quoted,$(BUILD)/demo.jpg)
	@echo "To look at it: xdg-open" $(call quoted,$(call quoted,$(BUILD)/demo.jpg))

# The picture of the README, made anew.
docs/images/demo.jpg: all
	@mkdir -p docs/images
	@$(call quoted,$(BUILD)/corallite) detect examples/scene_1.jpg --output $@

# Labels in the scripts of the world: needs fonts-noto-core, fonts-noto-cjk, fonts-noto-color-emoji.
docs/images/scripts.jpg: all
	@mkdir -p docs/images
	@$(BUILD)/corallite detect examples/scene_2.jpg --labels examples/signs_in_scripts.txt --output $@

# What the packages of Python need; without it their tests are skipped.
test: all
	@tools/install_deps.sh python || true
	@tools/run_tests.py $(call quoted,$(BUILD))

# While editing: some ten seconds of processor time, with a twelfth of the random rounds.
check-quick: all
	@tools/run_tests.py $(call quoted,$(BUILD)) --sample --suite quick

# Checks again with the compiler's watchdogs, each in a folder of its own: a sample of the random rounds, for they are slow.
check-sanitize:
	@tools/install_deps.sh build
	@tools/configure.sh $(call quoted,$(BUILD)-sanitize) $(WATCHED) -Db_sanitize=address,undefined \
	    '-Dc_args=-g1 -fsanitize=float-cast-overflow -fno-sanitize-recover=all'
	@ninja -C $(call quoted,$(BUILD)-sanitize)
	@LSAN_OPTIONS="suppressions='$$PWD/tools/lsan.supp':print_suppressions=0" tools/run_tests.py $(call quoted,$(BUILD)-sanitize) --sample --no-suite once

check-threads:
	@tools/install_deps.sh build
	@tools/configure.sh $(call quoted,$(BUILD)-threads) $(WATCHED) -Db_sanitize=thread -Dc_args=-g1
	@ninja -C $(call quoted,$(BUILD)-threads) tests/check
	@tools/run_tests.py $(call quoted,$(BUILD)-threads) --sample --suite threads

# What is built anyway: to see lines as well, `meson configure build -Ddebug=true` first.
check-valgrind: all
	@tools/install_deps.sh valgrind
	@tools/run_tests.py $(call quoted,$(BUILD)) --sample --suite memory --timeout-multiplier 20 \
	    --wrapper "valgrind --quiet --leak-check=full --error-exitcode=99 --suppressions='$$PWD/tools/valgrind.supp'"

# The whole program, cross-built: for ARM under qemu-user, for i386 as it is.
check-arm:
	@tools/check_cross.sh arm64 armhf

check-i386:
	@tools/check_cross.sh i386

# Cameras, a stick and services as Debian's kernel and systemd have them, in a small machine that qemu emulates; names of suites are for VM.
test-vm: modules
	@tools/install_deps.sh vm
	@tests/vm/run.py $(call quoted,$(BUILD)) $(VM)

# From nothing, in fresh Debian systems of their own.
check-bare:
	@tools/check_bare.sh

# The Debian packages: built, installed, used and removed in fresh systems.
check-packages:
	@tools/check_packages.sh

# `make install` of one who builds as himself: make PREFIX=/usr && sudo make install PREFIX=/usr
install: all
	@tools/install.py install $(call quoted,$(BUILD))

uninstall:
	@tools/install.py uninstall $(call quoted,$(BUILD))

clean:
	rm -rf $(foreach kind,-sanitize -threads -clang,$(call quoted,$(BUILD)$(kind))) $(call quoted,$(BUILD)) $(foreach other,arm64 armhf i386,build-$(other) build-$(other)-sysroot)

help:
	@echo "make                 build; the program is then" $(call quoted,$(BUILD)/corallite)
	@echo "make modules         the same with what watch needs for cameras, films, a page, a window and messages"
	@echo "make demo            find the signs in examples/scene_1.jpg and draw boxes around them"
	@echo "make docs            the documentation as a site:" $(call quoted,$(BUILD)/site/index.html)
	@echo "make test            all checks; the last line gives the numbers"
	@echo "make check-quick     the checks that take seconds"
	@echo "make check-sanitize  the checks under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make check-threads   checks that use threads, under ThreadSanitizer"
	@echo "make check-valgrind  checks of the library and of hostile files, under valgrind"
	@echo "make check-arm       the quick checks on arm64 and armhf: cross compilers and qemu-user"
	@echo "make check-i386      the quick checks on i386, from amd64"
	@echo "make test-vm         cameras and an Edge TPU's simulation on Debian's kernel, in a small machine (qemu)"
	@echo "make check-bare      from nothing to make uninstall in fresh Debian 12 and 13 (root and debootstrap)"
	@echo "make check-packages  the Debian packages, in the same way"
	@echo "make install         into PREFIX, now" $(call quoted,$(PREFIX)) "(libraries: LIBDIR, now" $(call quoted,$(LIBDIR))"), below DESTDIR if set"
	@echo "make uninstall       removes what was installed from this build folder"
	@echo "make clean           removes all that was built"
	@echo "Missing Debian packages are installed first, and named. The build folder is BUILD, now" $(call quoted,$(BUILD))
