"""Batch jobs: for one window, what each contribution must come to, from all accepted events.

They know nothing of steps. Something that is held is looked at millisecond by millisecond.
"""
