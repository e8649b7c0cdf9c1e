"""Does to a command what `pipe` of a Spark RDD does: a process for each
partition, several at the same time; a thread writes a line for each element
while lines are read; a status that is not 0 ends all.  Prints the lines in
the order of the partitions.

    spark_pipe.py PARTITIONS LIST WORD...
"""

import concurrent.futures
import subprocess
import sys
import threading


def pipe(command, elements):
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def write():
        for element in elements:
            process.stdin.write(element + b"\n")
        process.stdin.close()

    writer = threading.Thread(target=write)
    writer.start()
    rows = [line.rstrip(b"\n") for line in process.stdout]
    writer.join()
    status = process.wait()
    if status != 0:
        raise SystemExit(f"pipe: {command[0]} ended with status {status}")
    return rows


def main():
    n = int(sys.argv[1])
    with open(sys.argv[2], "rb") as f:
        elements = f.read().splitlines()
    size = -(-len(elements) // n)
    parts = [elements[i * size : (i + 1) * size] for i in range(n)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda part: pipe(sys.argv[3:], part), parts):
            for row in rows:
                sys.stdout.buffer.write(row + b"\n")


main()
