# The scenes of `make timeline`: what the clients do. After each call of a client comes a moment of
# rest, so that the server and the kernels have reacted to it before the next one.
# The two lines above each scene are its description in timeline.sh, in English and in Chinese.

# talk: two messages, then the client leaves (the default)
# talk: 发两条消息，然后离开（默认）
scene_talk() {
  does anna connect
  does anna send "hello, world"
  does anna recv
  does anna send "again"
  does anna recv
  leaves anna
}

# leave-early: the client comes and leaves while the server is stopped
# leave-early: 服务端被暂停时，客户端来了又走
scene_leave-early() {
  stops_server
  does anna connect
  leaves anna
  continues_server
}

# half-close: the client stops sending, shutdown(SHUT_WR), and reads on
# half-close: 只关闭发送方向，shutdown(SHUT_WR)，继续接收
scene_half-close() {
  does anna connect
  does anna send "hello, world"
  does anna shutdown
  does anna recv
  does anna recv
  leaves anna
}

# reset: the client leaves with the reply unread, so RST is sent instead of FIN
# reset: 没读回复就离开：发出的是 RST 而不是 FIN
scene_reset() {
  does anna connect
  does anna send "hello, world"
  leaves anna
}

# two: a second client comes while the first is there
# two: 第一个客户端还在时，来了第二个
scene_two() {
  does anna connect
  does anna send "hello, world"
  does anna recv
  does ben connect
  does ben send "me too"
  leaves anna
  does ben recv
  leaves ben
}

# stay: the client waits until the server closes, which is ended if it does not
# stay: 客户端一直等到服务端先关闭；自己不关闭的服务端会被结束
scene_stay() {
  does anna connect
  does anna send "hello, world"
  does anna recv
  ends_server
  does anna recv
  leaves anna
}

# silent: the client connects and sends nothing
# silent: 连上以后什么也不发
scene_silent() {
  does anna connect
}

# flood: the client sends on and on and reads nothing: the windows close
# flood: 不停地发送，什么也不接收：窗口关闭
scene_flood() {
  does anna connect
  does anna flood
  leaves anna
}
