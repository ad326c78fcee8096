# SPDX-License-Identifier: Apache-2.0
# The front door: short calls of meson, ninja and the scripts in tools/, which may as well be called directly.
# Works on a Debian machine that has nothing but git, make and a network; `make help` lists the targets.

BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
export DESTDIR

# Nothing is left to chance by what happens to be installed: a missing library is an error, not a smaller program.
OPTIONS = -Djpeg=enabled -Dpng=enabled -Dcairo=enabled -Dcli=enabled
STRICT  = $(OPTIONS) --buildtype=debugoptimized --werror

.DEFAULT_GOAL := all
.PHONY: all demo test check-quick check-sanitize check-threads check-valgrind check-arm install uninstall clean help

all:
	@tools/install_deps.sh build
	@tools/configure.sh $(BUILD) --prefix=$(PREFIX) $(OPTIONS)
	@ninja -C $(BUILD)

demo: all
	@$(BUILD)/corallite detect examples/scene_1.jpg --output $(BUILD)/demo.jpg
	@echo
	@echo "The picture with the boxes: $(BUILD)/demo.jpg"
	@echo "To look at it: xdg-open $(BUILD)/demo.jpg"

# The picture of the README, made anew.
docs/images/demo.jpg: all
	@mkdir -p docs/images
	@$(BUILD)/corallite detect examples/scene_1.jpg --output $@

test: all
	@tools/run_tests.py $(BUILD)

# While editing: what takes less than ten seconds altogether.
check-quick: all
	@tools/run_tests.py $(BUILD) --suite quick

# All checks again with the compiler's watchdogs, each in a folder of its own.
check-sanitize:
	@tools/install_deps.sh build
	@tools/configure.sh $(BUILD)-sanitize $(STRICT) -Db_sanitize=address,undefined -Dc_args=-fno-sanitize-recover=all
	@ninja -C $(BUILD)-sanitize
	@LSAN_OPTIONS=suppressions=$(CURDIR)/tools/lsan.supp:print_suppressions=0 tools/run_tests.py $(BUILD)-sanitize

check-threads:
	@tools/install_deps.sh build
	@tools/configure.sh $(BUILD)-threads $(STRICT) -Db_sanitize=thread
	@ninja -C $(BUILD)-threads
	@tools/run_tests.py $(BUILD)-threads --suite threads

check-valgrind:
	@tools/install_deps.sh build valgrind
	@tools/configure.sh $(BUILD)-valgrind $(STRICT)
	@ninja -C $(BUILD)-valgrind
	@tools/run_tests.py $(BUILD)-valgrind --suite quick --timeout-multiplier 20 \
	    --wrapper 'valgrind --quiet --leak-check=full --error-exitcode=99 --suppressions=$(CURDIR)/tools/valgrind.supp'

# Cross-built for arm64 and armhf, under qemu-user.
check-arm:
	@tools/check_arm.sh

# `make install` of one who builds as himself: make PREFIX=/usr && sudo make install PREFIX=/usr
install: all
	@meson install -C $(BUILD) --no-rebuild --quiet
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true
	@echo "Installed below $(DESTDIR)$(PREFIX)"

uninstall:
	@[ -f $(BUILD)/meson-logs/install-log.txt ] || { echo "Nothing was installed from $(BUILD)"; exit 1; }
	@ninja -C $(BUILD) uninstall

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-threads $(BUILD)-valgrind $(BUILD)-clang build-arm64 build-armhf

help:
	@echo "make                 build; the program is then $(BUILD)/corallite"
	@echo "make demo            find the signs in examples/scene_1.jpg and draw boxes around them"
	@echo "make test            all checks; the last line gives the numbers"
	@echo "make check-quick     the checks that take seconds"
	@echo "make check-sanitize  all checks under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make check-threads   checks that use threads, under ThreadSanitizer"
	@echo "make check-valgrind  the quick checks under valgrind"
	@echo "make check-arm       the quick checks on arm64 and armhf: cross compilers and qemu-user"
	@echo "make install         into PREFIX ($(PREFIX)), below DESTDIR where that is set"
	@echo "make uninstall       removes what the last install from this folder put there"
	@echo "make clean           removes all that was built"
	@echo "Missing Debian packages are installed first, and named. BUILD=$(BUILD) is the build folder."
