# The front door. Every target is quiet when all is well, and can be run again at any time.
# Logs are in build/logs. JOBS=n limits what runs at once, TESTS=pattern what is tested.

SECONDS ?= 10
PEER ?= peers/demo
step = tools/step
filter = $(if $(TESTS),-- -R '$(TESTS)')

.PHONY: help run test release deb bench fuzz soak check asan tsan coverage interop gcc format clean begin

help: ## say what there is
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

run: ## install what is missing, build, start a peer in peers/demo and open its viewer
	@scripts/setup build
	@$(step) "build release" tools/build release bin/goop2
	@exec build/release/bin/goop2 peer $(PEER) --open

test: begin ## install, build, run every test: unit, simulation, sanitizers, fuzz, interop, browser
	@scripts/setup test
	@$(step) "build release" tools/build release all benches
	@$(step) "build asan" tools/build asan core_tests fuzzers
	@tools/test build/release build/asan/core build/asan/fuzz $(filter)

release: ## build build/release/bin/goop2
	@scripts/setup build
	@$(step) "build release" tools/build release bin/goop2

deb: ## build the Debian package, build/deb/goop2_….deb
	@scripts/setup test
	@$(step) "build release" tools/build release bin/goop2
	@$(step) "package" packaging/deb/build build/release/bin/goop2 build/deb

bench: ## measure: ours, the other side, the ratio, in one run
	@scripts/setup test
	@$(step) "build release" tools/build release all benches
	@tools/bench

fuzz: begin ## run every fuzz target, each SECONDS=n
	@scripts/setup test
	@$(step) "build asan" tools/build asan fuzzers
	@GOOP_FUZZ_SECONDS=$(SECONDS) tools/test build/asan/fuzz -- --timeout 100000000 $(if $(TESTS),-R '$(TESTS)')

soak: begin ## what takes hours: every fuzz target for ten minutes, and each test labelled soak
	@scripts/setup test
	@$(step) "build release" tools/build release
	@$(step) "build asan" tools/build asan fuzzers
	@GOOP_FUZZ_SECONDS=600 tools/test build/release build/asan/fuzz -- -C soak -L '^(soak|fuzz)$$' --timeout 100000 $(if $(TESTS),-R '$(TESTS)')

check: ## format, layers, compiler traps, and clang-tidy on what changed
	@scripts/setup test
	@$(step) "format" tools/check_format
	@$(step) "layers" tools/check_layers
	@$(step) "traps" tools/check_traps
	@$(step) "build release" tools/build release
	@$(step) "clang-tidy" tools/check_tidy

asan: begin ## unit and simulation tests with AddressSanitizer and UBSan
	@scripts/setup test
	@$(step) "build asan" tools/build asan core_tests
	@tools/test build/asan/core $(filter)

tsan: begin ## the same with ThreadSanitizer
	@scripts/setup test
	@$(step) "build tsan" tools/build tsan core_tests
	@tools/test build/tsan/core $(filter)

coverage: ## which lines the unit and simulation tests reach
	@scripts/setup test
	@$(step) "build coverage" tools/build coverage core_tests
	@tools/coverage

interop: ## everything against js-, go- and rust-libp2p (rust builds slowly)
	@scripts/setup test
	@$(step) "build release" tools/build release
	@tools/interop

gcc: begin ## build all with GCC 12, the second compiler, and run its unit and simulation tests
	@scripts/setup test
	@$(step) "build gcc" tools/build gcc
	@tools/test build/gcc -- -L unit $(if $(TESTS),-R '$(TESTS)')

format: ## write the changed files the way clang-format wants them
	@scripts/setup test
	@tools/changed | xargs -r clang-format-19 -i

clean: ## remove what was built (installed tools and peers stay)
	@find build -mindepth 1 -maxdepth 1 ! -name tools -exec rm -rf {} + 2>/dev/null || true

begin:
	@mkdir -p build/logs && rm -f build/logs/steps
