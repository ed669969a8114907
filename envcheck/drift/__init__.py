"""Comparing environments: what differs, what that breaks, what a policy says of it, and which state is the newer one.

All of it is pure. `differences` finds the keys on which snapshots do not agree, `effects` joins them with the findings
that only some of the environments have, `policy` judges them, `history` relates and merges states of one environment.
"""
