# `make help` lists the targets, from the ## comments beside them (docs/look/help.sh).
# CC, CFLAGS and LDFLAGS may be overridden, on the command line or in the environment.

STEPS = $(patsubst %/server.c,%,$(wildcard step?_*/server.c))# a student's copy lacks some (make handout)
FROM = $(CURDIR)# the folder that SERVER= is relative to; a step's own Makefile passes its own
override SERVER := $(value SERVER)# as it was typed: a shell command may contain $1
export SERVER FROM TEST HINTS FIRST PAUSE

.PHONY: all $(STEPS) start lesson practice puzzle answer demo timeline play states watch puzzle-key grade handout \
  bench plot test doctor help docs clean programs

# --- build the steps

all: $(STEPS) ## builds the four steps

$(STEPS):
	@$(MAKE) -qs --no-print-directory -C $@ || { docs/look/doctor.sh cc && $(MAKE) --no-print-directory -C $@; }

start: ## a place to write your own: make start STEP=1
	@docs/class/start.sh "$(STEP)"

lesson: ## the lesson of a step in the terminal, its pieces folded: STEP=2; OPEN=3 or OPEN="the loop" shows one
	@docs/look/lesson.sh "$(STEP)" "$(OPEN)"

practice: ## builds and tests mine/stepN whenever you save server.c: STEP=3; TEST=words
	@docs/class/practice.sh "$(STEP)" '$(TEST)'

test-step1 test-step2 test-step3 test-step4: test-step%: ## one step's suite; SERVER=path grades yours, TEST=words picks tests, FIRST=1 stops at the first failure, HINTS=0 hides hints
	@$(if $(SERVER),,$(MAKE) --no-print-directory -s $(filter step$*_%,$(STEPS)))
	@$(if $(SERVER),,docs/class/written.sh $* &&) STEP=$* tests/report/run_suite.sh

test-framing test-clean-stop: test-%: ## your answer to an exercise of docs/beyond.md: SERVER=path; TEST=words picks tests
	@[ "$$SERVER" ] || { bash -c '. docs/language/locale.bash; tell "Which server? Say SERVER=path."' >&2; exit 2; }
	@STEP=4 tests/report/run_bats.sh tests/$*.bats

diff-step2 diff-step3 diff-step4: diff-step%: ## what a step changed: make diff-step3; SHORT=1 leaves out the head of the file
	@docs/class/written.sh $* && docs/look/diff.sh "$*" "$(SHORT)"

puzzle: ## a broken server; find its mistake from outside: STEP=, SEED=
	@exec docs/class/puzzle.sh "$(STEP)" "$(SEED)"

answer: ## says whether you have found it; HINT=1 gives a hint
	@HINT="$(HINT)" docs/class/answer.sh

# --- see what happens

demo: all ## the tour: every step driven by nc, with ss beside it
	@docs/demos/tour.sh

DEMOS = addresses ipv6 descriptors handshake recv-queue time-wait reuse-address reset close-wait backlog \
  threads c10k every-state unplugged half-close framing nagle flow-control syn-queue linger clean-stop \
  timeouts buffers inherit reuse-port ports
.PHONY: $(DEMOS:%=demo-%)
# demo-NAME: ## one demo; NAME: $(DEMOS)
$(DEMOS:%=demo-%): demo-%: all
	@docs/demos/$*.sh

timeline: all ## the calls, packets and states of one conversation at both ends, on one time line: STEP=3; SERVER=path records yours; SCENE=name chooses what happens, SCENE=help lists the names; AGAINST=3 shows where yours first differs from step 3; FORMAT=text, mermaid or tsv; KEEP=folder keeps what was recorded
	@$(MAKE) --no-print-directory -s -C docs/timeline
	@docs/timeline/timeline.sh

play: all ## the same as a page that steps through it in any browser: STEP=, SERVER= and SCENE= as for make timeline
	@$(MAKE) --no-print-directory -s -C docs/timeline
	@docs/timeline/play.sh

states: ## each socket of a port with its meaning: make states PORT=8882
	@docs/look/states.sh "$(PORT)"

watch: ## the same live, each transition and what it means: make watch PORT=8882
	@docs/look/watch.sh "$(PORT)"

# --- teach

handout: ## a copy for students, without the steps from STEP=3 on, in TO=folder
	@exec docs/class/handout.sh "$(STEP)" "$(TO)"

grade: ## grades every folder of DIR=submissions, or a ZIP of Moodle or Canvas: STEP=3, JOBS=2, LIMIT=300 seconds each; SOURCE=c looks at server.c alone, AGAIN=1 starts anew
	@SOURCE="$(SOURCE)" AGAIN="$(AGAIN)" exec docs/class/grade.sh "$(DIR)" "$(STEP)" "$(JOBS)" "$(LIMIT)"

puzzle-key: ## a seed for each puzzle, with its key; STEP=
	@docs/class/puzzle_key.sh "$(STEP)"

# --- measure what a thread per client costs

bench: all programs ## the C10K story in figures, under six minutes; QUICK=1 is short, SERVER=path adds yours
	@docs/models/bench/bench.sh

plot: ## redraws the pictures of docs/c10k.md from docs/models/bench/results.tsv
	@command -v gnuplot >/dev/null || { \
	  echo "gnuplot is missing: apt-get install gnuplot-nox" >&2; exit 1; }
	@gnuplot docs/models/bench/plot.gp

programs:
	@docs/look/doctor.sh cc && for folder in $(wildcard docs/models docs/models/bench docs/timeline); do \
	  $(MAKE) --no-print-directory -s -C $$folder || exit 1; done

# --- check that all of it works here

# What a user relies on. The other suites of tests/repository, and the tests tagged `workshop`, are run by
# make -C .ci test. What takes long comes first.
SUITES = $(filter $(HERE),docs machines player timeline step4 demos step3 step2 step1 make)
HERE = $(patsubst tests/repository/%.bats,%,$(wildcard tests/repository/*.bats)) \
  $(foreach step,$(STEPS),$(firstword $(subst _, ,$(step))))

test: all programs ## the four suites, every demo, the timeline, the pages and the commands, in a minute or two
	@$(MAKE) --no-print-directory -j4 --output-sync=target WORKSHOP=0 $(SUITES:%=test-%)
	@bash -c '. docs/language/locale.bash && tell "All suites passed."'

REPOSITORY_SUITES = $(patsubst tests/repository/%.bats,test-%,$(wildcard tests/repository/*.bats))
.PHONY: $(REPOSITORY_SUITES) test-step1 test-step2 test-step3 test-step4 test-framing test-clean-stop
$(REPOSITORY_SUITES): test-%: all programs
	@echo "tests/repository/$*.bats:"
	@SPOKEN=en tests/report/run_bats.sh --print-output-on-failure $(if $(filter 0,$(WORKSHOP)),--filter-tags '!workshop') \
	  tests/repository/$*.bats

doctor: ## what is missing on this machine, and the command that installs it
	@docs/look/doctor.sh

docs: all programs ## fills in the generated parts of the pages
	@docs/pages/generate.sh

clean: ## removes what was built
	@for folder in $(STEPS) $(wildcard docs/models docs/models/bench) docs/timeline; do $(MAKE) --no-print-directory -C $$folder clean; done

help: ## lists what make can do here
	@docs/look/help.sh "$(DEMOS)"
