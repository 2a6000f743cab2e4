"""What was seen again and again, and whether it grew."""

import statistics

# Less than that is no third.
SEEN_MIN = 6
# How far the middle of the last third may lie above the most of the first. One more file, or a megabyte that the
# allocator keeps, is chance; what leaks, leaks each time and gets past this.
SHARE_MAX = 1.02
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
        print("| | times | first third, most | last third, middle | |\n|---|---|---|---|---|")
        for name, numbers in self.seen.items():
            if len(numbers) < SEEN_MIN:
                continue
            third = len(numbers) // 3
            first, last = max(numbers[:third]), statistics.median(numbers[-third:])
            is_grown = last > first * SHARE_MAX + SLACK
            print(f"| {name} | {len(numbers)} | {first:.1f} | {last:.1f} | {'grew' if is_grown else 'flat'} |")
            grown += [name] * is_grown
        return grown
