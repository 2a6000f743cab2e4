"""What was seen again and again, and whether it grew."""

import statistics

# Less than that is no third.
SEEN_MIN = 6
# How much more the last third may show than the first. Memory comes in pages, and what an allocator keeps differs a
# little from one time to the next; what leaks does so each time.
SHARE_MAX = 1.05
SLACK = 1.0


class Findings:
    """Numbers by name, in the order in which they were seen."""

    def __init__(self):
        self.seen = {}

    def note(self, name, number):
        self.seen.setdefault(name, []).append(number)

    def tell(self):
        """Prints a table, and gives the names of what grew."""
        grown = []
        print("| | times | first third | last third | |\n|---|---|---|---|---|")
        for name, numbers in self.seen.items():
            if len(numbers) < SEEN_MIN:
                continue
            third = len(numbers) // 3
            # The very first ones find caches empty.
            warm = third // 4
            first, last = statistics.median(numbers[warm:third]), statistics.median(numbers[-third:])
            is_grown = last > first * SHARE_MAX + SLACK
            print(f"| {name} | {len(numbers)} | {first:.1f} | {last:.1f} | {'grew' if is_grown else 'flat'} |")
            grown += [name] * is_grown
        return grown
