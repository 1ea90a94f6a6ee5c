/*
 * io_uring: the kernel makes the calls. accept, recv and send become requests, which this program
 * puts into a ring; the kernel carries them out and puts the results into another ring.
 * Gains: one system call hands over many requests, and waits for their results.
 * Costs: a buffer for each client, busy or silent; and many systems switch io_uring off.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <unistd.h>

#include "address.h"

static const char default_port[] = "8889";
enum { REQUESTS = 1024 }; /* that are handed over together, at most */

/* One request is under way for each client, a recv or a send, and never two. Until its result is
 * there the buffer belongs to the kernel: nobody here may touch it. */
struct client {
    int socket;
    size_t sent, unsent; /* bytes of the buffer; none is unsent while a recv is under way */
    char buffer[BUFFER_SIZE];
};

struct server {
    struct io_uring ring;
    int listener;
    struct sockaddr_in address; /* where the kernel writes who has connected, */
    socklen_t length;           /* while the accept is under way */
};

/* Returns a request to be filled in. Its result comes with this client, or NULL for the listener. */
static struct io_uring_sqe *new_request(struct server *server, struct client *client)
{
    struct io_uring_sqe *request = io_uring_get_sqe(&server->ring);
    io_uring_sqe_set_data(request, client);
    return request;
}

static void request_accept(struct server *server)
{
    server->length = sizeof server->address;
    struct sockaddr *address = (struct sockaddr *)&server->address;
    io_uring_prep_accept(new_request(server, NULL), server->listener, address, &server->length, 0);
}

/* While something is unsent nothing is received: a client that never reads has its one buffer. */
static void request_recv_or_send(struct server *server, struct client *client)
{
    struct io_uring_sqe *request = new_request(server, client);
    char *rest = client->buffer + client->sent;
    if (client->unsent > 0)
        io_uring_prep_send(request, client->socket, rest, client->unsent, 0);
    else
        io_uring_prep_recv(request, client->socket, client->buffer, sizeof client->buffer, 0);
}

static void start_client(struct server *server, int socket)
{
    struct client *client = malloc(sizeof *client);
    printf("client %s:%d connected (fd %d)\n", inet_ntoa(server->address.sin_addr),
           ntohs(server->address.sin_port), socket);
    if (client == NULL) {
        perror("malloc");
        close(socket);
        return;
    }
    client->socket = socket;
    client->sent = client->unsent = 0;
    request_recv_or_send(server, client);
}

/* The accept has a result: a new socket, or why there is none. Then it is repeated after a second:
 * without a pause the loop would keep a core busy. To wait is a request, too; its result is ETIME. */
static void finish_accept(struct server *server, int result)
{
    static struct __kernel_timespec second = {.tv_sec = 1}; /* the kernel reads it later */
    if (result < 0 && result != -ETIME) {
        fprintf(stderr, "accept: %s\n", strerror(-result));
        io_uring_prep_timeout(new_request(server, NULL), &second, 0, 0);
        return;
    }
    if (result >= 0)
        start_client(server, result);
    request_accept(server);
}

/* A recv or a send has a result: what the call would return, but -errno in place of -1. */
static void finish_recv_or_send(struct server *server, struct client *client, int result)
{
    if (result <= 0) {
        printf("client gone (fd %d): %s\n", client->socket,
               result == 0 ? "closed" : "reset or lost");
        if (close(client->socket) == -1) /* nothing is under way: the FIN is sent now */
            perror("close");
        free(client);
        return;
    }
    if (client->unsent > 0) { /* it was a send; it may have taken only a part */
        client->sent += (size_t)result;
        client->unsent -= (size_t)result;
    } else {
        client->sent = 0;
        client->unsent = (size_t)result;
    }
    request_recv_or_send(server, client);
}

static void open_rings(struct io_uring *ring)
{
    int error = -io_uring_queue_init(REQUESTS, ring, 0);
    if (error == 0)
        return;
    fprintf(stderr, "io_uring_setup: %s%s\n", strerror(error),
            error == EPERM || error == ENOSYS ? " (io_uring is switched off on this system)" : "");
    exit(EXIT_FAILURE);
}

int main(int argc, char *argv[])
{
    static struct server server;
    open_rings(&server.ring);
    server.listener = start_listening(argc, argv, default_port);
    request_accept(&server);
    for (;;) {
        /* Hands over all requests so far, and sleeps until there is a result. */
        int submitted = io_uring_submit_and_wait(&server.ring, 1);
        if (submitted < 0 && submitted != -EINTR) { /* EINTR: it was stopped and continued */
            errno = -submitted;
            die("io_uring_enter");
        }
        /* Each result leads to two new requests at most, so there will be room for all of them. */
        struct io_uring_cqe *results[REQUESTS];
        unsigned room = io_uring_sq_space_left(&server.ring) / 2;
        unsigned count = io_uring_peek_batch_cqe(&server.ring, results, room);
        for (unsigned i = 0; i < count; i++) {
            struct client *client = io_uring_cqe_get_data(results[i]);
            if (client == NULL)
                finish_accept(&server, results[i]->res);
            else
                finish_recv_or_send(&server, client, results[i]->res);
        }
        io_uring_cq_advance(&server.ring, count); /* the kernel may use their places again */
    }
}
