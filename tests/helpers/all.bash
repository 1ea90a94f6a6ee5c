# Everything that a test, a demo or a measurement of a server needs, in the order in which it is used.
# The caller sets SCRATCH, a folder of its own, before it starts anything.

HELPERS=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=docs/language/locale.bash
. "$HELPERS/../../docs/language/locale.bash"
# shellcheck source=tests/helpers/exit.bash
. "$HELPERS/exit.bash"
# shellcheck source=tests/helpers/limits.bash
. "$HELPERS/limits.bash"
# shellcheck source=tests/helpers/wait.bash
. "$HELPERS/wait.bash"
# shellcheck source=tests/helpers/processes.bash
. "$HELPERS/processes.bash"
# shellcheck source=tests/helpers/sockets.bash
. "$HELPERS/sockets.bash"
# shellcheck source=tests/report/story.bash
. "$HELPERS/../report/story.bash"
# shellcheck source=tests/report/cause.bash
. "$HELPERS/../report/cause.bash"
# shellcheck source=tests/report/unfit.bash
. "$HELPERS/../report/unfit.bash"
# shellcheck source=tests/helpers/server.bash
. "$HELPERS/server.bash"
# shellcheck source=tests/helpers/clients.bash
. "$HELPERS/clients.bash"
