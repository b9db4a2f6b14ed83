"""What a KPI is, in words: generated from its declaration and from all that it is made of."""
