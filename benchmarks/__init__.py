"""Benchmarks: `make bench` prints every figure side by side, from one run on one broker."""
