# Python as the tests start it: it asks the fork server for a process, and stays in front of that process.
# Builtin modules only, because every process of the CLI's tests starts with this.
import _signal  # type: ignore[import-not-found]  # `signal` takes five times as long
import _socket
import posix
import sys

REAL = "REAL"
SOCKET = "SOCKET"
MODULES = ("pulumi.dynamic", "tuning_sandbox")
SCRIPTS = ("/gcp-tuning", "language_host.py", "pulumi-language-python-exec")
SIGNALS = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGQUIT)
KNOWN = (b"PYTHONPATH", b"PYTHONUNBUFFERED", b"PYTHONDONTWRITEBYTECODE")


def is_warm(arguments: list[str]) -> bool:
    """Whether these are the arguments of a provider, a program, a language host, a sandbox or gcp-tuning, without a terminal."""
    if len(arguments) < 3 or arguments[0] != "-u" or posix.environ.get(b"TEST_REAL_START"):
        return False
    named = arguments[2] in MODULES if arguments[1] == "-m" else arguments[1].endswith(SCRIPTS)
    if not named:
        return False
    if any(name.startswith(b"PYTHON") and name not in KNOWN for name in posix.environ):
        return False
    try:
        posix.close(posix.open("/dev/tty", posix.O_RDONLY | posix.O_NOCTTY))
    except OSError:
        return True
    return False


def ask(command: list[str]) -> "_socket.socket | None":
    """A connection to the process that now runs; None if there is no fork server."""
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        server.connect(SOCKET)
    except OSError:
        return None
    mask = posix.umask(0)
    posix.umask(mask)
    ignored = "".join(chr(each) for each in _signal.valid_signals() if _signal.getsignal(each) == _signal.SIG_IGN)
    blocked = "".join(chr(each) for each in _signal.pthread_sigmask(_signal.SIG_BLOCK, ()))
    given = [ignored, blocked, str(posix.getppid()), str(mask), posix.getcwd(), str(len(command)), *command]
    parts = [each.encode("utf-8", "surrogateescape") for each in given]
    data = b"\0".join(parts + [name + b"=" + value for name, value in posix.environ.items()])
    data = len(data).to_bytes(4, "big") + data
    streams = b"".join(each.to_bytes(4, sys.byteorder) for each in range(3))
    sent = server.sendmsg([data], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    server.sendall(data[sent:])
    return server


def follow(server: "_socket.socket") -> None:
    """Hand signals on until the process has ended, then end as it did."""

    def hand_on(number: int, _: object) -> None:
        try:
            server.send(bytes([number]))
        except OSError:
            return  # it has ended: how, is there to be read

    for number in SIGNALS:
        if _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, hand_on)
    said = server.recv(2)
    code = int.from_bytes(said, "big", signed=True) if len(said) == 2 else 1
    if code < 0:
        if -code not in (_signal.SIGKILL, _signal.SIGSTOP):
            _signal.signal(-code, _signal.SIG_DFL)
        posix.kill(posix.getpid(), -code)
    posix._exit(code)


server = ask(sys.argv) if is_warm(sys.argv[1:]) else None
if server is None:
    posix.execv(REAL, [REAL, *sys.argv[1:]])
else:
    follow(server)
