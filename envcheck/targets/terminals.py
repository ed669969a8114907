"""A terminal for the output of a child that is passed on, so that it prints colours and progress as to a person.

The child's input and its controlling terminal stay the real ones: Ctrl-C, Ctrl-Z and passwords are between these two,
as without anything in between. What it prints comes out of this one unchanged, in the order in which it was printed.
"""

from __future__ import annotations

import os


def like(descriptor: int) -> tuple[int, int] | None:
    """Return both ends of a new terminal, ours and the child's, of the size of the one at a descriptor.

    None where there is none, or where no other can be had.
    """
    if not os.isatty(descriptor):
        return None
    try:
        import termios

        ours, its = os.openpty()
    except (ImportError, AttributeError, OSError):  # not on Windows; no more of them
        return None
    settings = termios.tcgetattr(its)
    settings[1] &= ~termios.OPOST  # the real terminal does what there is to do with the ends of lines
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(its, termios.TCSANOW, settings)
    resize(descriptor, ours)
    return ours, its


def resize(real: int, ours: int) -> None:
    """Give our terminal the size of the real one."""
    import fcntl
    import termios

    try:
        size = fcntl.ioctl(real, termios.TIOCGWINSZ, b"\0" * 8)
        fcntl.ioctl(ours, termios.TIOCSWINSZ, size)
    except OSError:
        pass  # without a size, programs assume 80 columns
