/*
 * Step 1, yours: echoes one message of one client, then ends.
 *
 * It compiles and runs as it is, and its comments list the calls to write, in their order. Write one
 * after another, and look at what changes:
 *     make && ./server 8881          then: nc 127.0.0.1 8881, and ss -tanp 'sport = :8881'
 *     make test                      grades it
 * What each call does is in step1_single_shot/README.md.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 8881; /* can atoi() tell you about a word? */

    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is written at once, to a log file too */
    printf("I am to listen on port %d. Next: socket(), for a descriptor.\n", port);
    /* socket()  a descriptor                                    man 2 socket, man 7 ip
     * bind()    an address and the port, most significant byte first: htons()
     * listen()  from here on ss shows LISTEN                    man 2 listen
     * accept()  a descriptor for one client                     man 2 accept
     * recv()    bytes that have arrived                         man 2 recv
     * send()    as many bytes as recv() returned                man 2 send
     * close()   man 2 close. Check what every call returns; perror() says why one failed. */
    return EXIT_SUCCESS;
}
