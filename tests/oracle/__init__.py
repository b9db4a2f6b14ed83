"""What entities must equal, in plain Python: sequential steps, and batch jobs that work window by window.

Shares no code with the core.
"""
