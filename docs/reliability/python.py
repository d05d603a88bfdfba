#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
"""What Python's process pools do when things get difficult: the table of docs/reliability.md, row by row.

    python3 docs/reliability/python.py

Each case runs in a process of its own, which is given ten seconds. Linux.
"""
import concurrent.futures as cf
import ctypes
import multiprocessing as mp
import os
import select
import signal
import subprocess
import sys
import threading
import time

PATIENCE = 10
WORKERS = 2


def square(n):
    return n * n


def segfault(_=None):
    ctypes.string_at(0)


def leave(_=None):
    os._exit(3)


def unpicklable(_=None):
    return lambda: 1


def throw(_=None):
    raise LookupError("not there")


def crash_at_five(n):
    if n == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def own_pid(_=None):
    time.sleep(0.2)
    return os.getpid()


def bad_initializer():
    raise RuntimeError("the licence server is gone")


def spin(_=None):
    while True:
        pass


def sleep_long(_=None):
    time.sleep(300)


class Pool:
    """multiprocessing.Pool"""

    def __init__(self, **options):
        self.pool = mp.Pool(WORKERS, **options)

    def submit(self, f, *args):
        return self.pool.apply_async(f, args).get

    def map(self, f, items):
        return self.pool.map_async(f, items).get

    def pids(self):
        return [p.pid for p in self.pool._pool]


class Executor:
    """concurrent.futures.ProcessPoolExecutor"""

    def __init__(self, **options):
        self.pool = cf.ProcessPoolExecutor(WORKERS, **options)

    def submit(self, f, *args):
        return self.pool.submit(f, *args).result

    def map(self, f, items):
        futures = [self.pool.submit(f, i) for i in items]

        def get(timeout):
            cf.wait(futures, timeout)
            return "%d of %d values" % (
                sum(f.done() and f.exception() is None for f in futures), len(futures))
        return get

    def pids(self):
        self.submit(square, 1)(PATIENCE)
        return list(self.pool._processes)


def outcome(get, timeout=3):
    try:
        return "value %r" % (get(timeout),)
    except (mp.TimeoutError, cf.TimeoutError):
        return "nothing for %d s" % timeout
    except BaseException as e:
        return type(e).__name__


def and_after(pool, of):
    return "%s; the next call: %s" % (of, outcome(lambda t: pool.submit(square, 3)(t)))


def task_segfaults(kind):
    pool = kind()
    return and_after(pool, outcome(pool.submit(segfault)))


def task_exits(kind):
    pool = kind()
    return and_after(pool, outcome(pool.submit(leave)))


def killed_while_idle(kind):
    pool = kind()
    os.kill(pool.pids()[0], signal.SIGKILL)
    time.sleep(0.5)
    try:
        calls = [pool.submit(square, n) for n in range(20)]
    except BaseException as e:
        return "the next call: " + type(e).__name__
    return "%d of 20 calls have a value" % sum(outcome(c, 0.3).startswith("value") for c in calls)


def stopped_while_idle(kind):
    pool = kind()
    pids = pool.pids()
    os.kill(pids[0], signal.SIGSTOP)
    try:
        calls = [pool.submit(square, n) for n in range(20)]
        done = sum(outcome(c, 0.3).startswith("value") for c in calls)
        return "%d of 20 calls have a value" % done
    finally:
        os.kill(pids[0], signal.SIGCONT)


def result_cannot_be_sent(kind):
    pool = kind()
    return and_after(pool, outcome(pool.submit(unpicklable)))


def task_throws(kind):
    pool = kind()
    return and_after(pool, outcome(pool.submit(throw)))


def initializer_throws(kind):
    def attempt(_):
        return kind(initializer=bad_initializer).submit(square, 1)(3)
    return outcome(attempt)


def map_with_a_crash(kind):
    pool = kind()
    return outcome(pool.map(crash_at_five, range(20)))


def fork_with_threads(kind):
    """A thread holds a lock while workers are forked; the task wants the lock."""
    pool_lock.acquire()
    threading.Thread(target=lambda: time.sleep(PATIENCE), daemon=True).start()
    pool = kind()
    try:
        return outcome(pool.submit(take_lock))
    finally:
        pool_lock.release()


pool_lock = threading.Lock()


def take_lock(_=None):
    with pool_lock:
        return 1


def parent_killed(kind, task):
    """Run as a child that is killed; its workers are looked at by who started it."""
    pool = kind()
    pids = pool.pids()
    for _ in range(WORKERS):
        pool.submit(task)
    time.sleep(0.5)
    print(" ".join(map(str, pids)), flush=True)
    time.sleep(300)


def parent_killed_idle(kind):
    return parent_killed(kind, square)


def parent_killed_busy(kind):
    return parent_killed(kind, spin)


def interrupted(kind):
    """Ctrl-C while the main thread waits for a task."""
    pool = kind()
    get = pool.submit(sleep_long)
    threading.Timer(1, lambda: os.killpg(0, signal.SIGINT)).start()
    said = outcome(get, 5)

    def end():
        if isinstance(pool, Executor):
            pool.pool.shutdown()
        else:
            pool.pool.close()
            pool.pool.join()
    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ending.join(4)
    return "%s; ending the pool %s" % (said, "hangs" if ending.is_alive() else "works")


CASES = [task_segfaults, task_exits, killed_while_idle, stopped_while_idle, result_cannot_be_sent,
         task_throws, initializer_throws, map_with_a_crash, parent_killed_idle, parent_killed_busy, fork_with_threads,
         interrupted]
KINDS = {"Pool": Pool, "ProcessPoolExecutor": Executor}


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def run(case, kind):
    child = subprocess.Popen([sys.executable, __file__, case.__name__, kind], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    try:
        if case.__name__.startswith("parent_killed"):
            pids = [int(p) for p in child.stdout.readline().split()]
            child.kill()
            child.wait()
            time.sleep(2)
            left = [p for p in pids if alive(p)]
            return "%d of %d workers are left" % (len(left), len(pids))
        # Not until the end of the file: workers that are left have it open, too.
        if not select.select([child.stdout], [], [], PATIENCE)[0]:
            return "hangs"
        return child.stdout.readline().strip() or "ended with %s" % child.wait()
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def main():
    if len(sys.argv) == 3:
        print(globals()[sys.argv[1]](KINDS[sys.argv[2]]), flush=True)
        os._exit(0)
    print("Python %s, start method %s" % (sys.version.split()[0], mp.get_start_method()))
    for case in CASES:
        for kind in KINDS:
            print("%-24s %-20s %s" % (case.__name__, kind, run(case, kind)), flush=True)


if __name__ == "__main__":
    main()
