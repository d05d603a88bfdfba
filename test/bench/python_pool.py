#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
"""What Python's pool takes for the same work. Prints seconds.

  python_pool.py apply_async CALLS WORKERS
  python_pool.py apply CALLS
  python_pool.py map ITEMS WORKERS
  python_pool.py array BYTES CALLS
  python_pool.py life WORKERS
"""
import array
import multiprocessing
import sys
import time


def add(a, b):
    return a + b


def next_number(n):
    return n + 1


def same(value):
    return value


def apply_async(calls, workers):
    with multiprocessing.Pool(workers) as pool:
        pool.apply(add, (1, 2))
        start = time.perf_counter()
        results = [pool.apply_async(add, (i, i)) for i in range(calls)]
        total = sum(result.get() for result in results)
        seconds = time.perf_counter() - start
    assert total == calls * (calls - 1)
    return seconds


def apply(calls):
    times = []
    with multiprocessing.Pool(1) as pool:
        pool.apply(add, (1, 2))
        for _ in range(calls):
            start = time.perf_counter()
            result = pool.apply(add, (1, 2))
            times.append(time.perf_counter() - start)
            assert result == 3
    return sorted(times)[calls // 2]


def map_numbers(items, workers):
    numbers = list(range(items))
    with multiprocessing.Pool(workers) as pool:
        pool.apply(next_number, (1,))
        start = time.perf_counter()
        results = pool.map(next_number, numbers)
        seconds = time.perf_counter() - start
    assert len(results) == items and results[-1] == items
    return seconds


def send_array(size, calls):
    numbers = array.array('d', bytes(size))
    with multiprocessing.Pool(1) as pool:
        pool.apply(same, (numbers,))
        start = time.perf_counter()
        for _ in range(calls):
            back = pool.apply(same, (numbers,))
        seconds = time.perf_counter() - start
    assert back == numbers
    return seconds / calls


def life(workers):
    start = time.perf_counter()
    pool = multiprocessing.Pool(workers)
    total = pool.apply(add, (1, 2))
    pool.terminate()
    pool.join()
    seconds = time.perf_counter() - start
    assert total == 3
    return seconds


if __name__ == '__main__':
    multiprocessing.set_start_method('fork')
    work = {'apply_async': apply_async, 'apply': apply, 'map': map_numbers, 'array': send_array, 'life': life}
    print(work[sys.argv[1]](*map(int, sys.argv[2:])))
