/* Of a submission that looks around, for classroom.bats: it is added to a server.c. CLASS and ROOT
 * become the folders of the class and of the repository. What it reaches says REACHED. */
__attribute__((constructor)) static void look_around(void)
{
    char path[99];
    for (int process = 2; process < 1000; process++) /* 1 is of its own sandbox */
        for (int fd = 0; process != getpid() && fd < 20; fd++) {
            snprintf(path, sizeof path, "/proc/%d/fd/%d", process, fd);
            FILE *file = fopen(path, "w");
            if (file) {
                fputs("ok 1 REACHED\n", file);
                fclose(file);
                puts("REACHED");
            }
        }
    system("exec 2>/dev/null; cat CLASS.secret;"
           "ls -d CLASS/right ROOT | grep . && echo REACHED;"
           "grep -sal [t]est_the /proc/[0-9]*/cmdline && echo REACHED;"
           "readlink /proc/$$/fd/1 | grep server.log && echo REACHED;"
           "echo >CLASS-grades/x && echo REACHED; echo LOOKED");
    exit(7);
}
