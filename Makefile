# The targets are listed by `make help`, from the ## comments beside them.
# CC, CFLAGS and LDFLAGS may be overridden, on the command line or in the environment.

STAGES = step1_single_shot step2_loop step3_close_detect step4_threads
FROM = $(CURDIR)# the folder that SERVER= is relative to; a stage's own Makefile passes its own
override SERVER := $(value SERVER)# as it was typed: a shell command may contain $1
export SERVER FROM TEST HINTS PAUSE PORT

.PHONY: all $(STAGES) help doctor demo states watch start test test-demos test-docs test-make test-broken broken docs clean lint \
  test-bench bench plot drift sanitize storm matrix

all: $(STAGES) ## builds the four stages

$(STAGES):
	@$(MAKE) -qs -C $@ || $(MAKE) --no-print-directory -C $@

help: ## lists what make can do here
	@sed -nE 's/^(# )?([A-Za-z0-9_ -]*):.*## (.*)/\2\t\3/p' Makefile | \
	  sed 's/$$(DEMOS)/$(DEMOS)/' | while IFS="$$(printf '\t')" read -r names text; do \
	    echo "make $$names" && echo "    $$text" | fmt -w 80; done

doctor: ## tells what is missing on this machine, and the command that installs it
	@tests/doctor.sh

# --- see it

demo: all ## the tour: every stage driven by nc, with ss beside it
	@docs/demos/tour.sh

DEMOS = addresses descriptors handshake recv-queue time-wait reuse-address reset close-wait backlog \
  threads c10k
.PHONY: $(DEMOS:%=demo-%)
# demo-NAME: ## one demo; NAME: $(DEMOS)
$(DEMOS:%=demo-%): demo-%: all
	@docs/demos/$*.sh

states: ## each socket of a port with its meaning: make states PORT=8882
	@docs/demos/states.sh "$(PORT)"

watch: ## the same live, one line a transition: make watch PORT=8882
	@docs/demos/watch.sh "$(PORT)"

diff-step2 diff-step3 diff-step4: diff-step%: ## what a stage changed: make diff-step3
	@diff -u --color=auto $(wildcard step$(shell expr $* - 1)_*/server.c) $(wildcard step$*_*/server.c) || test $$? = 1

start: ## a place to write your own: make start STEP=1
	@tests/start.sh "$(STEP)"

# --- test it

test: test-step1 test-step2 test-step3 test-step4 test-demos test-docs test-make test-broken test-bench ## runs all suites
	@echo "All suites passed."

test-step1 test-step2 test-step3 test-step4: test-step%: ## one stage's suite; SERVER=path grades yours, TEST=words picks tests, HINTS=0 hides hints
	@$(if $(SERVER),,$(MAKE) --no-print-directory -s -C $(wildcard step$*_*))
	@STEP=$* tests/run_suite.sh

test-demos: all
	@echo "The demos:"
	@bats --print-output-on-failure tests/demos.bats

test-docs: all
	@echo "The pages:"
	@bats --print-output-on-failure tests/docs.bats

test-make: all
	@echo "The Makefiles:"
	@bats --print-output-on-failure tests/make.bats

test-broken: all
	@echo "The broken servers:"
	@bats --print-output-on-failure tests/broken.bats

test-bench: all
	@$(MAKE) --no-print-directory -s -C tests/bench
	@echo "The benchmark:"
	@bats --print-output-on-failure tests/bench.bats

# --- measure it

bench: all ## the C10K story in figures, under three minutes; QUICK=1 is short, SERVER=path adds yours
	@$(MAKE) --no-print-directory -s -C tests/bench
	@tests/bench/bench.sh

plot: ## redraws the pictures of docs/c10k.md from tests/bench/results.tsv
	@tests/bench/plot.sh

# --- for maintainers

broken: all ## shows that the tests catch each of the broken servers
	@tests/broken/check.sh

lint: ## shellcheck on the scripts; clang-format, cppcheck and gcc -fanalyzer on the programs
	shellcheck -x .ci/run tests/*.sh tests/bench/*.sh tests/broken/*.sh tests/helpers/*.bash tests/*.bats docs/*.sh docs/demos/*.sh docs/demos/*.bash
	clang-format --dry-run --Werror $(STAGES:=/server.c) tests/start/server.c tests/bench/*.c
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	  $(STAGES:=/server.c) tests/bench/*.c
	for stage in $(STAGES); do gcc -std=c11 -O2 -Wall -Wextra -fanalyzer -Werror -pthread -o /dev/null $$stage/server.c || exit 1; done

drift: ## shows where the common parts of neighbouring stages differ
	@tests/drift.sh

sanitize: ## every suite on servers built with sanitizers, and valgrind; CC=clang too
	@tests/sanitize.sh

storm: all ## thousands of clients in random order against stages 3 and 4; SEED=, CLIENTS=
	@tests/storm.sh $(SEED) $(CLIENTS)

matrix: ## compilers, standards and Debian releases; ROOTS= folders made with debootstrap
	@tests/matrix.sh $(ROOTS)

docs: ## fills in the generated parts of the pages
	@docs/generate.sh
	@tests/broken/index.sh

clean: ## removes what was built
	@for folder in $(STAGES) tests/bench; do $(MAKE) --no-print-directory -C $$folder clean; done
