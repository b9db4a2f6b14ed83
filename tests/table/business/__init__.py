"""A made-up year of a business, of which everything follows from a seed. Nothing here knows the product."""
