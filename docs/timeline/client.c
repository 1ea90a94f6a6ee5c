/*
 * The client of `make timeline`: does what it is told, one call for each line of its input:
 *     connect   send TEXT   flood   recv   shutdown   close
 * flood is one send() of more than all buffers on the way hold. Arguments: the server's address and
 * port.
 * Says on standard output that it is ready, and which word it has read, so that whoever tells it
 * knows whether it is in a call. What a call returned is for strace to show.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 64 * 1024 };   /* bytes that one recv() takes at most */
enum { FLOOD = 256 * 1024 }; /* bytes */

/* Makes the call that the word names; connection is its socket, or -1 when it has none. */
static void obey(const char *word, const char *text, const struct sockaddr_in *server,
                 int *connection)
{
    static char buffer[FLOOD];

    if (strcmp(word, "connect") == 0) {
        *connection = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(*connection, (const struct sockaddr *)server, sizeof *server) == -1) {
            perror("connect");
            close(*connection);
            *connection = -1;
        }
    } else if (*connection == -1) {
        return; /* nobody to talk to */
    } else if (strcmp(word, "send") == 0) {
        if (send(*connection, text, strlen(text), 0) == -1)
            perror("send");
    } else if (strcmp(word, "flood") == 0) {
        if (send(*connection, buffer, sizeof buffer, 0) == -1)
            perror("send");
    } else if (strcmp(word, "recv") == 0) {
        if (recv(*connection, buffer, ROOM, 0) == -1)
            perror("recv");
    } else if (strcmp(word, "shutdown") == 0) {
        if (shutdown(*connection, SHUT_WR) == -1)
            perror("shutdown");
    } else if (strcmp(word, "close") == 0) {
        if (close(*connection) == -1)
            perror("close");
    } else {
        fprintf(stderr, "client: no such word: '%s'\n", word);
        exit(2);
    }
}

int main(int argc, char *argv[])
{
    char line[256];
    int connection = -1;
    struct sockaddr_in server = {.sin_family = AF_INET};

    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((in_port_t)strtol(argv[2], NULL, 10));
    signal(SIGPIPE, SIG_IGN); /* so that a send() that comes too late returns EPIPE, and is seen */
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *text = line + strcspn(line, " ");
        if (*text != '\0')
            *text++ = '\0';
        puts(line);
        obey(line, text, &server, &connection);
        puts("ready");
    }
    return EXIT_SUCCESS;
}
