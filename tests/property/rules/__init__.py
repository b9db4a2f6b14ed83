"""Each rule of the model, with the smallest log that tells when it is broken, and with the code broken to see it told.

A check is run twice: as the code is, where it holds, and inside `broken`, where something stands in the code that
breaks the rule, and where the check must fail.
"""
