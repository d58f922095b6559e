"""Runs a command on a pseudo terminal. Standard input and output of this script are its keyboard and its screen.

The last line on standard error is a JSON object: how the command ended, and whether the terminal echoed what is typed
before it began and after it ended.
"""

import fcntl
import json
import os
import pty
import selectors
import struct
import sys
import termios


def echoes(fd):
    return bool(termios.tcgetattr(fd)[3] & termios.ECHO)


def main():
    # The other end stays open here, so that its settings can be read when the command has ended.
    master, slave = pty.openpty()
    # Wide, so that no question is broken into lines.
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
    before = echoes(slave)
    pid = os.fork()
    if pid == 0:
        os.close(master)
        os.login_tty(slave) if hasattr(os, "login_tty") else login(slave)
        os.execvp(sys.argv[1], sys.argv[1:])
    selector = selectors.DefaultSelector()
    selector.register(master, selectors.EVENT_READ, "screen")
    selector.register(0, selectors.EVENT_READ, "keyboard")
    status = None
    # What was written last may still be on its way through the kernel.
    while status is None or selector.select(0.3):
        for key, _ in selector.select(0.02):
            data = os.read(key.fd, 65536)
            if key.data == "screen":
                os.write(1, data)
            elif data:
                os.write(master, data)
            else:
                selector.unregister(0)
        if status is None:
            ended, code = os.waitpid(pid, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(code)
                if 0 in selector.get_map():
                    selector.unregister(0)
    result = {"exitCode": status, "echoBefore": before, "echoAfter": echoes(slave)}
    os.write(2, (json.dumps(result) + "\n").encode())


def login(slave):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    if slave > 2:
        os.close(slave)


main()
