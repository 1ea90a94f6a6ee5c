# The targets are listed by `make help`, from the ## comments beside them.
# CC, CFLAGS and LDFLAGS may be overridden, on the command line or in the environment.

STEPS = step1_single_shot step2_loop step3_close_detect step4_threads
FROM = $(CURDIR)# the folder that SERVER= is relative to; a step's own Makefile passes its own
override SERVER := $(value SERVER)# as it was typed: a shell command may contain $1
export SERVER FROM TEST HINTS PAUSE PORT

.PHONY: all $(STEPS) help doctor demo states watch start test broken docs clean lint bench plot \
  drift sanitize storm matrix bench-programs

all: $(STEPS) ## builds the four steps

$(STEPS):
	@$(MAKE) -qs --no-print-directory -C $@ || { tests/tools/doctor.sh cc && $(MAKE) --no-print-directory -C $@; }

help: ## lists what make can do here
	@sed -nE 's/^(# )?([A-Za-z0-9_ -]*):.*## (.*)/\2\t\3/p' Makefile | \
	  sed 's/$$(DEMOS)/$(DEMOS)/' | while IFS="$$(printf '\t')" read -r names text; do \
	    echo "make $$names" && echo "    $$text" | fmt -w 80; done

doctor: ## tells what is missing on this machine, and the command that installs it
	@tests/tools/doctor.sh

# --- see it

demo: all ## the tour: every step driven by nc, with ss beside it
	@docs/demos/tour.sh

DEMOS = addresses descriptors handshake recv-queue time-wait reuse-address reset close-wait backlog \
  threads c10k
.PHONY: $(DEMOS:%=demo-%)
# demo-NAME: ## one demo; NAME: $(DEMOS)
$(DEMOS:%=demo-%): demo-%: all
	@docs/demos/$*.sh

states: ## each socket of a port with its meaning: make states PORT=8882
	@docs/tools/states.sh "$(PORT)"

watch: ## the same live, one line a transition: make watch PORT=8882
	@docs/tools/watch.sh "$(PORT)"

diff-step2 diff-step3 diff-step4: diff-step%: ## what a step changed: make diff-step3
	@diff -u --color=$(if $(NO_COLOR),never,auto) $(wildcard step$(shell expr $* - 1)_*/server.c) $(wildcard step$*_*/server.c) || test $$? = 1

start: ## a place to write your own: make start STEP=1
	@tests/tools/start.sh "$(STEP)"

# --- test it

SUITES = step1 step2 step3 step4
REPOSITORY_SUITES = demos docs make environment broken bench # everything that is not a server
.PHONY: $(SUITES:%=test-%) $(REPOSITORY_SUITES:%=test-%)

test: $(SUITES:%=test-%) $(REPOSITORY_SUITES:%=test-%) ## runs all suites
	@echo "All suites passed."

test-step1 test-step2 test-step3 test-step4: test-step%: ## one step's suite; SERVER=path grades yours, TEST=words picks tests, HINTS=0 hides hints
	@$(if $(SERVER),,$(MAKE) --no-print-directory -s $(wildcard step$*_*))
	@STEP=$* tests/tools/run_suite.sh

$(REPOSITORY_SUITES:%=test-%): test-%: all bench-programs
	@echo "tests/repository/$*.bats:"
	@tests/tools/run_bats.sh --print-output-on-failure tests/repository/$*.bats

# --- measure it

bench-programs:
	@tests/tools/doctor.sh cc && $(MAKE) --no-print-directory -s -C tests/bench

bench: all bench-programs ## the C10K story in figures, under three minutes; QUICK=1 is short, SERVER=path adds yours
	@tests/bench/bench.sh

plot: ## redraws the pictures of docs/c10k.md from tests/bench/results.tsv
	@tests/bench/plot.sh

# --- for maintainers

broken: all ## shows that the tests catch each of the broken servers
	@tests/tools/broken.sh

SCRIPTS = .ci/run $(wildcard tests/*.bats tests/*/*.sh tests/*/*.bash tests/*/*.bats docs/*/*.sh docs/*/*.bash)

lint: ## shellcheck on the scripts; clang-format, cppcheck and gcc -fanalyzer on the programs
	@tests/tools/doctor.sh shellcheck clang-format cppcheck
	shellcheck -x $(SCRIPTS)
	clang-format --dry-run --Werror $(STEPS:=/server.c) tests/tools/skeleton.c tests/bench/*.[ch]
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	  $(STEPS:=/server.c) tests/bench/*.c
	for step in $(STEPS); do gcc -std=c11 -O2 -Wall -Wextra -fanalyzer -Werror -pthread -o /dev/null $$step/server.c || exit 1; done

drift: ## shows where the common parts of neighbouring steps differ
	@tests/tools/drift.sh

sanitize: ## every suite on servers built with sanitizers, and valgrind; CC=clang too
	@tests/tools/sanitize.sh

storm: all bench-programs ## thousands of clients in random order against steps 3 and 4; SEED=, CLIENTS=
	@tests/tools/storm.sh $(SEED) $(CLIENTS)

matrix: ## the two commands elsewhere; WHERE= compilers, logins, or folders made with debootstrap
	@tests/tools/matrix.sh $(WHERE)

docs: ## fills in the generated parts of the pages
	@docs/tools/generate.sh

clean: ## removes what was built
	@for folder in $(STEPS) tests/bench; do $(MAKE) --no-print-directory -C $$folder clean; done
