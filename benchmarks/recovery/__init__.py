"""How long workers are away: reading a million rows or entities back, handing partitions on, being killed."""
