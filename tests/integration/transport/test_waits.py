"""Files that are none (FIFOs, devices) do not block the start for ever."""

import os
import subprocess
import threading

import pytest

import gate as gates
import process
import taps

WAIT_S = 5  # src/base/file.c
SECRET = "s" * 40 + "\n"
PAGE = "<!DOCTYPE html>\n<p>hello</p>\n"


def options(path):
    """By name, what reads a file at the start, and what would be right."""
    return {
        "--config": (["--config", path], {}, "[session]\nlife = 1d\n"),
        "session.secret_file": ([], {"session.secret_file": path}, SECRET),
        "login.page": ([], {"login.page": path}, PAGE),
        "login.password_denied": ([], {"login.password_denied": path}, "secret\n"),
        "redis.url_file": ([], {"redis.url_file": path},
                           "redis://localhost\n"),
    }


NAMES = sorted(options(""))


@pytest.fixture
def fifo(place):
    path = os.path.join(place("w"), "fifo")
    os.mkfifo(path)
    return path


def check(stores, args, settings):
    if "redis.url_file" in settings:
        stores = {**stores, "redis.url_file": settings["redis.url_file"]}
        del stores["redis.url"]
    return gates.run(*args, "--check-config", settings={**stores, **settings})


def of_each(place, work):
    """work(name, a FIFO of its own) for each of NAMES, all at a time."""
    fifos = []
    for _ in NAMES:
        fifos.append(os.path.join(place("w"), "fifo"))
        os.mkfifo(fifos[-1])
    taps.together(len(NAMES), lambda n: work(NAMES[n], fifos[n]))


def test_a_fifo_that_nobody_writes_to_is_told(stores, place):
    def work(name, fifo):
        args, settings, _ = options(fifo)[name]
        came, took = gates.timed(check, stores, args, settings)
        assert came.returncode == 78, name
        assert fifo in came.stderr, name
        assert "timed out" in came.stderr.lower(), name
        assert WAIT_S - 0.5 < took < (WAIT_S + 3) * process.SLACK, name
    of_each(place, work)


@pytest.mark.plain_build
def test_a_fifo_whose_writer_never_ends_is_told(stores, place):
    def work(name, fifo):
        args, settings, text = options(fifo)[name]
        keep = os.open(fifo, os.O_RDWR)
        try:
            os.write(keep, text.encode())
            came = check(stores, args, settings)
        finally:
            os.close(keep)
        assert came.returncode == 78, name
        assert "timed out" in came.stderr.lower(), name
    of_each(place, work)


@pytest.mark.parametrize("name", NAMES)
def test_a_fifo_that_is_written_to_in_pieces_is_read(stores, fifo, name):
    """The same as `--config <(command)`."""
    args, settings, text = options(fifo)[name]

    def write():
        with open(fifo, "w", encoding="ascii", buffering=1) as file:
            for piece in text.partition("\n"):
                file.write(piece)
                file.flush()
                threading.Event().wait(0.2)
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    came = check(stores, args, settings)
    writer.join(5)
    if name == "redis.url_file":  # read; nobody listens there
        assert fifo not in came.stderr
    else:
        assert came.returncode == 0, came.stderr


def test_a_device_without_an_end_is_told(stores):
    came = gates.run("--config", "/dev/zero", "--check-config",
                     settings=stores)
    assert came.returncode == 78 and "/dev/zero" in came.stderr


def test_the_standard_input_can_be_the_configuration(stores):
    came = subprocess.run(
        [gates.binary(), "--config", "/dev/stdin", "--check-config"],
        env=gates.environment(stores), input="[session]\nlife = 1d\n",
        capture_output=True, text=True, timeout=20 * process.SLACK,
        check=False)
    assert came.returncode == 0, came.stderr
