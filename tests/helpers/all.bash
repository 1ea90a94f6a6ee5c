# Everything that a test, a demo or a measurement of a server needs, in the order in which it is used.
# The caller sets SCRATCH, a folder of its own, before it starts anything.

HELPERS=$(dirname "${BASH_SOURCE[0]}")
. "$HELPERS/../../docs/language/locale.bash"
. "$HELPERS/exit.bash"
. "$HELPERS/limits.bash"
. "$HELPERS/wait.bash"
. "$HELPERS/processes.bash"
. "$HELPERS/sockets.bash"
. "$HELPERS/../report/story.bash"
. "$HELPERS/../report/cause.bash"
. "$HELPERS/../report/unfit.bash"
. "$HELPERS/server.bash"
. "$HELPERS/clients.bash"
