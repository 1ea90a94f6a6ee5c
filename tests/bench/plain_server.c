/*
 * The plainest server with a thread per client: accept, pthread_create, recv, send, close, and
 * nothing else. Nothing is printed and hardly anything is checked: it is here only to tell what
 * these cost step 4. Not an example to follow.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve_client(void *argument)
{
    int client = (int)(intptr_t)argument;
    char buffer[16 * 1024];
    ssize_t received;
    while ((received = recv(client, buffer, sizeof buffer, 0)) > 0)
        send(client, buffer, (size_t)received, MSG_NOSIGNAL);
    close(client);
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: plain_server PORT [ADDRESS]\n");
        return 2;
    }
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((in_port_t)strtol(argv[1], NULL, 10));
    inet_pton(AF_INET, argc > 2 ? argv[2] : "0.0.0.0", &address.sin_addr);
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1 ||
        listen(listener, 128) == -1) {
        perror("plain_server");
        return EXIT_FAILURE;
    }
    for (;;) {
        pthread_t thread;
        int client = accept(listener, NULL, NULL);
        if (pthread_create(&thread, NULL, serve_client, (void *)(intptr_t)client) != 0)
            close(client);
        else
            pthread_detach(thread);
    }
}
