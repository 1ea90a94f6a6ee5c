/*
 * 第 1 步，由你来写：回显一个客户端的一条消息，然后结束。
 *
 * 现在就能编译运行；注释里按顺序列出了要写的调用。一个一个地写，每写一个就看看有什么变化：
 *     make && ./server 8881          然后：nc 127.0.0.1 8881，以及 ss -tanp 'sport = :8881'
 *     make test                      评分
 * 每个调用做什么，见 step1_single_shot/README.zh-CN.md。
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
    int port = argc > 1 ? atoi(argv[1]) : 8881; /* 参数不是数字时，atoi() 能告诉你吗？ */

    setvbuf(stdout, NULL, _IOLBF, 0); /* 每一行立即写出，写到日志文件时也一样 */
    printf("要监听端口 %d。下一步：socket()，得到一个描述符。\n", port);
    /* socket()  得到一个描述符                                  man 2 socket, man 7 ip
     * bind()    绑定地址和端口，高位字节在前：htons()
     * listen()  从这里起，ss 显示 LISTEN                        man 2 listen
     * accept()  得到一个客户端的描述符                          man 2 accept
     * recv()    取到已经到达的字节                              man 2 recv
     * send()    recv() 返回多少字节，就发多少                   man 2 send
     * close()   man 2 close。每个调用都要检查返回值；perror() 打印失败的原因。 */
    return EXIT_SUCCESS;
}
