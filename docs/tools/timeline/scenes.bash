# The scenes of `make timeline`: what the clients do. After each call of a client comes a moment of
# rest, so that what the server and the kernels make of it is over before the next one.
# Beside each stands what timeline.sh says of it, in both languages.

scene_talk() { # two messages, then the client leaves (the default) | 发两条消息，然后离开（默认）
  does anna connect
  does anna send "hello, world"
  does anna recv
  does anna send "again"
  does anna recv
  leaves anna
}

scene_leave-early() { # the client leaves before it is accepted: the server is stopped meanwhile | 在 accept() 之前就离开：其间服务端被暂停
  stops_server
  does anna connect
  leaves anna
  continues_server
}

scene_half-close() { # the client stops sending and reads on: shutdown(SHUT_WR) | 只关闭发送方向，继续读：shutdown(SHUT_WR)
  does anna connect
  does anna send "hello, world"
  does anna shutdown
  does anna recv
  does anna recv
  leaves anna
}

scene_reset() { # the client leaves with the reply unread: RST instead of FIN | 没读回复就离开：发出的是 RST 而不是 FIN
  does anna connect
  does anna send "hello, world"
  leaves anna
}

scene_two() { # a second client comes while the first is there | 第一个客户端还在时，来了第二个
  does anna connect
  does anna send "hello, world"
  does anna recv
  does ben connect
  does ben send "me too"
  leaves anna
  does ben recv
  leaves ben
}

scene_stay() { # the client outlives the server, which is ended unless it closes first by itself | 服务端先走：它不先关闭，就被结束
  does anna connect
  does anna send "hello, world"
  does anna recv
  ends_server
  does anna recv
  leaves anna
}

scene_silent() { # the client connects and says nothing | 连上以后什么也不发
  does anna connect
}

scene_flood() { # the client sends without end and reads nothing, then leaves: the window closes | 不停地发，一点也不读，然后离开：窗口关闭
  does anna connect
  does anna flood
  leaves anna
}
