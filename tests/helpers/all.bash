# Everything that a test, a demo or a measurement of a server needs, in the order in which it is
# used. The caller sets SCRATCH, a folder of its own, before it starts anything.

REPOSITORY=${BASH_SOURCE[0]%/*}/../..
. "$REPOSITORY/docs/language/locale.bash"
. "$REPOSITORY/tests/helpers/exit.bash"
. "$REPOSITORY/tests/helpers/limits.bash"
. "$REPOSITORY/tests/helpers/wait.bash"
. "$REPOSITORY/tests/helpers/processes.bash"
. "$REPOSITORY/tests/helpers/sockets.bash"
. "$REPOSITORY/tests/report/story.bash"
. "$REPOSITORY/tests/report/cause.bash"
. "$REPOSITORY/tests/report/unfit.bash"
. "$REPOSITORY/tests/helpers/server.bash"
. "$REPOSITORY/tests/helpers/clients.bash"
