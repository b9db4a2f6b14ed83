"""The automaton of each kind of state: plain, sequential, dependent on order."""
