"""Benchmarks: what a call costs here, in other programs, and in a plain C loop."""
