"""Attack every parser, or those named, with many inputs each: `make fuzz`."""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from harness import attack, targets


def one(name: str, count: int) -> tuple[str, float, str]:
    began = time.perf_counter()
    target = next(each for each in targets() if each.name == name)
    try:
        attack(target, count)
    except AssertionError as error:
        return name, time.perf_counter() - began, str(error)
    return name, time.perf_counter() - began, ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--inputs", type=int, default=20_000)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or [each.name for each in targets()]
    failed = 0
    # One process for each target: its memory is then its own.
    with ProcessPoolExecutor(max_tasks_per_child=1) as pool:
        for done in as_completed([pool.submit(one, name, options.inputs) for name in names]):
            name, seconds, problem = done.result()
            failed += bool(problem)
            print(f"{name}: {problem or f'{options.inputs} inputs'} ({seconds:.0f} s)", flush=True)  # noqa: T201
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
